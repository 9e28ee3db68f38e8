"""The server's index when the server does not do its part."""

import inspect
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from qdrant_client.common import client_exceptions
from qdrant_client.http import exceptions
from qdrant_client.models import UpdateResult, UpdateStatus

from rag.adapters.payload import LAYOUT
from rag.adapters.qdrant import QdrantIndex
from rag.adapters.qdrant_collection import server_errors
from rag.adapters.qdrant_operations import check
from rag.domain import Audience
from rag.errors import ConfigError, EmbeddingMismatch, FootnoteError, IndexUnavailable
from tests.contracts.fakes import WordEmbedder

EMBEDDER = WordEmbedder()
IDENTITY = {"embedder": "words", "dimensions": 64, "layout": LAYOUT, "chunking": 0, "model": ""}


class Server(ThreadingHTTPServer):
    """As much of Qdrant's REST interface as opening takes; then whatever status the test sets. Records requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.daemon_threads = False
        self.status = 200
        self.headers: dict[str, str] = {}
        self.exists = False
        self.metadata: dict[str, Any] = IDENTITY
        self.requests: list[tuple[str, str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def result(self, method: str, path: str) -> object:
        if path.endswith("/exists"):
            return {"exists": self.exists}
        if method == "GET":
            return _DESCRIBED | {"config": _DESCRIBED["config"] | {"metadata": self.metadata}}
        return True if path.count("/") == 2 else {"operation_id": 1, "status": "completed"}


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        server.requests.append((self.command, path, json.loads(body or "null")))
        reply = {"result": server.result(self.command, path), "status": "ok", "time": 0.0}
        content = json.dumps(
            reply if server.status == 200 else {"status": {"error": "a secret text"}}
        ).encode()
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        """Says nothing: requests are recorded."""


_DESCRIBED: dict[str, Any] = {
    "status": "green",
    "optimizer_status": "ok",
    "segments_count": 1,
    "config": {
        "params": {},
        "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
        "optimizer_config": {
            "deleted_threshold": 0.2,
            "vacuum_min_vector_number": 1000,
            "default_segment_number": 0,
            "flush_interval_sec": 5,
        },
    },
    "payload_schema": {},
}


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def connect(server: Server, timeout_seconds: float = 5) -> QdrantIndex:
    return QdrantIndex.connect(
        server.url, api_key=None, collection="test", embedder=EMBEDDER, timeout_seconds=timeout_seconds
    )


def test_a_new_collection_gets_vectors_identity_and_payload_indexes(server: Server) -> None:
    connect(server).close()
    created = {path: body for method, path, body in server.requests if method == "PUT"}
    collection = created["/collections/test"]
    assert collection["vectors"] == {"dense": {"size": 64, "distance": "Cosine"}}
    assert collection["sparse_vectors"] == {"sparse": {"modifier": "idf"}}
    assert collection["metadata"] == IDENTITY | {"indexing": "", "tokens": False}
    indexes = [body for method, path, body in server.requests if path == "/collections/test/index"]
    assert {index["field_name"] for index in indexes} == {
        "team_id",
        "source_id",
        "document_id",
        "readers",
        "position",
        "fingerprint",
        "note_of",
        "entered",
        "left",
    }
    assert [index["field_name"] for index in indexes if index["field_schema"].get("is_tenant")] == ["team_id"]


def test_a_collection_that_is_there_is_only_checked(server: Server) -> None:
    server.exists = True
    connect(server).close()
    assert ("PUT", "/collections/test") not in {(method, path) for method, path, _ in server.requests}


@pytest.mark.parametrize("metadata", [{}, IDENTITY | {"embedder": "others"}, IDENTITY | {"layout": 0}])
def test_a_collection_of_another_model_is_refused(server: Server, metadata: dict[str, Any]) -> None:
    server.exists, server.metadata = True, metadata
    with pytest.raises(EmbeddingMismatch, match=r"collection test "):
        connect(server)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_the_operators_to_change(server: Server, status: int) -> None:
    server.status = status
    with pytest.raises(ConfigError, match="INDEX_API_KEY"):
        connect(server)


@pytest.mark.parametrize("status", [400, 404, 413, 429, 500, 503])
def test_any_other_status_is_unavailable_without_what_the_reply_says(server: Server, status: int) -> None:
    index = connect(server)
    server.status = status
    with pytest.raises(IndexUnavailable, match=str(status)) as caught:
        index.search("x", EMBEDDER.embed_query("x"), audience=Audience("T1", frozenset({"public"})), limit=5)
    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None
    index.close()


def test_the_wait_that_was_asked_for_is_passed_on(server: Server) -> None:
    index = connect(server)
    server.status, server.headers = 429, {"Retry-After": "7"}
    with pytest.raises(IndexUnavailable) as caught:
        index.ping()
    assert caught.value.retry_after_seconds == 7
    index.close()


def test_nobody_at_the_address_is_unavailable(server: Server) -> None:
    index = connect(server)
    index.close()
    with pytest.raises(IndexUnavailable):
        QdrantIndex.connect(
            "http://127.0.0.1:1", api_key=None, collection="test", embedder=EMBEDDER, timeout_seconds=1
        )


def test_a_change_that_was_only_taken_is_not_acknowledged() -> None:
    done = UpdateResult(operation_id=1, status=UpdateStatus.COMPLETED)
    taken = UpdateResult(operation_id=2, status=UpdateStatus.ACKNOWLEDGED)
    check([done])
    with pytest.raises(IndexUnavailable):
        check([done, taken])


def test_no_exception_class_of_the_vendor_escapes() -> None:
    vendors: list[type[Exception]] = [
        kind
        for module in (exceptions, client_exceptions, httpx)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception)
    ]
    assert len(vendors) > 20
    for kind in (*vendors, ValueError, KeyError, RuntimeError, TypeError):
        error: Any = BaseException.__new__(kind)
        error.__dict__ |= {"status_code": 418, "retry_after_s": 3}
        with pytest.raises(FootnoteError), server_errors():
            raise error
