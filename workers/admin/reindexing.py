"""Reindexing asked for in Slack: one message that tells how far it is, from the first second to the summary.

    asked ── post ──▶ there ── sweep: chat.update while the runs go on ──▶ there ── all runs finished: the summary ──▶ ended

Which runs a message tells of is a row, written before anything is posted; the runs themselves are `ingestion.runs`. So nothing
of it lives in a process: after a crash the next sweep of any worker goes on with the same message, which is known again by its
metadata should its ts never have been noted. Whoever sweeps first takes the next change, every few seconds at most; Slack is
not called while the message reads as it did.
"""

import hashlib
import json
import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Engine,
    Float,
    Index,
    Row,
    String,
    Table,
    and_,
    insert,
    select,
    update,
)

from ingestion.catalogue import Catalogue
from ingestion.registered import RegisteredSource
from ingestion.runs import ALL_SOURCES, Run, Runs
from rag.database import metadata, now, transaction
from rag.errors import ConfigError, ReplyImpossible, SlackUnavailable
from workers.admin.audit import Audit
from workers.admin.reindex_words import Told, told_of
from workers.admin.source_admin import Asker
from workers.rendering import Rendered
from workers.slack.errors import slack_errors
from workers.slack.messages import change, post

log = logging.getLogger(__name__)

reindexings = Table(
    "reindexings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(64), nullable=False),
    Column("channel_id", String(64), nullable=False),
    Column("thread_ts", String(64)),  # null: not in a thread
    Column("ts", String(64)),  # of the message; null: to be posted, or posted and not noted
    Column("user_id", String(64), nullable=False),
    Column("source_id", String(32), nullable=False),  # that was named; ALL_SOURCES: none was
    Column("is_full", Boolean, nullable=False),
    Column("run_ids", JSON, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("reads", String(64), nullable=False),  # a hash of what it shows
    Column("change_after", Float, nullable=False),
    Column("ended_at", Float),
    Index("ix_reindexings_team", "team_id", "ended_at"),
)

EVENT_TYPE = "footnote_reindexing"

_SECONDS = 3.0  # between two changes of a message
_LOST_AFTER_SECONDS = 15.0  # a message without a ts that is younger is being posted
_DAYS = 2  # Slack that long away: the message is given up
_LOOKED_AT = 100  # messages of a channel, to find a lost one


@dataclass(frozen=True, slots=True)
class Started:
    """`reindexing_id` of the message that tells of it; `is_shared`: somebody asked for the same here before, and it goes on."""

    reindexing_id: str
    is_shared: bool


class Reindexing:
    """Asks for runs, and stops them. All methods raise ConfigError with a sentence, DatabaseUnavailable.

    Where other teams are in the same index (not `alone`), nobody's admins have all of it built anew: their sources are read in full.
    """

    def __init__(self, engine: Engine, team_id: str, *, alone: bool = True) -> None:
        self._engine = engine
        self._team_id = team_id
        self._alone = alone
        self._catalogue, self._runs = Catalogue(engine, team_id), Runs(engine, team_id)
        self._audit = Audit(engine, team_id)

    def start(self, source: RegisteredSource | None, asker: Asker, *, full: bool = False) -> Started:
        """Have one source, or all that are not paused, brought to what they hold now. `full`: though nothing changed.

        All of them in full is the index built anew beside the one that answers. A run that goes on already is shared.
        """
        source_id = source.id if source else ALL_SOURCES
        if same := self._same(source_id, asker.channel_id, full=full):
            return Started(same.id, is_shared=True)
        run_ids = self._requested(source, asker, full=full)
        reindexing_id = uuid.uuid4().hex
        row = {
            "id": reindexing_id,
            "team_id": self._team_id,
            "channel_id": asker.channel_id,
            "thread_ts": asker.thread_ts,
            "user_id": asker.user_id,
            "source_id": source_id,
            "is_full": full,
            "run_ids": run_ids,
            "asked_at": now(),
            "reads": "",
            "change_after": now() + _LOST_AFTER_SECONDS,  # whoever asked posts it at once
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(reindexings).values(row))
        self._audit.note(
            asker.user_id,
            "reindex",
            source.name if source else "",
            channel_id=asker.channel_id,
            after={"full": full, "runs": len(run_ids)},
        )
        return Started(reindexing_id, is_shared=False)

    def cancel(self, source: RegisteredSource | None, asker: Asker) -> list[str]:
        """Stop what reads this source, or all that was asked for by reindexing; the names of what was stopped.

        What was read by then stays. A removal or a change of readers is never stopped.
        """
        stopped = [run.source_name for run in self._stoppable(source) if self._runs.cancel(run.id)]
        if stopped:
            self._audit.note(
                asker.user_id,
                "cancel",
                source.name if source else "",
                channel_id=asker.channel_id,
                before={"runs": len(stopped)},
            )
        return stopped

    def _stoppable(self, source: RegisteredSource | None) -> list[Run]:
        if source:
            latest = self._runs.latest().get(source.id)
            found = [latest] if latest else []
        else:
            unended = select(reindexings.c.run_ids).where(self._is_going_on())
            with transaction(self._engine) as connection:
                ids = {run_id for run_ids in connection.scalars(unended) for run_id in run_ids}
            found = [run for run_id in sorted(ids) if (run := self._runs.get(run_id))]
        return [run for run in found if not run.is_finished and run.action in {"sync", "rebuild"}]

    def _requested(self, source: RegisteredSource | None, asker: Asker, *, full: bool) -> list[str]:
        if full and source is None and self._alone:
            return [self._runs.request(ALL_SOURCES, "rebuild", asker.user_id).id]
        chosen = [source] if source else [one for one in self._catalogue.sources() if not one.is_paused]
        chosen = [one for one in chosen if one.state == "active"]
        if not chosen:
            gone = f"{source.name} is being removed." if source else "There is nothing to read again."
            raise ConfigError(gone)
        if full:
            for one in chosen:
                self._forget(one)
        return [self._runs.request(one.id, "sync", asker.user_id).id for one in chosen]

    def _forget(self, source: RegisteredSource) -> None:
        """Let the next sync read every document; one that is on its way has begun to leave out what did not change."""
        latest = self._runs.latest().get(source.id)
        at_work = latest if latest and latest.action == "sync" and not latest.is_finished else None
        if at_work and self._is_full(source.id, at_work.id):
            return
        if at_work:
            self._runs.cancel(at_work.id)
        self._catalogue.forget_versions(source.id)

    def _is_full(self, source_id: str, run_id: str) -> bool:
        of_source = and_(self._is_going_on(), reindexings.c.source_id == source_id, reindexings.c.is_full)
        with transaction(self._engine) as connection:
            return any(
                run_id in ids for ids in connection.scalars(select(reindexings.c.run_ids).where(of_source))
            )

    def _same(self, source_id: str, channel_id: str, *, full: bool) -> Row[Any] | None:
        alike = and_(
            self._is_going_on(),
            reindexings.c.source_id == source_id,
            reindexings.c.channel_id == channel_id,
            reindexings.c.is_full == full,
        )
        with transaction(self._engine) as connection:
            rows = [*connection.execute(select(reindexings).where(alike))]
        return next((row for row in rows if _unfinished(row, self._runs)), None)

    def _is_going_on(self) -> Any:
        return and_(reindexings.c.team_id == self._team_id, reindexings.c.ended_at.is_(None))


class ReindexingMessages:
    """Posts and changes the messages. In the `admin_channel` they name documents and sources, elsewhere only numbers."""

    def __init__(self, engine: Engine, team_id: str, client: WebClient, admin_channel: str) -> None:
        self._engine = engine
        self._team_id = team_id
        self._client = client
        self._admin_channel = admin_channel
        self._runs = Runs(engine, team_id)

    def sweep(self) -> None:
        """Bring the messages to what is true now. Raises DatabaseUnavailable; the next sweep goes on."""
        due = and_(
            reindexings.c.team_id == self._team_id,
            reindexings.c.ended_at.is_(None),
            reindexings.c.change_after <= now(),
        )
        with transaction(self._engine) as connection:
            waiting = [*connection.scalars(select(reindexings.c.id).where(due))]
        for reindexing_id in waiting:
            if row := self._taken(and_(due, reindexings.c.id == reindexing_id)):
                self._bring_up_to_date(row)

    def post(self, reindexing_id: str) -> bool:
        """Post it at once; False where nothing can be said in its channel: it is moved to the admin channel then.

        Raises DatabaseUnavailable. Where Slack is away, a sweep posts it.
        """
        row = self._row(reindexing_id)
        try:
            self._show(row)
        except ReplyImpossible:
            if row.channel_id == self._admin_channel or not self._admin_channel:
                self._note(row.id, ended_at=now())
                return False
            self._note(row.id, channel_id=self._admin_channel, thread_ts=None, change_after=0.0)
            return False
        except SlackUnavailable as error:
            log.warning("reindexing not told of yet id=%s (%s)", row.id, error)
        return True

    def _bring_up_to_date(self, row: Row[Any]) -> None:
        try:
            self._show(row)
        except ReplyImpossible as error:
            log.info("nowhere left to tell of reindexing id=%s (%s)", row.id, error)
            self._note(row.id, ended_at=now())
        except SlackUnavailable as error:
            log.warning("reindexing not told of id=%s (%s)", row.id, error)
            if time.time() - row.asked_at > _DAYS * 86_400:
                self._note(row.id, ended_at=now())

    def _show(self, row: Row[Any]) -> None:
        """Raises SlackUnavailable, ReplyImpossible."""
        runs = [run for run_id in row.run_ids if (run := self._runs.get(run_id))]
        is_over = all(run.is_finished for run in runs)
        is_here = row.channel_id == self._admin_channel
        told = Told(user_id=row.user_id, is_named=bool(row.source_id), is_full=row.is_full, in_detail=is_here)
        message = told_of(runs, told, datetime.now(UTC))
        reads = _hash(message)
        ts = row.ts or self._lost(row)
        if ts is None:
            ts = self._posted(row, message)
        elif reads != row.reads:
            self._change(row, ts, message)
        ended = {"ended_at": now()} if is_over else {}
        self._note(row.id, ts=ts, reads=reads, change_after=now() + _SECONDS, **ended)

    def _lost(self, row: Row[Any]) -> str | None:
        """A message of this row that was posted before its process died."""
        if time.time() - row.asked_at < _LOST_AFTER_SECONDS:
            return None
        where: dict[str, Any] = {"channel": row.channel_id, "limit": _LOOKED_AT, "include_all_metadata": True}
        with slack_errors():
            page: Any = (
                self._client.conversations_replies(ts=row.thread_ts, **where)
                if row.thread_ts
                else self._client.conversations_history(oldest=str(row.asked_at - 60), **where)
            )
        return next((str(one["ts"]) for one in page["messages"] if _is_of(one, row.id)), None)

    def _posted(self, row: Row[Any], message: Rendered) -> str:
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"reindexing_id": row.id}}
        return post(self._client, row.channel_id, message, thread_ts=row.thread_ts, metadata=metadata)

    def _change(self, row: Row[Any], ts: str, message: Rendered) -> None:
        change(self._client, row.channel_id, ts, message)

    def _taken(self, which: Any) -> Row[Any] | None:
        later = update(reindexings).where(which).values(change_after=now() + _SECONDS).returning(reindexings)
        with transaction(self._engine) as connection:
            return connection.execute(later).one_or_none()

    def _row(self, reindexing_id: str) -> Row[Any]:
        with transaction(self._engine) as connection:
            return connection.execute(select(reindexings).where(reindexings.c.id == reindexing_id)).one()

    def _note(self, reindexing_id: str, **values: Any) -> None:
        with transaction(self._engine) as connection:
            connection.execute(update(reindexings).where(reindexings.c.id == reindexing_id).values(values))


def _unfinished(row: Row[Any], runs: Runs) -> Sequence[Run]:
    found = [run for run_id in row.run_ids if (run := runs.get(run_id))]
    return [run for run in found if not run.is_finished]


def _is_of(message: dict[str, Any], reindexing_id: str) -> bool:
    """Others may write such metadata, but not by our app: see `bot_id`."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    is_ours = bool(message.get("bot_id")) and metadata.get("event_type") == EVENT_TYPE
    return is_ours and payload.get("reindexing_id") == reindexing_id


def _hash(message: Rendered) -> str:
    return hashlib.sha256(json.dumps(message.blocks, sort_keys=True).encode()).hexdigest()
