"""Questions that admins try in their channel, to see what would be found: a row each, so that none is lost on its way to a worker.

    add ──▶ waiting ── claim ──▶ at work (until the lease runs out) ── finish ──▶ finished ── days later ──▶ deleted

One row is either a question to be explained, or one chunk of its result to be shown to whoever clicked.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kombu.exceptions import OperationalError
from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    insert,
    select,
    update,
)
from sqlalchemy import delete as deleting

from rag.database import metadata, now, transaction

log = logging.getLogger(__name__)

trials = Table(
    "trials",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(64), nullable=False),
    Column("user_id", String(64), nullable=False),  # the admin who asks
    Column("channel_id", String(64), nullable=False),
    Column("thread_ts", String(64), nullable=False),
    Column("ts", String(64)),  # of the message that the result takes the place of; null: none yet
    Column("question", Text, nullable=False),
    Column("reader_id", String(64), nullable=False),  # a person, or a channel: for whom it is tried
    Column("point_id", String(64)),  # the chunk to show; null: the question is to be explained
    Column("tried_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Float, nullable=False),
    Column("finished", Boolean, nullable=False),
    Index("ix_trials_tried", "team_id", "tried_at"),
)

KEPT_DAYS = 7
_EVENT_TYPE = "footnote_trial"
_QUIET_SECONDS = 10.0  # one sent less than this ago is left to the queue
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """`reader_id` is the person, or the channel, for whom it is tried; `ts` the message that the result takes the place of."""

    id: str
    user_id: str
    channel_id: str
    thread_ts: str
    question: str
    reader_id: str
    point_id: str | None = None
    ts: str | None = None
    attempt: int = 0

    @property
    def is_for_channel(self) -> bool:
        return self.reader_id[:1] in {"C", "G"}


def mark_of(trial_id: str) -> dict[str, Any]:
    """The metadata of a message of which the result takes the place, by which one is known whose ts was never noted."""
    return {"event_type": _EVENT_TYPE, "event_payload": {"trial_id": trial_id}}


def is_marked(message: Mapping[str, Any], trial_id: str) -> bool:
    """Others may write such metadata, but not by our app: see `bot_id`."""
    return bool(message.get("bot_id")) and (message.get("metadata") or {}) == mark_of(trial_id)


class Trials:
    """Those of one team. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id

    def add(
        self,
        *,
        user_id: str,
        channel_id: str,
        thread_ts: str,
        question: str,
        reader_id: str,
        point_id: str | None = None,
    ) -> str:
        """Its id."""
        row = {
            "id": uuid.uuid4().hex,
            "team_id": self._team_id,
            "user_id": user_id,
            "channel_id": channel_id,
            "thread_ts": thread_ts,
            "question": question,
            "reader_id": reader_id,
            "point_id": point_id,
            "tried_at": now(),
            "attempts": 0,
            "lease_until": 0.0,
            "finished": False,
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(trials).values(row))
        return str(row["id"])

    def place(self, trial_id: str, ts: str) -> None:
        """The message of which the result is to take the place."""
        with transaction(self._engine) as connection:
            connection.execute(update(trials).where(self._is(trial_id)).values(ts=ts))

    def get(self, trial_id: str) -> Trial | None:
        with transaction(self._engine) as connection:
            row = connection.execute(select(trials).where(self._is(trial_id))).one_or_none()
        return _trial(row) if row else None

    def claim(self, trial_id: str, *, lease_seconds: float) -> Trial | None:
        """Take it up; None where it is finished, gone, or somebody else's."""
        free = and_(self._is(trial_id), trials.c.finished.is_(False), trials.c.lease_until <= now())
        taken = {"attempts": trials.c.attempts + 1, "lease_until": now() + lease_seconds}
        with transaction(self._engine) as connection:
            row = connection.execute(update(trials).where(free).values(taken).returning(trials)).one_or_none()
        return _trial(row) if row else None

    def release(self, trial_id: str) -> None:
        """To be taken up again by the next sweep."""
        with transaction(self._engine) as connection:
            connection.execute(update(trials).where(self._is(trial_id)).values(lease_until=0.0))

    def finish(self, trial_id: str) -> None:
        with transaction(self._engine) as connection:
            connection.execute(update(trials).where(self._is(trial_id)).values(finished=True))

    def due(self) -> list[str]:
        """The ids of those that nobody works on, though it is a while since they were asked for."""
        lost = (
            trials.c.finished.is_(False),
            trials.c.lease_until <= now(),
            trials.c.tried_at < now() - _QUIET_SECONDS,
        )
        own = select(trials.c.id).where(trials.c.team_id == self._team_id, *lost)
        with transaction(self._engine) as connection:
            return list(connection.scalars(own.order_by(trials.c.tried_at).limit(_AT_ONCE)))

    def free_all(self) -> None:
        """Let every lease run out, as `ingestion.runs.Runs.free_all`: whoever held it is gone."""
        held = and_(trials.c.team_id == self._team_id, trials.c.lease_until > now())
        with transaction(self._engine) as connection:
            connection.execute(update(trials).where(held).values(lease_until=0.0))

    def sweep(self) -> int:
        """Delete those that were tried long ago; how many."""
        old = trials.c.tried_at < now() - KEPT_DAYS * 86_400
        with transaction(self._engine) as connection:
            return connection.execute(deleting(trials).where(trials.c.team_id == self._team_id, old)).rowcount

    def _is(self, trial_id: str) -> Any:
        return and_(trials.c.team_id == self._team_id, trials.c.id == trial_id)


class LostTrials:
    """Brings back what the broker, or a dying worker, lost."""

    def __init__(self, due: Callable[[], list[str]], send: Callable[[str], object]) -> None:
        self._due = due
        self._send = send

    def sweep(self) -> None:
        """Raises DatabaseUnavailable; the next sweep goes on."""
        for trial_id in self._due():
            try:
                self._send(trial_id)
            except OperationalError as error:
                log.warning("trial left to the next sweep (%s)", type(error).__name__)
                return


def _trial(row: Row[Any]) -> Trial:
    return Trial(
        row.id,
        row.user_id,
        row.channel_id,
        row.thread_ts,
        row.question,
        row.reader_id,
        point_id=row.point_id,
        ts=row.ts,
        attempt=row.attempts,
    )
