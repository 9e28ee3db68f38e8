"""What a channel's source remembers of each hour: which documents there are in it, and in which version.

So that an old thread need not be looked at again to be listed again. An hour of a busy channel is one row; they are read
some months at a time, so that memory stays flat however old the channel is.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from ingestion.remembering import Memory
from ingestion.sources.slack_threads import HOUR, Draft, Kind, hour_of

DAY = 24 * HOUR

_HOUR = "hour:"
_PASS = "pass"  # noqa: S105 - of a walk through the channel
_BLOCK = 10_000_000  # seconds, 116 days: hours in one block have the first three digits in common
_FIRST_BLOCK = 100  # in September 2001: nobody has older messages, not even imported ones


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it was last seen. `touched`: when something happened in it that its head does not show."""

    id: str
    kind: Kind
    first: str
    last: str
    user: str
    digest: str
    touched: str = ""

    @classmethod
    def of(cls, draft: Draft, touched: str) -> "Entry":
        return cls(draft.id, draft.kind, draft.first, draft.last, draft.user, draft.digest, touched)

    def version(self, now: float, reread_days: int) -> str:
        """Equal while the content is, as far as can be told.

        The head of a thread does not show that a reply was edited. We hear of edits as they happen; for those that
        were missed, a thread gets another version each day until it has been quiet for `reread_days`.
        """
        if self.kind != "thread":
            return self.digest
        day = min(int(now) // DAY, hour_of(self.last) // DAY + reread_days)
        return f"{self.digest}-{self.touched}-{day}"


@dataclass(frozen=True, slots=True)
class Pass:
    """How far the channel has been looked through.

    `down_to`: the hour that the walk through all of it has come to; None before it begins, 0 once it is done.
    `all_at`, `recent_at`: when all of it, and when its last weeks were looked through last.
    """

    down_to: int | None = None
    all_at: float = 0
    recent_at: float = 0


class Hours:
    """The memory of one source, by hour. All methods raise DatabaseUnavailable."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def between(self, oldest: int, latest: int) -> Iterator[tuple[int, list[Entry]]]:
        """The remembered hours from `oldest` up to but not including `latest`, newest first."""
        highest = min(latest, int(time.time()) + DAY) // _BLOCK
        for block in range(highest, max(oldest // _BLOCK, _FIRST_BLOCK) - 1, -1):
            rows = self._memory.all(f"{_HOUR}{block}")
            for key in sorted(rows, reverse=True):
                hour = int(key.removeprefix(_HOUR))
                if oldest <= hour < latest:
                    yield hour, [Entry(**entry) for entry in rows[key]]

    def keep(self, hour: int, entries: Sequence[Entry]) -> None:
        """Remember the hour as it is now; without documents, it is forgotten."""
        key = f"{_HOUR}{hour:010d}"
        if entries:
            self._memory.put({key: [asdict(entry) for entry in entries]})
        else:
            self._memory.forget([key])

    @property
    def walked(self) -> Pass:
        return Pass(**(self._memory.get(_PASS) or {}))

    @walked.setter
    def walked(self, walked: Pass) -> None:
        self._memory.put({_PASS: asdict(walked)})
