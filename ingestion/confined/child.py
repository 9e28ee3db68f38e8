"""The process that reads, as the one that started it sees it.

It inherits no open file, no variable of ours and no secret; what it says is checked, since it has read hostile bytes.
It is a new program and no copy of ours: copies of a process with threads hang.
"""

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import IO

from ingestion.confined.frames import receive, send
from ingestion.confined.messages import CRASHED, Orders, Reply, Task, too_much
from ingestion.reading import ReadingCutShort
from rag.errors import DocumentUnreadable, Transient

_START_SECONDS = 60.0
_PROGRAM = Path(__file__).parents[2]
_VARIABLES = {
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


class Ended(Exception):
    """The process was no longer there to take the document."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may take: `megabytes` above what the idle process has, `reply_megabytes` of outcome.
    After so many `documents` another process takes over.
    """

    seconds: float = 30
    megabytes: int = 512
    reply_megabytes: int = 64
    documents: int = 500


class Child:
    """One process, for one document after another. Raises Transient when it does not start."""

    def __init__(self, counter: Callable[[str], int], max_tokens: int, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingestion.confined"],
            cwd=_PROGRAM,
            env=_VARIABLES,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # parsers quote what they read
            start_new_session=True,  # an interrupt from the keyboard is ours to deal with
        )
        orders = Orders(
            max_tokens=max_tokens,
            seconds=limits.seconds,
            megabytes=limits.megabytes,
            documents=limits.documents,
        )
        try:
            self._start(pickle.dumps(counter), orders.model_dump_json().encode())
        except BaseException:
            self.end()
            raise

    def ask(self, task: Task, data: bytes) -> Reply:
        """What the process makes of the document. After any exception it is to be ended.

        Raises Ended, or what `Reader.read` raises.
        """
        with self._killed_after(self._limits.seconds) as expired:
            try:
                send(self._requests, task.model_dump_json().encode(), data)
            except OSError:
                raise Ended from None
            try:
                return _checked(receive(self._replies, most=self._limits.reply_megabytes * 1_000_000), task)
            except OverflowError:
                raise DocumentUnreadable(
                    f"comes to more than {self._limits.reply_megabytes} MB of text"
                ) from None
            except ValueError:
                raise ReadingCutShort(CRASHED) from None
            except (EOFError, OSError):
                ended_by = self._process.wait()
                raise ReadingCutShort(self._why(ended_by, late=expired.is_set())) from None

    def kill(self) -> None:
        """End the process from any thread; whoever waits for its reply gets an exception."""
        self._process.kill()

    def end(self) -> None:
        """The process is gone, and with it the pipes."""
        self._process.kill()
        self._process.wait()
        self._replies.close()
        with suppress(BrokenPipeError):  # the rest of a request that nobody read
            self._requests.close()

    def _why(self, ended_by: int, *, late: bool) -> str:
        if late:
            return f"took longer than {self._limits.seconds:g} s to read"
        # native code that gets no memory aborts: PDFium does, and so does all of C++
        return too_much(self._limits.megabytes) if ended_by == -signal.SIGABRT else CRASHED

    def _start(self, *hello: bytes) -> None:
        try:
            with self._killed_after(_START_SECONDS):
                send(self._requests, *hello)
                receive(self._replies, most=len("ready"))
        except (OSError, EOFError, OverflowError):
            raise Transient("The process that reads documents could not be started.") from None

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[Event]:
        expired = Event()

        def expire() -> None:
            expired.set()
            self.kill()

        timer = Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()

    @property
    def _requests(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        return self._process.stdin

    @property
    def _replies(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        return self._process.stdout


def _checked(message: bytes, task: Task) -> Reply:
    """The reply. Raises ValueError when it is none of ours: a reader that was taken over would like to place links."""
    reply = Reply.model_validate_json(message)
    if reply.reading and any(_page(part.url) != _page(task.url) for part in reply.reading.slices):
        raise ValueError
    return reply


def _page(url: str) -> str:
    return url.partition("#")[0]
