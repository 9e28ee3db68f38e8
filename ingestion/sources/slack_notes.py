"""What is noted about a Slack source between two syncs, by the bot that hears events and by the syncs themselves.

Ids and times alone, nothing of what was said. A note of an event is struck out only by a sync that has taken it into
account, and by its own key: one that comes while a sync is at work stays for the next.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ingestion.remembering import Memory

SOMEWHERE = "0"
"""The thread of a change of which only the channel is known."""

_CHANGED = "changed:"
_LEFT = "left"
_PRIVATE = "private"
_TEAM = "team"


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened in the thread `thread_ts` at `event_ts`: a message, an edit, a deletion."""

    thread_ts: str
    event_ts: str

    @property
    def key(self) -> str:
        return f"{_CHANGED}{self.thread_ts}:{self.event_ts}"


class Notes:
    """The notes of one source. All methods raise DatabaseUnavailable."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def changed(self, change: Change) -> None:
        """Note a change; noted twice, it is one."""
        self._memory.put({change.key: 1})

    def changes(self) -> list[Change]:
        keys = (key.removeprefix(_CHANGED).partition(":") for key in self._memory.all(_CHANGED))
        return [Change(thread_ts, event_ts) for thread_ts, _, event_ts in keys]

    def settle(self, changes: Iterable[Change]) -> None:
        """Strike out changes that a sync has taken into account."""
        keys: Collection[str] = [change.key for change in changes]
        if keys:
            self._memory.forget(keys)

    def left(self) -> None:
        """The bot heard that it is no longer in the channel; whether that is so is for Slack to say."""
        self._memory.put({_LEFT: 1})

    def has_left(self) -> bool:
        return self._memory.get(_LEFT) is not None

    def stayed(self) -> None:
        self._memory.forget([_LEFT])

    def found_private(self) -> None:
        """The channel is private, and its source has other readers than its members."""
        self._memory.put({_PRIVATE: 1})

    def is_found_private(self) -> bool:
        return self._memory.get(_PRIVATE) is not None

    def narrowed(self) -> None:
        self._memory.forget([_PRIVATE])

    def team(self, team_id: str) -> str:
        """The workspace that the source was first read from: `team_id` if this is the first time."""
        known = self._memory.get(_TEAM)
        if known is None:
            self._memory.put({_TEAM: team_id})
        return str(known or team_id)
