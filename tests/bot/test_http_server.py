"""The server of HTTP mode: it finishes what has come in, shows that it lives, and leaves slow senders no thread."""

import os
import socket
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.http_server import listening
from rag.errors import ConfigError
from tests.bot.serving import send, served
from tests.e2e.waiting import eventually

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class Slow:
    """An application that answers when it is let."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        self.began.set()
        self.may_end.wait(10)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]


def test_a_request_under_way_is_answered_though_the_bot_stops_and_no_new_one_is_taken() -> None:
    slow, stop, answers = Slow(), threading.Event(), []
    with served(slow, stop) as port:
        asking = threading.Thread(target=lambda: answers.append(send(port, b"", {})))
        asking.start()
        slow.began.wait(5)
        stop.set()
        eventually(lambda: _refused(port))
        assert answers == []
        slow.may_end.set()
        asking.join(5)
    assert answers == [(200, "done")]


def test_an_idle_connection_does_not_keep_the_bot_from_stopping() -> None:
    with served(Slow()) as port, socket.create_connection(("127.0.0.1", port)):
        began = time.monotonic()
    assert time.monotonic() - began < 5


def test_senders_that_never_finish_keep_nobody_else_waiting() -> None:
    slow = Slow()
    slow.may_end.set()
    with served(slow) as port:
        slow_senders = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
        for sender in slow_senders:
            sender.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx")
        assert send(port, b"", {}) == (200, "done")
        for sender in slow_senders:
            sender.close()


def test_the_heartbeat_is_touched_while_it_serves(tmp_path: Path) -> None:
    beat = tmp_path / "heartbeat"
    with served(Slow(), heartbeat=beat):
        eventually(beat.exists)
        os.utime(beat, (0, 0))
        eventually(lambda: beat.stat().st_mtime > 0)


def test_a_port_that_is_taken_is_named() -> None:
    with (
        listening("127.0.0.1", 0) as taken,
        pytest.raises(ConfigError, match=r"^SLACK_HTTP_HOST and SLACK_HTTP_PORT: .*in use"),
    ):
        listening("127.0.0.1", taken.getsockname()[1])


def test_a_host_that_is_not_this_machine_is_named() -> None:
    with pytest.raises(ConfigError, match="SLACK_HTTP_HOST"):
        listening("192.0.2.1", 3000)


def _refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False
