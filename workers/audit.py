"""What admins did, and what was refused: a table that is only ever added to.

Nothing here changes or deletes a row. What a person wrote is not kept in it (`before` and `after` hold settings, names and
states), so that erasing a person's questions leaves it as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, Engine, Float, Index, Integer, String, Table, insert, select

from rag.database import metadata, now, transaction

Outcome = Literal["done", "refused", "failed"]
"""done: it holds now, or was asked for and will be done; refused: who asked may not; failed: it could not be done."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("team_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("user_id", String(64), nullable=False),  # or the name of a command
    Column("channel_id", String(64), nullable=False),  # where it was asked for; empty: not in Slack
    Column("action", String(32), nullable=False),
    Column("subject", String(200), nullable=False),  # what it was done to: a source's name, a channel's id
    Column("outcome", String(16), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Index("ix_audit_team", "team_id", "id"),
)

_SUBJECT_CHARS = 200

State = Mapping[str, Any]
"""How something stood, as JSON: settings by name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done, or not."""

    at: datetime
    user_id: str
    channel_id: str
    action: str
    subject: str
    outcome: Outcome
    before: State | None
    after: State | None


class Audit:
    """Writes and reads the entries of one team. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id

    def note(
        self,
        user_id: str,
        action: str,
        subject: str = "",
        *,
        outcome: Outcome = "done",
        channel_id: str = "",
        before: State | None = None,
        after: State | None = None,
    ) -> None:
        """Add an entry."""
        row = {
            "team_id": self._team_id,
            "at": now(),
            "user_id": user_id,
            "channel_id": channel_id,
            "action": action,
            "subject": subject[:_SUBJECT_CHARS],
            "outcome": outcome,
            "before": None if before is None else dict(before),
            "after": None if after is None else dict(after),
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(audit).values(row))

    def latest(self, limit: int | None = None) -> list[Entry]:
        """Newest first; all of them without a `limit`."""
        chosen = (
            select(audit).where(audit.c.team_id == self._team_id).order_by(audit.c.id.desc()).limit(limit)
        )
        with transaction(self._engine) as connection:
            return [
                Entry(
                    at=datetime.fromtimestamp(row.at, UTC),
                    user_id=row.user_id,
                    channel_id=row.channel_id,
                    action=row.action,
                    subject=row.subject,
                    outcome=row.outcome,
                    before=row.before,
                    after=row.after,
                )
                for row in connection.execute(chosen)
            ]
