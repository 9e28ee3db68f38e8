"""The table of runs, and a run as it stands in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    select,
    text,
)

from ingestion.report import Progress, SyncReport
from rag.database import metadata

Action = Literal["sync", "readers", "remove", "rebuild"]
State = Literal["requested", "running", "postponed", "done", "failed", "cancelled"]
Read = TypeVar("Read")

ALL_SOURCES = ""
"""The source id of a rebuild."""

UNFINISHED = ("requested", "running")

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(64), nullable=False),
    Column("source_id", String(32), nullable=False),  # no foreign key: a removal's run outlives its source
    Column("source_name", String(200), nullable=False),
    Column("action", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("requested_by", String(64), nullable=False),
    Column("requested_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("lease_owner", String(64)),
    Column("lease_until", Float),
    Column("attempts", Integer, nullable=False),
    Column("progress", JSON(none_as_null=True)),
    Column("report", JSON(none_as_null=True)),
    Column("error", Text),
    Index("ix_runs_source", "source_id", "requested_at"),
    Index("ix_runs_state", "state", "requested_at"),
    Index(
        "uq_runs_unfinished",
        "source_id",
        unique=True,
        sqlite_where=text("state IN ('requested', 'running')"),
        postgresql_where=text("state IN ('requested', 'running')"),
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stood when it was read. `requested_by` is a user id, or the name of a schedule or command.

    Where it is to be tried again, `finished_at` and `error` tell of the last try.
    """

    id: str
    source_id: str
    source_name: str
    action: Action
    state: State
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    progress: Progress | None
    report: SyncReport | None
    error: str | None

    @property
    def is_finished(self) -> bool:
        return self.state not in {*UNFINISHED, "postponed"}


def found(connection: Connection, which: ColumnElement[bool]) -> list[Run]:
    """Oldest first."""
    return [
        run_of(row) for row in connection.execute(select(runs).where(which).order_by(runs.c.requested_at))
    ]


def run_of(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        source_id=row.source_id,
        source_name=row.source_name,
        action=row.action,
        state=row.state,
        requested_by=row.requested_by,
        requested_at=datetime.fromtimestamp(row.requested_at, UTC),
        started_at=_optional(lambda at: datetime.fromtimestamp(at, UTC), row.started_at),
        finished_at=_optional(lambda at: datetime.fromtimestamp(at, UTC), row.finished_at),
        attempts=row.attempts,
        progress=_optional(Progress.model_validate, row.progress),
        report=_optional(SyncReport.model_validate, row.report),
        error=row.error,
    )


def _optional(read: Callable[[Any], Read], value: Any) -> Read | None:
    return None if value is None else read(value)
