"""What happens in the channels that are sources: heard, noted, and then followed by runs.

    an event ─ heard ─▶ a note of the source (ids and times only) ─ and only now is the event acknowledged
    every few seconds ─ follow ─▶ notes, and no run under way? ─ ask for one

A note outlives the process, and is struck out only by a sync that has taken it into account. So a burst of messages makes
one run, and what is heard while a run is at work makes the next one.

What may no longer be held at all is removed: everything when the app is uninstalled, a channel's sources when the channel
is deleted, and when the bot was put out of it. The last is asked of Slack again, since bots are put out of archived channels,
too, and what was said there stays. What people verified in a channel stays as well: they wrote it down to be kept, and while
the bot is not there, nobody holds the key of a private channel.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.runs import Action, Run, Runs
from ingestion.sources.answers import KIND as ANSWERS
from ingestion.sources.slack_conversations import SLACK_KINDS, allows
from ingestion.sources.slack_files import KIND as SINGLE_FILE
from ingestion.sources.slack_notes import SOMEWHERE, Change, Notes
from rag.domain import channel_readers
from rag.errors import ConfigError, FootnoteError, SourceGone, SourceUnavailable, where

log = logging.getLogger(__name__)

REQUESTED_BY = "slack"

_STOP_SECONDS = 15.0
_FAILED_SECONDS = 120.0  # after a sync that failed, the next one waits

Look = Callable[[str], object]
"""Asks Slack for a channel by its id; raises SourceGone where the bot is not in it any more."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something happened in a channel. `files`: to files, too; `by_bot`: a bot wrote it."""

    channel_id: str
    change: Change
    files: bool = False
    by_bot: bool = False


class SlackChanges:
    """The Slack sources of one team, and what is heard of them. All methods raise DatabaseUnavailable."""

    def __init__(self, engine: Engine, team_id: str, look: Look) -> None:
        self._engine = engine
        self._catalogue = Catalogue(engine, team_id)
        self._runs = Runs(engine, team_id)
        self._look = look

    def heard(self, heard: Heard) -> None:
        """Note it for the sources that it may concern."""
        for source in self._sources(heard.channel_id):
            if _concerns(heard, source):
                self._notes(source).changed(heard.change)

    def file_changed(self, event_ts: str, file_id: str = "") -> None:
        """A file was changed or deleted; Slack does not say where it was shared."""
        for source in self._sources():
            if source.kind == "slack_files" or (source.kind, source.location) == (SINGLE_FILE, file_id):
                self._notes(source).changed(Change(SOMEWHERE, event_ts))

    def file_deleted(self, event_ts: str, file_id: str = "") -> None:
        """Of a channel's files it is for the next sync to find out which are left; a source of its own goes at once."""
        self.file_changed(event_ts, file_id)
        for source in self._sources(file_id) if file_id else ():
            if source.kind == SINGLE_FILE:
                self._request(source, "remove")

    def left(self, channel_id: str) -> None:
        """The bot is no longer in the channel, or the channel is being archived."""
        for source in self._sources(channel_id):
            if source.kind != ANSWERS:
                self._notes(source).left()

    def deleted(self, channel_id: str) -> None:
        """The channel is gone."""
        for source in self._sources(channel_id):
            self._request(source, "remove")

    def uninstalled(self) -> None:
        """The app was taken out of the workspace: nothing of it may be kept."""
        for source in self._sources():
            self._request(source, "remove")

    def follow(self) -> None:
        """Ask for the runs that the notes call for. What cannot be asked for now is asked for the next time."""
        sources = self._sources()
        latest = self._runs.latest() if sources else {}
        for source in sources:
            try:
                self._follow(source, latest.get(source.id))
            except (SourceUnavailable, ConfigError) as error:
                log.warning("source %s not followed (%s)", source.id, type(error).__name__)

    def _follow(self, source: RegisteredSource, latest: Run | None) -> None:
        notes = self._notes(source)
        if notes.has_left() and not self._may_stay(source):
            self._request(source, "remove")
            return
        if notes.has_left():
            notes.stayed()
        if notes.is_found_private():
            self._narrow(source, notes)
        elif not source.is_paused and _is_quiet(latest) and (notes.changes() or _has_failed_us(latest)):
            self._request(source, "sync")

    def _may_stay(self, source: RegisteredSource) -> bool:
        try:
            self._look(source.location)
        except SourceGone:
            return False
        return True

    def _narrow(self, source: RegisteredSource, notes: Notes) -> None:
        """From now on the source is for the members of its channel."""
        members = {channel_readers(source.location)}
        if source.readers != members:
            self._catalogue.change_source(source.id, readers=members, options=source.options)
            log.info("source %s is on a private channel: for its members only", source.id)
        self._request(source, "readers")
        notes.narrowed()

    def _request(self, source: RegisteredSource, action: Action) -> None:
        try:
            run = self._runs.request(source.id, action, REQUESTED_BY)
        except ConfigError:
            log.info("source %s is gone already", source.id)
            return
        log.info("%s of source %s asked for, run=%s", action, source.id, run.id)

    def _sources(self, channel_id: str | None = None) -> list[RegisteredSource]:
        return [
            source
            for source in self._catalogue.sources()
            if source.kind in {*SLACK_KINDS, SINGLE_FILE}
            and source.state == "active"
            and channel_id in (None, source.location)
        ]

    def _notes(self, source: RegisteredSource) -> Notes:
        return Notes(Memory(self._engine, source.id))


class Followed(Protocol):
    """SlackChanges, of one workspace or of several."""

    def follow(self) -> None: ...


@contextmanager
def followed(changes: Followed, *, seconds: float) -> Iterator[None]:
    """Follow what is heard, every so many `seconds`, until the block ends."""
    stop = threading.Event()

    def follow() -> None:
        while not stop.wait(seconds):
            try:
                changes.follow()
            except FootnoteError as error:
                log.warning("changes in Slack not followed, the next time will do (%s)", type(error).__name__)
            except Exception as error:  # noqa: BLE001 - a thread that dies would not be missed by anybody
                log.error("changes in Slack not followed: %s", where(error))  # noqa: TRY400 - no content in logs

    thread = threading.Thread(target=follow, name="slack-changes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_STOP_SECONDS)


def _concerns(heard: Heard, source: RegisteredSource) -> bool:
    if source.kind in {ANSWERS, SINGLE_FILE}:
        return False
    if source.kind == "slack_files":
        return heard.files
    return not heard.by_bot or allows(source, "include_bots")


def _has_failed_us(latest: Run | None) -> bool:
    """Whether a sync that we asked for came to nothing: what it was to delete is still there."""
    return latest is not None and (latest.state, latest.requested_by) == ("failed", REQUESTED_BY)


def _is_quiet(latest: Run | None) -> bool:
    """Whether a run may be asked for: none is unfinished, and the last one has not failed just now."""
    if latest is None:
        return True
    if not latest.is_finished or latest.finished_at is None:
        return False
    past = (datetime.now(UTC) - latest.finished_at).total_seconds()
    return latest.state == "done" or past > _FAILED_SECONDS
