"""How much answers rest on each source, and which of its pages are old: for those who look after them.

Counted up to the last full minute of the database's clock, so that all processes count the same, and a list of it does not
change with every answer.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select, true

from ingestion.catalogue import documents
from rag.database import now, portions, transaction
from rag.domain import Outcome
from workers.tables import answers, questions

OLD_DAYS = 365
"""Nobody has changed a page for so long: it may not hold any more."""

_DAY = 86_400
_MARK_SECONDS = 60.0
_WEEK, _MONTH = 7, 30
_MANY = 5  # answers in a month


@dataclass(frozen=True, slots=True)
class Used:
    """Of one source: questions of the last seven days that were answered from it, and documents that are old."""

    questions: int = 0
    old_documents: int = 0


@dataclass(frozen=True, slots=True)
class OldPage:
    """An old document that many answers of the last thirty days rest on."""

    source_id: str
    document_id: str
    title: str
    url: str
    updated_at: datetime
    answers: int


class Usage:
    """Of the sources of one team, by answers given in the workspace `slack_team_id` where there are several. All methods raise DatabaseUnavailable."""

    def __init__(self, engine: Engine, team_id: str, *, slack_team_id: str | None = None) -> None:
        self._own = questions.c.team_id == slack_team_id if slack_team_id else true()
        self._engine = engine
        self._team_id = team_id
        self._counted: tuple[float, Mapping[str, Used]] = (0.0, {})

    def of_sources(self) -> Mapping[str, Used]:
        """By source id; worked out once in a minute."""
        mark = self._mark()
        if self._counted[0] != mark:
            self._counted = (mark, self._count(mark))
        return self._counted[1]

    def old_grounds(self) -> list[OldPage]:
        """The most used first. Reads all answers of a month: seldom."""
        mark = self._mark()
        used = Counter(
            key for row in self._cited(mark, _MONTH) for key in {_document(one) for one in row.citations}
        )
        many = {key: number for key, number in used.items() if number >= _MANY and all(key)}
        found = [
            OldPage(
                row.source_id,
                row.document_id,
                row.title,
                row.url,
                datetime.fromtimestamp(row.updated_at, UTC),
                many[row.source_id, row.document_id],
            )
            for row in self._old({document_id for _, document_id in many}, mark)
            if (row.source_id, row.document_id) in many
        ]
        return sorted(found, key=lambda page: (-page.answers, page.title))

    def _mark(self) -> float:
        with transaction(self._engine) as connection:
            at = float(connection.execute(select(now())).scalar_one())
        return at - at % _MARK_SECONDS

    def _count(self, mark: float) -> Mapping[str, Used]:
        served = Counter(
            source_id
            for row in self._cited(mark, _WEEK)
            for source_id in {str(one.get("source_id") or "") for one in row.citations}
        )
        old = (
            select(documents.c.source_id, func.count())
            .where(
                documents.c.team_id == self._team_id,
                documents.c.chunks > 0,
                documents.c.updated_at < mark - OLD_DAYS * _DAY,
            )
            .group_by(documents.c.source_id)
        )
        with transaction(self._engine) as connection:
            aged: dict[str, int] = {row[0]: row[1] for row in connection.execute(old)}
        return {
            source_id: Used(served[source_id], aged.get(source_id, 0))
            for source_id in {*served, *aged}
            if source_id
        }

    def _cited(self, mark: float, days: int) -> list[Any]:
        """What answers of so many days rest on; a shared one is counted where it was asked."""
        found = (
            select(answers.c.citations)
            .select_from(answers.join(questions))
            .where(
                self._own,
                answers.c.outcome == Outcome.ANSWERED.value,
                answers.c.stored_at > mark - days * _DAY,
                answers.c.stored_at <= mark,
                questions.c.withdrawn.is_(False),
                questions.c.thread_ts != "",
            )
        )
        with transaction(self._engine) as connection:
            return [*connection.execute(found)]

    def _old(self, document_ids: set[str], mark: float) -> list[Any]:
        found: list[Any] = []
        with transaction(self._engine) as connection:
            for some in portions(sorted(document_ids)):
                these = select(documents).where(
                    documents.c.team_id == self._team_id,
                    documents.c.document_id.in_(some),
                    documents.c.chunks > 0,
                    documents.c.updated_at < mark - OLD_DAYS * _DAY,
                )
                found += connection.execute(these).all()
        return found


def _document(citation: Mapping[str, Any]) -> tuple[str, str]:
    return str(citation.get("source_id") or ""), str(citation.get("document_id") or "")
