"""What was reported in the admin channel, and in which thread: the record that keeps it from being told twice.

    (nothing) ── take ──▶ posting ── told ──▶ told: event, marks, thread
                  ▲          │  ▲
                  │          │  └── its process died: whoever comes next looks in Slack for it (`workers.reporting.report_posting`)
                  └── drop ──┘

A subject is a source, by its id, the old pages, or a digest; a topic is what may be wrong with it. All that is told of one subject
stands in one thread.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Engine,
    Float,
    Row,
    String,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from rag.database import metadata, now, transaction

reports = Table(
    "reports",
    metadata,
    Column("team_id", String(64), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("topic", String(16), primary_key=True),
    Column("thread_ts", String(32)),
    Column("event", String(128), nullable=False),  # what was told last; empty: nothing yet
    Column("marks", JSON, nullable=False),  # of the documents that were told of
    Column("told_at", Float),
    Column("posting", JSON(none_as_null=True)),  # what is being told, or was when its process died
    Column("take_after", Float, nullable=False),
)

TAKEN_SECONDS = 60.0
"""So long whoever takes a report up has it to themselves."""

_WEEK = 7 * 86_400.0
_UNTOLD = and_(reports.c.event == "", reports.c.posting.is_(None), reports.c.take_after <= now())


@dataclass(frozen=True, slots=True)
class Key:
    """What a report is about."""

    subject: str
    topic: str


@dataclass(frozen=True, slots=True)
class Told:
    """What stands about one key. `event`: what was told last, at `told_at` in seconds since 1970; `marks`: of which documents."""

    key: Key
    thread_ts: str | None
    event: str
    marks: tuple[str, ...]
    told_at: float


@dataclass(frozen=True, slots=True)
class Posting:
    """A report on its way to Slack."""

    key: Key
    event: str
    marks: tuple[str, ...]
    thread_ts: str | None


class ReportBook:
    """The record of one team. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id

    def all(self) -> Mapping[Key, Told]:
        """What was told, by key; of what is on its way too."""
        with transaction(self._engine) as connection:
            rows = connection.execute(select(reports).where(reports.c.team_id == self._team_id)).all()
        return {(told := _told(row)).key: told for row in rows}

    def want(self, key: Key, thread_ts: str) -> None:
        """Somebody asked for it, in this thread; asked twice, it is told once."""
        self._ensure(key, thread_ts)

    def wanted(self, subjects: str) -> list[Told]:
        """What was asked for and may be told now, of subjects that begin so."""
        these = and_(reports.c.team_id == self._team_id, reports.c.subject.startswith(subjects))
        with transaction(self._engine) as connection:
            rows = connection.execute(select(reports).where(these, _UNTOLD)).all()
        return [_told(row) for row in rows]

    def is_open(self, key: Key) -> bool:
        """Whether nothing was told of it, and nobody is telling."""
        with transaction(self._engine) as connection:
            there = connection.execute(select(reports.c.event).where(self._is(key))).one_or_none()
            open_now = select(reports.c.event).where(self._is(key), _UNTOLD)
            return there is None or connection.execute(open_now).one_or_none() is not None

    def take(self, key: Key, event: str, marks: Sequence[str]) -> Posting | None:
        """Whether this is the caller's to tell now; in the subject's thread, where there is one."""
        self._ensure(key, None)
        free = and_(self._is(key), reports.c.take_after <= now(), reports.c.posting.is_(None))
        values = {"posting": {"event": event, "marks": [*marks]}, "take_after": now() + TAKEN_SECONDS}
        # Another may have told it since the caller looked.
        with transaction(self._engine) as connection:
            taken = connection.execute(update(reports).where(free, reports.c.event != event).values(values))
            if taken.rowcount == 0:
                return None
            thread = select(reports.c.thread_ts).where(
                self._about(key.subject), reports.c.thread_ts.is_not(None)
            )
            thread_ts = connection.execute(thread.limit(1)).scalar_one_or_none()
        return Posting(key, event, tuple(marks), thread_ts)

    def unsettled(self) -> Posting | None:
        """A report of which nobody knows whether it was posted, now the caller's to find out."""
        lost = and_(
            reports.c.team_id == self._team_id,
            reports.c.posting.is_not(None),
            reports.c.take_after <= now(),
        )
        with transaction(self._engine) as connection:
            row = connection.execute(select(reports).where(lost).limit(1)).one_or_none()
            if row is None:
                return None
            key = Key(row.subject, row.topic)
            mine = update(reports).where(self._is(key), lost).values(take_after=now() + TAKEN_SECONDS)
            if connection.execute(mine).rowcount == 0:
                return None
            thread = select(reports.c.thread_ts).where(
                self._about(key.subject), reports.c.thread_ts.is_not(None)
            )
            thread_ts = connection.execute(thread.limit(1)).scalar_one_or_none()
        return Posting(key, row.posting["event"], tuple(row.posting["marks"]), thread_ts)

    def told(self, posting: Posting, thread_ts: str | None) -> None:
        """It stands in Slack (or need not be told after all)."""
        self._ensure(posting.key, None)
        values = {
            "event": posting.event,
            "marks": [*posting.marks],
            "told_at": now(),
            "posting": None,
            "take_after": 0.0,
            "thread_ts": thread_ts,
        }
        self._write(self._is(posting.key), values)

    def drop(self, key: Key, *, again_after_seconds: float) -> None:
        """It does not stand in Slack, and may be told after so long."""
        self._write(self._is(key), {"posting": None, "take_after": now() + again_after_seconds})

    def lose_thread(self, subject: str) -> None:
        """The subject's thread was deleted: the next report begins another."""
        self._write(self._about(subject), {"thread_ts": None})

    def forget(self, subjects: Collection[str]) -> None:
        """Subjects that are gone."""
        if subjects:
            self._delete(reports.c.subject.in_(subjects))

    def forget_old(self, subjects: str) -> None:
        """What was told more than a week ago, of subjects that begin so."""
        self._delete(and_(reports.c.subject.startswith(subjects), reports.c.told_at < now() - _WEEK))

    def _ensure(self, key: Key, thread_ts: str | None) -> None:
        with transaction(self._engine) as connection:
            if connection.execute(select(reports.c.event).where(self._is(key))).one_or_none():
                return
        row = {"team_id": self._team_id, "subject": key.subject, "topic": key.topic, "thread_ts": thread_ts}
        blank = {"event": "", "marks": [], "take_after": 0.0}
        try:
            with transaction(self._engine) as connection:
                connection.execute(insert(reports).values(row | blank))
        except IntegrityError:
            return  # somebody else just did

    def _write(self, which: ColumnElement[bool], values: dict[str, Any]) -> None:
        with transaction(self._engine) as connection:
            connection.execute(update(reports).where(which).values(values))

    def _delete(self, which: ColumnElement[bool]) -> None:
        with transaction(self._engine) as connection:
            connection.execute(delete(reports).where(reports.c.team_id == self._team_id, which))

    def _about(self, subject: str) -> ColumnElement[bool]:
        return and_(reports.c.team_id == self._team_id, reports.c.subject == subject)

    def _is(self, key: Key) -> ColumnElement[bool]:
        return and_(self._about(key.subject), reports.c.topic == key.topic)


def _told(row: Row[Any]) -> Told:
    return Told(
        Key(row.subject, row.topic), row.thread_ts, row.event, tuple(row.marks), float(row.told_at or 0.0)
    )
