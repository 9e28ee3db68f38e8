"""What happens, told as it happens to whoever counts or times it. While nobody listens, it costs next to nothing.

As with a log, whoever does something says so, and need not know who hears it. What is told is names, ids and codes, never content. Who
listens is told in the thread in which it happens.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

Labels = Mapping[str, str]


class Listener(Protocol):
    """Is told; must not raise, and must not take long."""

    def counted(self, event: str, times: int, labels: Labels) -> None: ...

    def lasted(self, event: str, seconds: float, labels: Labels) -> None: ...

    def stage(self, name: str, labels: Labels) -> AbstractContextManager[object]:
        """Around a part of the work; what the work raises goes through it."""


_changing = threading.Lock()
_listeners: tuple[Listener, ...] = ()


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """The listener is told what happens in this process until the block ends."""
    global _listeners  # noqa: PLW0603 - one for the process, as loggers are
    with _changing:
        _listeners = (*_listeners, listener)
    try:
        yield
    finally:
        with _changing:
            _listeners = tuple(other for other in _listeners if other is not listener)


def count(event: str, times: int = 1, **labels: str) -> None:
    """It happened so many times."""
    for listener in _listeners:
        listener.counted(event, times, labels)


def lasted(event: str, seconds: float, **labels: str) -> None:
    """It is over, and took so long."""
    for listener in _listeners:
        listener.lasted(event, seconds, labels)


@contextmanager
def stage(name: str, **labels: str) -> Iterator[None]:
    """The block is this part of the work; parts may stand within parts."""
    with ExitStack() as listened:
        for listener in _listeners:
            listened.enter_context(listener.stage(name, labels))
        yield
