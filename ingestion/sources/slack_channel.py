"""The threads of one Slack channel.

A sync looks through
- the hours in which something has happened, as the bot heard it (`slack_notes`),
- the last `reread_days`, for what it did not hear: new messages, and by the heads of threads their new replies,
- all of the channel, the first time and then every `reread_days` (`slack_walk`).

Everything else is listed from memory without a call. The history of a channel tells what its messages say, so documents
that are made of it need not be asked for again; the replies in a thread are asked for when it is read.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped
from ingestion.sources.slack_conversations import Conversation, allows, enter, still_there
from ingestion.sources.slack_hours import Entry, Hours
from ingestion.sources.slack_names import Names
from ingestion.sources.slack_notes import Change, Notes
from ingestion.sources.slack_reading import Json, SlackReader, SlackRefused
from ingestion.sources.slack_threads import HOUR, Taste, document, drafts, hour_of, moment
from ingestion.sources.slack_walk import Hour, Reach, Walk
from rag.errors import ConfigError, SourceUnavailable

_REREAD_DAYS = 14
_GONE = frozenset({"thread_not_found", "message_not_found"})


class SlackChannel:
    """The channel that `registered.location` is the id of. `clock` gives the time in seconds since 1970."""

    def __init__(
        self, registered: RegisteredSource, means: Means, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._registered = registered
        self._slack = SlackReader(means.settings.slack)
        self._names = Names(self._slack, means.memory)
        self._notes = Notes(means.memory)
        self._hours = Hours(means.memory)
        self._clock = clock
        self._reach = Reach(
            reread=_days(registered, "reread_days", _REREAD_DAYS), keep=_days(registered, "keep_days", 0)
        )
        self._include_bots = allows(registered, "include_bots")

    def count(self) -> int | None:
        return None

    def originals(self) -> Iterator[Original | Skipped]:
        """The documents, newest first, by the hour in which their first message was written."""
        channel = enter(self._slack, self._registered, self._notes)
        walk = Walk(self._slack, channel.id, self._hours, self._reach, now=self._clock())
        visit = _Visit(channel, walk, Taste(channel.own_user_id, include_bots=self._include_bots))
        listed = self._archived(visit) if channel.is_archived else self._followed(visit)
        anything = False
        for original in listed:
            anything = True
            yield original
        if anything:
            return
        if channel.is_archived:
            raise SourceUnavailable(f"#{channel.name} is archived: the bot cannot read it.")
        # The channel has answered and is empty, which is no reason to doubt it.
        yield Skipped(channel.name, "channels in which nothing is said")

    def _archived(self, visit: "_Visit") -> Iterator[Original]:
        """What is remembered: Slack puts bots out of a channel that is archived, and what was said there stays."""
        changes = self._notes.changes()
        for hour in visit.walk.remembered():
            yield from (self._original(visit, entry, partial(_unread, visit)) for entry in hour.known)
        self._notes.settle(changes)

    def _followed(self, visit: "_Visit") -> Iterator[Original]:
        if visit.walk.begins:
            self._names.forget()
        changes: dict[int, list[Change]] = defaultdict(list)
        for change in self._notes.changes():
            changes[hour_of(change.thread_ts)].append(change)
        for hour in visit.walk.hours(frozenset(changes)):
            if hour.messages is None:
                yield from (self._original(visit, it, self._reading(visit, it)) for it in hour.known)
            else:
                yield from self._looked_through(visit, hour, changes.get(hour.start, []))
        self._notes.settle(change for of_hour in changes.values() for change in of_hour)

    def _looked_through(self, visit: "_Visit", hour: Hour, changes: list[Change]) -> Iterator[Original]:
        touched = {entry.id: entry.touched for entry in hour.known}
        for change in changes:
            touched[change.thread_ts] = max(touched.get(change.thread_ts, ""), change.event_ts)
        entries = []
        for draft in drafts(hour.start, hour.messages or [], visit.taste):
            entry = Entry.of(draft, touched.get(draft.id, ""))
            entries.append(entry)
            read = self._reading(visit, entry)
            if entry.kind != "thread":
                read = partial(self._document, visit, entry, draft.messages)
            yield self._original(visit, entry, read)
        if entries != hour.known:
            self._hours.keep(hour.start, entries)

    def _original(self, visit: "_Visit", entry: Entry, read: Callable[[], bytes]) -> Original:
        return Original(
            id=entry.id,
            name=f"{visit.channel.name}-{entry.id}.md",
            url=visit.channel.permalink(entry.first),
            version=entry.version(self._clock(), self._reach.reread),
            read=read,
            media_type="text/markdown",
            updated_at=moment(entry.last),
            author=self._names.person(entry.user) if entry.user else None,
        )

    def _reading(self, visit: "_Visit", entry: Entry) -> Callable[[], bytes]:
        return partial(self._thread if entry.kind == "thread" else self._of_history, visit, entry)

    def _thread(self, visit: "_Visit", entry: Entry) -> bytes:
        said: dict[str, Json] = {}  # every page begins with the head
        place = {"channel": visit.channel.id, "ts": entry.id}
        try:
            with still_there(self._slack, visit.channel.id):
                for page in self._slack.pages("conversations.replies", "messages", **place):
                    said.update((message["ts"], message) for message in page)
        except SlackRefused as error:
            if error.code not in _GONE:
                raise
            raise self._vanished(entry) from error
        return self._document(visit, entry, list(said.values()))

    def _of_history(self, visit: "_Visit", entry: Entry) -> bytes:
        hour = hour_of(entry.first)
        for draft in drafts(hour, visit.walk.messages(hour, hour + HOUR), visit.taste):
            if draft.id == entry.id:
                return self._document(visit, entry, draft.messages)
        raise self._vanished(entry)

    def _document(self, visit: "_Visit", entry: Entry, messages: Sequence[Json]) -> bytes:
        return document(visit.channel.name, entry.kind, messages, visit.taste, self._names)

    def _vanished(self, entry: Entry) -> SourceUnavailable:
        """Has the next sync look at the hour, and leaves it at that for now."""
        self._notes.changed(Change(entry.first, "vanished"))
        return SourceUnavailable("was deleted in Slack while it was read")


class _Visit:
    """One sync's view of the channel."""

    def __init__(self, channel: Conversation, walk: Walk, taste: Taste) -> None:
        self.channel = channel
        self.walk = walk
        self.taste = taste


def _unread(visit: _Visit) -> bytes:
    raise SourceUnavailable(f"is in #{visit.channel.name}, which is archived: the bot cannot read it again")


def _days(registered: RegisteredSource, option: str, usual: int) -> int:
    value = registered.options.get(option, "")
    if not value:
        return usual
    if not value.isascii() or not value.isdecimal() or not 1 <= int(value) <= 36500:  # noqa: PLR2004 - a century
        raise ConfigError(f"The option {option} of {registered.name} must be a number of days.")
    return int(value)
