"""A service on loopback that answers JSON as it is told to, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import create_engine

from ingestion.fetching import Fetcher
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.sources import Means, Original, Skipped, Source, Unlisted, open_source
from rag.database import metadata
from rag.settings import FetchSettings, Settings

Answer = tuple[int, Any, dict[str, str]]


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Service:
    """Subclasses answer a call with JSON, or None for 404. `faults`: (status, headers) for the next calls, by path."""

    calls: list[Call] = field(default_factory=list)
    faults: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, call: Call) -> Any:
        raise NotImplementedError

    def reply(self, call: Call) -> Answer:
        self.calls.append(call)
        for part, faults in self.faults.items():
            if part in call.path and faults:
                status, headers = faults.pop(0)
                return status, {"message": "as told"}, headers
        found = self.answer(call)
        return (200, found, {}) if found is not None else (404, {"message": "not found"}, {})

    def asked(self, part: str) -> list[Call]:
        return [call for call in self.calls if part in call.path]


@contextmanager
def serving(service: Service) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet a reply: two would wait for each other

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            sent = self.rfile.read(int(headers.get("content-length", 0)))
            call = Call(self.command, parts.path, query, headers, json.loads(sent) if sent else None)
            status, answer, extra = service.reply(call)
            body = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {
                **extra,
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name is the standard library's

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 - same

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def means(tmp_path: Path, **sections: Any) -> Iterator[Means]:
    """What a source works with; loopback may be fetched from."""
    engine = create_engine(f"sqlite:///{tmp_path / 'memory.db'}")
    metadata.create_all(engine)
    settings = Settings(fetch=FetchSettings(trusted_hosts="127.0.0.1", timeout_seconds=5), **sections)
    fetcher = Fetcher(settings.fetch)
    try:
        yield Means(settings, fetcher, Memory(engine, "s1"), tmp_path)
    finally:
        fetcher.close()
        engine.dispose()


def opened(means: Means, kind: str, location: str, **options: str) -> Source:
    registered = RegisteredSource("s1", "T", kind, kind, location, frozenset({"members"}), options)
    return open_source(registered, means)


def listed(source: Source) -> tuple[list[Original], list[Skipped], list[Unlisted]]:
    found = list(source.originals())
    return (
        [one for one in found if isinstance(one, Original)],
        [one for one in found if isinstance(one, Skipped)],
        [one for one in found if isinstance(one, Unlisted)],
    )
