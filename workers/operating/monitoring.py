"""How a process is, told on a port of its own: /healthz (it lives), /readyz (it can work), /metrics (for Prometheus)."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import ClassVar, NamedTuple, Protocol

from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from rag.errors import ConfigError, Transient
from rag.noting import listening
from rag.settings import MonitoringSettings
from workers.operating.metrics import Metrics
from workers.operating.probing import within

log = logging.getLogger(__name__)

_PROBE_SECONDS = 3.0
_SOCKET_SECONDS = 10.0
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"

Ping = Callable[[], None]
"""Raises when what it asks does not answer."""


class Monitoring(Protocol):
    """What a process tells of itself."""

    def watch(self, pings: Mapping[str, Ping]) -> None:
        """From now on the process is ready while all of these answer; before, it is starting."""

    def collect(self, collector: Collector) -> None:
        """Further metrics."""


@contextmanager
def monitored(section: MonitoringSettings) -> Iterator[Monitoring]:
    """Serve until the block ends; without a port nothing is served, and nothing counted. Raises ConfigError when the port is taken."""
    if section.port is None:
        yield _Unmonitored()
        return
    served = _Served()
    with _listening_on(section.host, section.port, served), listening(served.metrics):
        yield served


@contextmanager
def _listening_on(host: str, port: int, served: "_Served") -> Iterator[None]:
    handler = type("Handler", (_Handler,), {"served": served})
    try:
        server = ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        raise ConfigError(
            f"MONITORING_PORT or MONITORING_HOST: {host}:{port} cannot be listened on ({error.strerror})."
        ) from None
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="monitoring", daemon=True)
    thread.start()
    log.info("health and metrics on %s:%d", host, port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Unmonitored:
    def watch(self, pings: Mapping[str, Ping]) -> None:
        pass

    def collect(self, collector: Collector) -> None:
        pass


class _Page(NamedTuple):
    status: HTTPStatus
    kind: str
    body: bytes


class _Served:
    """The three pages."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self._probes: dict[str, Probe] = {}

    def watch(self, pings: Mapping[str, Ping]) -> None:
        self._probes = {name: Probe(ping) for name, ping in pings.items()}

    def collect(self, collector: Collector) -> None:
        self.metrics.registry.register(collector)

    def page(self, path: str, accepted: str) -> _Page:
        if path == "/healthz":
            return _Page(HTTPStatus.OK, _TEXT, b"ok\n")
        if path == "/readyz":
            return self._readiness()
        if path == "/metrics":
            encode, kind = choose_encoder(accepted)
            return _Page(HTTPStatus.OK, kind, encode(self.metrics.registry))
        return _Page(HTTPStatus.NOT_FOUND, _TEXT, b"There are /healthz, /readyz and /metrics.\n")

    def _readiness(self) -> _Page:
        probes = self._probes
        faults = {name: fault for name, probe in probes.items() if (fault := probe.fault())}
        told = {name: faults.get(name, "ok") for name in probes} or {"process": "starting"}
        ready = bool(probes) and not faults
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return _Page(status, _JSON, json.dumps({"ready": ready, "checks": told}).encode() + b"\n")


class Probe:
    """Asks whether something answers, by one thread at a time, however long that one has to wait."""

    def __init__(self, ping: Ping, *, seconds: float = _PROBE_SECONDS) -> None:
        self._ping = ping
        self._seconds = seconds
        self._asking = Lock()

    def fault(self) -> str | None:
        """Why it does not answer; None when it does."""
        if not self._asking.acquire(timeout=self._seconds):
            return "still no answer"
        try:
            within(self._seconds, self._asked)
        except Transient as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
            return type(error).__name__
        return None

    def _asked(self) -> None:
        try:
            self._ping()
        finally:
            self._asking.release()


class _Handler(BaseHTTPRequestHandler):
    served: ClassVar[_Served]
    timeout = _SOCKET_SECONDS
    server_version = "Footnote"
    sys_version = ""

    def do_GET(self) -> None:
        page = self.served.page(self.path.partition("?")[0], self.headers.get("Accept", ""))
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(page.body)

    do_HEAD = do_GET  # noqa: N815 - the library's name for it

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name for it
        """Whoever asks every few seconds is not worth a line each time."""
