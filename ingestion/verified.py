"""Answers that people verified: written once in a conversation, kept here, and a source like any other.

Each belongs to the source of its conversation (`ingestion.sources.answers`) and is read by whom that source is read. When the
source is removed, they go with it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    Float,
    ForeignKey,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from rag.database import metadata, now, transaction

verified_answers = Table(
    "verified_answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column(
        "source_id", String(32), ForeignKey("sources.id", name="fk_verified_answers_source"), nullable=False
    ),
    Column("ts", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("review_on", String(10), nullable=False),
    Column("saved_by", String(64), nullable=False),
    Column("saved_at", Float, nullable=False),
    UniqueConstraint("source_id", "ts", name="uq_verified_answers_message"),
)


@dataclass(frozen=True, slots=True)
class Verified:
    """A question with its answer, as Markdown. `url` opens the message that it was made of; `owner` is the id of who answers for it,
    and looks at it again on the day `review_on`; `saved_by` wrote it down last. Both are empty where that person was erased.
    """

    question: str
    answer: str
    url: str
    owner: str
    owner_name: str
    review_on: date
    saved_by: str

    @property
    def review_at(self) -> datetime:
        """The beginning of that day."""
        return datetime.combine(self.review_on, time(), UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """A verified answer as it stands since `saved_at`."""

    id: str
    verified: Verified
    saved_at: datetime


class VerifiedAnswers:
    """The record of them. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, source_id: str, ts: str, verified: Verified) -> None:
        """Keep what was made of the message `ts` of the source's conversation, in the place of what was kept of it before."""
        try:
            self._save(source_id, ts, verified)
        except IntegrityError:  # somebody saved it at the same moment
            self._save(source_id, ts, verified)

    def delete(self, source_id: str, ts: str) -> bool:
        """Keep nothing of the message. False where nothing was."""
        with transaction(self._engine) as connection:
            gone = connection.execute(delete(verified_answers).where(_of(source_id, ts)))
            return gone.rowcount == 1

    def of_message(self, source_id: str, ts: str) -> Kept | None:
        """What is kept of the message."""
        with transaction(self._engine) as connection:
            row = connection.execute(select(verified_answers).where(_of(source_id, ts))).one_or_none()
        return _kept(row) if row else None

    def of_source(self, source_id: str) -> Sequence[Kept]:
        """All that is kept of a conversation, oldest message first."""
        own = select(verified_answers).where(verified_answers.c.source_id == source_id)
        with transaction(self._engine) as connection:
            return [_kept(row) for row in connection.execute(own.order_by(verified_answers.c.ts))]

    def _save(self, source_id: str, ts: str, verified: Verified) -> None:
        values: dict[str, Any] = {
            "question": verified.question,
            "answer": verified.answer,
            "url": verified.url,
            "owner": verified.owner,
            "owner_name": verified.owner_name,
            "review_on": verified.review_on.isoformat(),
            "saved_by": verified.saved_by,
            "saved_at": now(),
        }
        with transaction(self._engine) as connection:
            changed = connection.execute(update(verified_answers).where(_of(source_id, ts)).values(values))
            if changed.rowcount == 0:
                key = {"id": uuid.uuid4().hex, "source_id": source_id, "ts": ts}
                connection.execute(insert(verified_answers).values(key | values))


def _of(source_id: str, ts: str) -> ColumnElement[bool]:
    return and_(verified_answers.c.source_id == source_id, verified_answers.c.ts == ts)


def _kept(row: Row[Any]) -> Kept:
    verified = Verified(
        question=row.question,
        answer=row.answer,
        url=row.url,
        owner=row.owner,
        owner_name=row.owner_name,
        review_on=date.fromisoformat(row.review_on),
        saved_by=row.saved_by,
    )
    return Kept(row.id, verified, datetime.fromtimestamp(row.saved_at, UTC))
