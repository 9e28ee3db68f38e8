"""A network that is a script: names resolve as a map says, servers answer as they are told, no socket is opened."""

import gzip
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import httpcore2

SOMEBODY = "93.184.215.14"
"""The public address of a host that the map does not know and that has something to say."""

Reply = Callable[[], Iterator[bytes]]
"""What a server sends, in pieces, each as late as it likes."""


class Names:
    """Stands in for `socket.getaddrinfo`: literals are read by it, names are looked up in a map."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]], others: Iterable[str] = ()) -> None:
        self._answers = answers
        self._others = frozenset(others)
        self._asked = Counter[str]()

    def __call__(  # noqa: PLR0917
        self, host: str, port: int, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0, /
    ) -> list[Any]:
        with suppress(socket.gaierror):
            return socket.getaddrinfo(host, port, family, kind, proto, flags | socket.AI_NUMERICHOST)
        answers = self._answers.get(host) or ([[SOMEBODY]] if host in self._others else None)
        if flags & socket.AI_NUMERICHOST or not answers:
            raise socket.gaierror(f"{host} is not known")
        addresses = answers[min(self._asked[host], len(answers) - 1)]
        self._asked[host] += 1
        return [info for one in addresses for info in self(one, port, family, kind, proto, flags)]


@dataclass
class Network(httpcore2.NetworkBackend):
    """Notes the addresses that it is told to connect to, and the requests that it gets: address and Authorization.

    `script`: replies by address. Without one, nobody is there.
    """

    script: Mapping[str, Reply] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(url.split("/")[2] for url in self.script)

    def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        self.connected.append(host)
        if not self.script:
            raise httpcore2.ConnectError("nobody is there")
        return _Connection(self)


class _Connection(httpcore2.NetworkStream):
    """A server at the other end, with or without TLS."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._scheme = "http"
        self._sent = b""
        self._reply: Iterator[bytes] = iter(())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - of the port
        self._sent += buffer
        if not self._sent.endswith(b"\r\n\r\n"):
            return
        request, *lines = self._sent.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        url = f"{self._scheme}://{headers['Host']}{request.split(' ')[1]}"
        self._network.requests.append((url, headers.get("Authorization", "")))
        self._reply = self._network.script.get(url, reply(404))()
        self._sent = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - of the port
        return next(self._reply, b"")

    def start_tls(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        self._scheme = "https"
        return self

    def close(self) -> None: ...


def reply(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
    """All at once, and then the connection is closed."""
    return lambda: iter([_head(status, {"Content-Length": str(len(body)), **(headers or {})}) + body])


def bomb() -> Reply:
    """Ten gigabytes, compressed; the kilobytes that make them are made as they are asked for."""
    inflating = gzip.compress(bytes(10_000_000))
    return lambda: iter([_head(200, {"Content-Encoding": "gzip"}), *repeat(inflating, 1000)])


def drip() -> Reply:
    """A byte now and then, for as long as anybody listens."""

    def pieces() -> Iterator[bytes]:
        yield _head(200, {})
        while True:
            time.sleep(0.05)
            yield b"x"

    return pieces


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Said\r\nConnection: close\r\n{lines}\r\n".encode()
