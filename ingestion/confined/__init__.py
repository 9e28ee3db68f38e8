"""Reading where a hostile file can do no harm: a process without network, with little memory and little time.

child       the process as we see it: started, asked, ended
messages    what is said to it and what it says
frames      how that goes over a pipe
__main__    the process itself
walls       what it gives up before it reads the first document
seccomp     one of these: the system calls that are refused
answering   a task in, a reply out
"""

from collections.abc import Callable
from threading import Lock

from ingestion.confined.child import Child, Ended, Limits
from ingestion.confined.messages import CRASHED, Reply, Task
from ingestion.reading import Reading, ReadingCutShort

__all__ = ["ConfinedReader", "Limits"]


class ConfinedReader:
    """A `Reader` in a process of its own, started when it is first needed and replaced when it breaks.

    `counter` and `max_tokens` are the embedder's. Any thread may ask; one document is read at a time. Close it, or the
    process waits for more until ours has ended; it never outlives ours.
    """

    def __init__(
        self, counter: Callable[[str], int], max_tokens: int, *, limits: Limits | None = None
    ) -> None:
        self._counter = counter
        self._max_tokens = max_tokens
        self._limits = limits or Limits()
        self._child: Child | None = None
        self._turn = Lock()

    def read(
        self, data: bytes, name: str, *, url: str, media_type: str | None = None, by_line: bool = False
    ) -> Reading:
        """As `Reader.read`. Raises Transient, too, when no process could be started."""
        task = Task(name=name, url=url, media_type=media_type, by_line=by_line)
        with self._turn:
            reply = self._ask(task, data)
        return reply.opened()

    def close(self) -> None:
        """End the process, also in the middle of a document."""
        if child := self._child:
            child.kill()
        with self._turn:
            self._end()

    def _ask(self, task: Task, data: bytes) -> Reply:
        for _ in range(
            2
        ):  # a process may have ended since its last document: that is not the fault of this one
            try:
                reply = self._running().ask(task, data)
            except Ended:
                self._end()
            except BaseException:
                self._end()
                raise
            else:
                if reply.last:
                    self._end()
                return reply
        raise ReadingCutShort(CRASHED)

    def _running(self) -> Child:
        if self._child is None:
            self._child = Child(self._counter, self._max_tokens, self._limits)
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None
