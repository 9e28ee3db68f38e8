"""Which hours of a channel a sync looks through, and which it takes from memory.

    latest ┬───────────────  looked through: the last `reread_days`, unless that was done within the hour
    recent ┼───────────────  from memory, but for hours in which something is known to have changed
    floor  ┼───────────────  looked through: what the walk through all of the channel has still before it
    cutoff ┴───────────────  older than what is kept: forgotten

The walk begins when a source is new, and again every `reread_days`. It notes after each hour how far it has come.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby

from ingestion.sources.slack_conversations import still_there
from ingestion.sources.slack_hours import DAY, Entry, Hours, Pass
from ingestion.sources.slack_reading import Json, SlackReader
from ingestion.sources.slack_threads import HOUR, hour_of

_AGAIN_SECONDS = HOUR


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour with what is remembered of it, and its messages if it was looked through (without replies in threads)."""

    start: int
    messages: list[Json] | None
    known: list[Entry]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a source goes, in days; `keep` 0: to the beginning."""

    reread: int
    keep: int


class Walk:
    """The hours of one channel, as one sync goes through them."""

    def __init__(
        self, slack: SlackReader, channel_id: str, hours: Hours, reach: Reach, *, now: float
    ) -> None:
        self._slack = slack
        self._channel_id = channel_id
        self._hours = hours
        self._now = int(now)
        self._latest = (self._now // HOUR + 1) * HOUR
        self._cutoff = hour_of(str(self._now - reach.keep * DAY)) + HOUR if reach.keep else 0
        self._recent = max(self._cutoff, hour_of(str(self._now - reach.reread * DAY)))
        walked = hours.walked
        self.begins = walked.down_to is None or (
            walked.down_to == 0 and self._now - walked.all_at >= reach.reread * DAY
        )
        self._walked = replace(walked, down_to=None) if self.begins else walked

    def remembered(self) -> Iterator[Hour]:
        """All hours from memory."""
        return self._from_memory(self._cutoff, self._latest, frozenset())

    def hours(self, changed: Collection[int]) -> Iterator[Hour]:
        """All hours, newest first, those in `changed` looked through in any case."""
        for expired, _ in self._hours.between(0, self._cutoff):
            self._hours.keep(expired, [])
        hurried = bool(changed) and self._now - self._walked.recent_at < _AGAIN_SECONDS
        recent = self._latest if hurried else self._recent
        yield from self._looked_through(recent, self._latest)
        down_to = recent if self._walked.down_to is None else min(self._walked.down_to, recent)
        self._note(replace(self._walked, down_to=down_to))
        if not hurried:
            self._note(replace(self._walked, recent_at=self._now))
        yield from self._from_memory(max(down_to, self._cutoff), recent, changed)
        if down_to == 0:
            return
        for hour in self._looked_through(self._cutoff, down_to):
            yield hour
            self._note(replace(self._walked, down_to=hour.start))
        self._note(replace(self._walked, down_to=0, all_at=self._now))

    def messages(self, oldest: int, latest: int) -> Iterator[Json]:
        """What the channel itself shows from `oldest` up to but not including `latest`, newest first."""
        times = {"oldest": f"{oldest - 1}.999999" if oldest else "0", "latest": f"{latest}.000000"}
        with still_there(self._slack, self._channel_id):
            for page in self._slack.pages(
                "conversations.history", "messages", channel=self._channel_id, **times
            ):
                yield from page

    def _looked_through(self, oldest: int, latest: int) -> Iterator[Hour]:
        """The hours that have messages, and those remembered ones that have none any more."""
        if oldest >= latest:
            return
        said = groupby(self.messages(oldest, latest), key=lambda message: hour_of(message["ts"]))
        seen = (Hour(start, list(messages), []) for start, messages in said)
        known = (Hour(start, None, entries) for start, entries in self._hours.between(oldest, latest))
        by_start = merge(seen, known, key=lambda hour: hour.start, reverse=True)
        for start, both in groupby(by_start, key=lambda hour: hour.start):
            messages, entries = _joined(list(both))
            yield Hour(start, messages, entries)

    def _from_memory(self, oldest: int, latest: int, changed: Collection[int]) -> Iterator[Hour]:
        known = (Hour(start, None, entries) for start, entries in self._hours.between(oldest, latest))
        due = sorted((start for start in changed if oldest <= start < latest), reverse=True)
        also = (Hour(start, None, []) for start in due)
        by_start = merge(known, also, key=lambda hour: hour.start, reverse=True)
        for start, both in groupby(by_start, key=lambda hour: hour.start):
            _, entries = _joined(list(both))
            messages = list(self.messages(start, start + HOUR)) if start in changed else None
            yield Hour(start, messages, entries)

    def _note(self, walked: Pass) -> None:
        if walked != self._walked:
            self._walked = self._hours.walked = walked


def _joined(both: list[Hour]) -> tuple[list[Json], list[Entry]]:
    return (
        [message for hour in both for message in hour.messages or []],
        [entry for hour in both for entry in hour.known],
    )
