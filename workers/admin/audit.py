"""What admins did, and what was refused: a table that is only ever added to.

Nothing here changes or deletes a row. What a person wrote is not kept in it (`before` and `after` hold settings, names and
states), so that erasing a person's questions leaves it as it is.

    hash of an entry = SHA-256 of what stands in it and of the hash of the entry before it

Whoever changes an entry in the database, takes one out or puts one in between breaks the chain from there on (`Audit.checked`). That
the newest ones were cut off is seen by the hash of the newest at some earlier time: each list that an admin asks for ends with it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from rag.database import metadata, now, transaction
from rag.errors import DatabaseUnavailable

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
    Column("previous", String(64), nullable=False),  # the hash of the entry before; empty: the first
    Column("hash", String(64), nullable=False),
    Index("ix_audit_team", "team_id", "id"),
    # Of two that are written at once, one comes after the other.
    Index("ux_audit_previous", "team_id", "previous", unique=True),
)

_SUBJECT_CHARS = 200
_TRIES = 20  # each time somebody else has written an entry
_HASHED = ("team_id", "at", "user_id", "channel_id", "action", "subject", "outcome", "before", "after")

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
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """`entries` were read; `newest` is the hash of the last one, `broken_at` the time of the first that is not as it was written, or
    does not follow the one before it.
    """

    entries: int
    newest: str
    broken_at: datetime | None


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
            "user_id": user_id,
            "channel_id": channel_id,
            "action": action,
            "subject": subject[:_SUBJECT_CHARS],
            "outcome": outcome,
            "before": None if before is None else dict(before),
            "after": None if after is None else dict(after),
        }
        for _ in range(_TRIES):
            try:
                with transaction(self._engine) as connection:
                    self._append(connection, row)
            except IntegrityError:
                continue
            return
        raise DatabaseUnavailable("the audit is written to by too many at once")

    def _append(self, connection: Connection, row: dict[str, Any]) -> None:
        newest = select(audit.c.hash).where(audit.c.team_id == self._team_id).order_by(audit.c.id.desc())
        previous = connection.scalar(newest.limit(1)) or ""
        dated = {**row, "at": float(connection.execute(select(now())).scalar_one())}
        connection.execute(insert(audit).values(**dated, previous=previous, hash=hash_of(previous, dated)))

    def checked(self) -> Chain:
        """Whether all entries are as they were written, one after the other."""
        mine = select(audit).where(audit.c.team_id == self._team_id).order_by(audit.c.id)
        with transaction(self._engine) as connection:
            return chain_of(connection.execute(mine))

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
                    hash=row.hash,
                )
                for row in connection.execute(chosen)
            ]


def hash_of(previous: str, entry: Mapping[str, Any]) -> str:
    """Of an entry's columns and the hash before it, in hexadecimal."""
    told = json.dumps([previous, *(entry[name] for name in _HASHED)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def chain_of(rows: Iterable[Row[Any]]) -> Chain:
    """What the entries of one team, oldest first, are found to be."""
    number, newest, broken_at = 0, "", None
    for row in rows:
        follows = row.previous == newest and row.hash == hash_of(newest, dict(row._mapping))  # noqa: SLF001 - the row as a mapping
        if not follows and broken_at is None:
            broken_at = datetime.fromtimestamp(row.at, UTC)
        number, newest = number + 1, row.hash
    return Chain(number, newest, broken_at)


def chain_in_words(chain: Chain) -> str:
    """One line below a list of entries."""
    if chain.broken_at is not None:
        return f"The entry of {chain.broken_at:%Y-%m-%d %H:%M:%S} UTC, or one just before it, was changed or taken out in the database."
    return f"{chain.entries:,} {'entry' if chain.entries == 1 else 'entries'}, all as written; the newest is {chain.newest[:12] or 'none'}."
