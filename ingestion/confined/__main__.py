"""The process that reads: `python -m ingestion.confined`, started by ConfinedReader and by nobody else.

In: the token counter (pickled: it comes from us), the orders, then a task and its bytes for each document.
Out: "ready", then a reply for each. It ends when the other end of its pipes is closed.
"""

import fcntl
import math
import mimetypes
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from ingestion.confined import walls

_GRACE_SECONDS = 5
_MOST_GROWTH = 128_000_000
"""Bytes that may stay taken after a document; beyond, the next ones get a fresh process and all of the limit."""


def main() -> None:
    """Read documents until nobody sends any more, or there were enough."""
    walls.leave_network()  # before any import that may start threads
    from ingestion.confined.answering import answer, finished  # noqa: PLC0415
    from ingestion.confined.frames import receive, send  # noqa: PLC0415
    from ingestion.confined.messages import Orders, Task  # noqa: PLC0415

    requests, replies = _pipes()
    count_tokens: Callable[[str], int] = pickle.loads(receive(requests))  # noqa: S301 - from who started us
    orders = Orders.model_validate_json(receive(requests))
    count_tokens("the first call may load something")
    mimetypes.init()  # reads the system's list, which libraries ask for when they are first used
    walls.confine(megabytes=orders.megabytes)
    send(replies, b"ready")
    at_first = walls.memory_in_use()
    for number in range(1, orders.documents + 1):
        task, data = Task.model_validate_json(receive(requests)), receive(requests)
        with _watched(requests, orders.seconds):
            reply = answer(task, data, count_tokens, orders)
        grown = walls.memory_in_use() - at_first
        send(replies, finished(reply, last=number == orders.documents or grown > _MOST_GROWTH))


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes to who started us, out of reach of whatever reads or prints as programs do."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, replies


@contextmanager
def _watched(requests: IO[bytes], seconds: float) -> Iterator[None]:
    """The system ends this process as soon as the one that started it has ended, or long after the time is up.

    Nothing comes through the pipe meanwhile but its end, so any signal of it is that. Who has started us ends us when
    the time is up; the alarm is for the moment in which nobody watches.
    """
    flags = fcntl.fcntl(requests, fcntl.F_GETFL)
    fcntl.fcntl(requests, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(requests, fcntl.F_SETFL, flags | os.O_ASYNC)
    signal.alarm(math.ceil(seconds) + _GRACE_SECONDS)
    yield
    signal.alarm(0)
    fcntl.fcntl(requests, fcntl.F_SETFL, flags)


if __name__ == "__main__":
    with suppress(EOFError, BrokenPipeError):
        main()
