"""A request to Slack's Request URL as bytes on a socket, and a server for it in a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from bot.http_door import PATH, signed
from bot.http_server import listening, serve
from workers.operating.health import Heartbeat

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@contextmanager
def served(
    application: "WSGIApplication", stop: threading.Event | None = None, heartbeat: Path | None = None
) -> Iterator[int]:
    """The port it is served on while the block runs."""
    stop = stop or threading.Event()
    listener = listening("127.0.0.1", 0)
    port = listener.getsockname()[1]
    thread = threading.Thread(target=serve, args=[application, listener, stop, Heartbeat(heartbeat)])
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def headers(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """What Slack sends along with a body of JSON, signed at a time in seconds since 1970 (now)."""
    timestamp = str(int(time.time() if at is None else at))
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signed(secret.encode(), timestamp, body),
    }


def send(
    port: int,
    body: bytes,
    given: dict[str, str] | dict[str, bytes],
    *,
    method: str = "POST",
    path: str = PATH,
) -> tuple[int, str]:
    """Status and body of the response."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body=body, headers=given)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
