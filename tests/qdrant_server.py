"""`python -m tests.qdrant_server --port N --api-key K`: a stand-in for a Qdrant server, on loopback, in memory.

It is NOT Qdrant: no server can be had from a package registry, so this speaks the part of Qdrant's REST interface that
`rag/adapters/qdrant.py` uses, over qdrant-client's local mode. What it cannot show: durability (it forgets
all when it ends), speed, and a reader that meets a change half-way (here each request is one step under a lock).
Where `INDEX_URL` names a real server, use that. Paths: https://api.qdrant.tech/api-reference
"""

import argparse
import hmac
import json
import re
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from threading import Lock
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from qdrant_client import QdrantClient, models

Body = dict[str, Any]

_HOST = "127.0.0.1"
_OPEN = ("/healthz", "/livez", "/readyz")


class Engine:
    """Qdrant's local mode, one request at a time, since it is not made for threads."""

    def __init__(self) -> None:
        self._client = QdrantClient(":memory:")
        self._lock = Lock()
        self._indexed: dict[str, dict[str, Any]] = {}
        points, base = "/collections/([^/]+)/points", "/collections/([^/]+)"
        self._routes: dict[tuple[str, str], Callable[[str, Body], Any]] = {
            ("GET", f"{base}/exists"): lambda name, _: {"exists": self._client.collection_exists(name)},
            ("GET", "/(collections)"): lambda *_: self._client.get_collections(),
            ("GET", "/(aliases)"): lambda *_: self._client.get_aliases(),
            ("POST", "/collections/(aliases)"): self._alias,
            ("GET", base): self._describe,
            ("PUT", base): self._create,
            ("DELETE", base): lambda name, _: self._client.delete_collection(name),
            ("PUT", f"{base}/index"): self._index,
            ("POST", f"{base}/facet"): self._facet,
            ("PUT", points): self._upsert,
            ("POST", points): self._retrieve,
            ("POST", f"{points}/batch"): self._batch,
            ("POST", f"{points}/scroll"): self._scroll,
            ("POST", f"{points}/count"): self._count,
            ("POST", f"{points}/query"): lambda name, body: self._queries(name, {"searches": [body]})[0],
            ("POST", f"{points}/query/batch"): self._queries,
            ("POST", f"{points}/delete"): lambda name, body: self._batch(name, _operation("delete", body))[0],
            ("POST", f"{points}/payload"): lambda name, body: self._batch(
                name, _operation("set_payload", body)
            )[0],
            ("PUT", f"{points}/payload"): lambda name, body: self._batch(
                name, _operation("overwrite_payload", body)
            )[0],
        }

    def answer(self, method: str, path: str, body: Body) -> tuple[int, Any]:
        """The HTTP status and the result, or the reason of a refusal."""
        for (wanted, pattern), route in self._routes.items():
            found = re.fullmatch(pattern, path)
            if found and wanted == method:
                return self._do(route, found[1], body)
        return 404, f"the stand-in does not know {method} {path}"

    def _do(self, route: Callable[[str, Body], Any], collection: str, body: Body) -> tuple[int, Any]:
        try:
            with self._lock:
                return 200, to_jsonable_python(route(collection, body))
        except ValidationError as error:
            return 400, f"the request is malformed: {error.error_count()} faults"
        except ValueError as error:
            refused = str(error)
            return (404 if "not found" in refused else 409 if "already exists" in refused else 400), refused

    def _describe(self, name: str, _: Body) -> Any:
        described = self._client.get_collection(name)
        return to_jsonable_python(described) | {"payload_schema": self._indexed.get(name, {})}

    def _create(self, name: str, body: Body) -> bool:
        wanted = models.CreateCollection.model_validate(body)
        return self._client.create_collection(
            name,
            vectors_config=wanted.vectors,
            sparse_vectors_config=wanted.sparse_vectors,
            metadata=wanted.metadata,
        )

    def _alias(self, _: str, body: Body) -> bool:
        wanted = models.ChangeAliasesOperation.model_validate(body)
        return self._client.update_collection_aliases(wanted.actions)

    def _index(self, name: str, body: Body) -> models.UpdateResult:
        schema = body["field_schema"]
        kind = schema["type"] if isinstance(schema, dict) else schema
        self._indexed.setdefault(name, {})[body["field_name"]] = {"data_type": kind, "points": 0}
        return models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)

    def _upsert(self, name: str, body: Body) -> models.UpdateResult:
        wanted = models.PointsList.model_validate(body)
        return self._client.upsert(name, wanted.points)

    def _batch(self, name: str, body: Body) -> list[models.UpdateResult]:
        wanted = models.UpdateOperations.model_validate(body)
        return self._client.batch_update_points(name, wanted.operations)

    def _retrieve(self, name: str, body: Body) -> list[models.Record]:
        wanted = models.PointRequest.model_validate(body)
        payload = True if wanted.with_payload is None else wanted.with_payload
        return self._client.retrieve(
            name, wanted.ids, with_payload=payload, with_vectors=wanted.with_vector or False
        )

    def _scroll(self, name: str, body: Body) -> models.ScrollResult:
        wanted = models.ScrollRequest.model_validate(body)
        records, offset = self._client.scroll(
            name,
            scroll_filter=wanted.filter,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=True if wanted.with_payload is None else wanted.with_payload,
            with_vectors=wanted.with_vector or False,
        )
        return models.ScrollResult(points=records, next_page_offset=offset)

    def _count(self, name: str, body: Body) -> models.CountResult:
        return self._client.count(name, count_filter=models.CountRequest.model_validate(body).filter)

    def _queries(self, name: str, body: Body) -> list[models.QueryResponse]:
        wanted = models.QueryRequestBatch.model_validate(body)
        return self._client.query_batch_points(name, wanted.searches)

    def _facet(self, name: str, body: Body) -> models.FacetResponse:
        wanted = models.FacetRequest.model_validate(body)
        return self._client.facet(
            name, wanted.key, facet_filter=wanted.filter, limit=wanted.limit or 10, exact=True
        )


def _operation(kind: str, body: Body) -> Body:
    return {"operations": [{kind: body}]}


def handler(engine: Engine, api_key: str) -> type[BaseHTTPRequestHandler]:
    """What answers requests over `engine`, for those who know the key."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body in one piece
        timeout = 120

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            if path == "/":
                return self._send(
                    200, {"title": "a stand-in for Qdrant", "version": version("qdrant-client")}
                )
            if path in _OPEN:
                return self._reply(200, "all shards are ready")
            if not hmac.compare_digest(self.headers.get("api-key", ""), api_key):
                return self._reply(401, "Must provide an API key")
            return self._reply(*engine.answer(self.command, path, json.loads(body or b"{}")))

        do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - http.server's names

        def _reply(self, status: int, result: Any) -> None:
            ok = status == 200
            told = "ok" if ok else {"error": result}
            self._send(status, {"result": result if ok else None, "status": told, "time": 0.0})

        def _send(self, status: int, reply: Body) -> None:
            content = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    return Handler


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.qdrant_server", description=__doc__)
    parser.add_argument("--port", type=int, default=6333)
    parser.add_argument("--api-key", default="")
    arguments = parser.parse_args()
    with ThreadingHTTPServer((_HOST, arguments.port), handler(Engine(), arguments.api_key)) as server:
        server.daemon_threads = True
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
