"""Connections that lead only where the guard lets them, and that end when the time is up.

The name is resolved here and nowhere else, and the socket is opened to the very address that was checked; the
certificate is still checked against the name (httpcore starts TLS itself, on the stream returned here).
"""

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2

from ingestion.fetching.guarding import Guard

TRUSTED = "trusted"
"""The extra information of a stream that tells whether the operator trusts the host at its other end."""

_MOST_ATTEMPTS = 4  # addresses of one name that are tried: how many there are is the name's owner's choice


class Deadline(threading.local):
    """When the fetch that runs in this thread must be over, whatever the other side does."""

    def __init__(self) -> None:
        self._ends = float("inf")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self._ends = time.monotonic() + seconds
        try:
            yield
        finally:
            self._ends = float("inf")

    def cap(self, timeout: float | None) -> float | None:
        """The time that one step may take, in seconds. Raises ReadTimeout when there is none left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the deadline has passed")
        return min(left, timeout or left) if left != float("inf") else timeout


class GuardedBackend(httpcore2.NetworkBackend):
    """Opens connections on `network`, to addresses that `guard` has checked."""

    def __init__(self, guard: Guard, network: httpcore2.NetworkBackend, deadline: Deadline) -> None:
        self._guard = guard
        self._network = network
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failed: Exception = httpcore2.ConnectError("no address")
        for address in self._guard.addresses(host, port)[:_MOST_ATTEMPTS]:
            try:
                stream = self._network.connect_tcp(
                    str(address.ip), port, self._deadline.cap(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
                continue
            return _Stream(stream, self._deadline, trusted=self._guard.trusts(host, address.ip))
        raise failed


class _Stream(httpcore2.NetworkStream):
    """A connection of which no step takes longer than the time that is left."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline, *, trusted: bool) -> None:
        self._stream = stream
        self._deadline = deadline
        self._trusted = trusted

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.cap(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.cap(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.cap(timeout))
        return _Stream(stream, self._deadline, trusted=self._trusted)

    def get_extra_info(self, info: str) -> Any:
        return self._trusted if info == TRUSTED else self._stream.get_extra_info(info)
