"""Keeping to a service's rate limits: every call waits for its turn, the oldest question first.

A lane counts calls by the generic cell rate algorithm (GCRA; ITU-T I.371, annex A): it holds the theoretical arrival time of the next
call. Beside it stands the line of those who were told to wait, by the time since which they wait. Whoever asks is told how long the
ones before need, and asks again then. One who does not come at that time holds nobody up, and is let in first when it does come.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rag.errors import SlackUnavailable

SOON_SECONDS = 0.001
"""What is so near is now."""
LATE_SECONDS = 0.2
"""How long after its turn one who does not come is still waited for."""
KEPT_SECONDS = 60.0
"""How long after its turn one who does not come keeps its place."""


class NotYet(SlackUnavailable):
    """The turn is too far off to wait for it. The place in the line is kept: whoever comes back after `retry_after_seconds` is in time."""

    retry_after_seconds: float

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("it is not our turn yet", retry_after_seconds=retry_after_seconds)


@dataclass(frozen=True, slots=True)
class Lane:
    """Calls that are counted together: one every `interval_seconds` in the long run, `burst` at once after a pause.

    With an interval of zero all pass, but for the time that the lane is closed.
    """

    name: str
    interval_seconds: float = 0.0
    burst: int = 1

    @property
    def tolerance_seconds(self) -> float:
        """How far a call may come before its theoretical arrival time."""
        return self.interval_seconds * (self.burst - 1)


class Pace(Protocol):
    """Whose turn it is. Never raises: limits must not stand in the way of answers when what counts them is away."""

    def wait_for(self, lane: Lane, caller: str | None, *, since: float) -> float:
        """Zero if it is the caller's turn, which is counted; otherwise the seconds after which to ask again.

        A `caller` told to wait has a place in the line from then on, by the `since` it first came with (seconds since 1970). None has
        none, and goes behind all others.
        """

    def close(self, lane: Lane, seconds: float) -> None:
        """Let nobody pass for so long, from now."""


class _Place(NamedTuple):
    since: float
    told: float


@dataclass
class _Queue:
    """The theoretical arrival time of a lane's next call, and who waits."""

    arrival: float = 0.0
    line: dict[str | None, _Place] = field(default_factory=dict)

    def ends(self) -> float:
        return max([self.arrival, *(place.told + KEPT_SECONDS for place in self.line.values())])


class LocalPace:
    """Whose turn it is in one process; for all its threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._queues: dict[str, _Queue] = {}

    def wait_for(self, lane: Lane, caller: str | None, *, since: float) -> float:
        with self._lock:
            now = self._now()
            queue = self._queue(lane, now)
            mine = queue.line.pop(caller, _Place(since, now))
            before = sum(
                other.since < mine.since and other.told > now - LATE_SECONDS for other in queue.line.values()
            )
            arrival = max(queue.arrival, now)
            wait = arrival + before * lane.interval_seconds - lane.tolerance_seconds - now
            if wait < SOON_SECONDS:
                queue.arrival = arrival + lane.interval_seconds
                return 0.0
            if caller is not None:
                queue.line[caller] = _Place(mine.since, now + wait)
            return wait

    def close(self, lane: Lane, seconds: float) -> None:
        with self._lock:
            now = self._now()
            queue = self._queue(lane, now)
            queue.arrival = max(queue.arrival, now + seconds + lane.tolerance_seconds)

    def _queue(self, lane: Lane, now: float) -> _Queue:
        """That of the lane; what says nothing any more is forgotten."""
        self._queues = {name: queue for name, queue in self._queues.items() if queue.ends() > now}
        queue = self._queues.setdefault(lane.name, _Queue())
        queue.line = {name: place for name, place in queue.line.items() if place.told > now - KEPT_SECONDS}
        return queue


class Standing(NamedTuple):
    """Who waits, and since when; nobody in particular where no question is answered."""

    caller: str | None
    since: float


_standing: ContextVar[Standing | None] = ContextVar("standing", default=None)


@contextmanager
def standing_for(question_id: str, *, asked_at: float) -> Iterator[None]:
    """The calls of this block stand in line for this question, since it was asked (seconds since 1970)."""
    token = _standing.set(Standing(question_id, asked_at))
    try:
        yield
    finally:
        _standing.reset(token)


def standing() -> Standing:
    """For whom a call stands in line here."""
    return _standing.get() or Standing(None, time.time())
