"""A week in numbers, and what is missing: what the documents did not answer, brought together by meaning, and what people did not like.

All questions are counted; the words are read only of those that the admin channel may see (`workers.admin.admin_sight`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, func, select, true

from ingestion.catalogue import Catalogue
from rag.database import transaction
from rag.domain import Outcome
from workers.admin.admin_sight import AdminSight
from workers.admin.insights import Embed, gaps
from workers.elements import permalink
from workers.tables import answers, feedback, questions

_MOST_GAPS, _MOST_COMPLAINTS = 5, 5
_MOST_QUESTIONS = 300  # that are compared with each other: the sweep waits for it
_MOST_CHANNELS = 50  # that Slack is asked about

Span = tuple[float, float]
"""From, and up to but not including; in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions with one meaning that were not answered; `question` is the latest of them, `url` its message, empty where it has none.

    `closest`: the page that came nearest, of those that all admins may read.
    """

    question_id: str
    question: str
    times: int
    url: str
    closest: Page | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """An answer that somebody did not like; `reason` is one of `workers.feedback.REASONS`."""

    question: str
    url: str
    reason: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Digest:
    """`outcomes` by name, of what was asked. `hidden_gaps`, `hidden_complaints`: of which the words are not for the admin channel."""

    asked: int
    outcomes: Mapping[str, int]
    good: int
    bad: int
    gaps: Sequence[Gap]
    hidden_gaps: int
    complaints: Sequence[Complaint]
    hidden_complaints: int

    @property
    def is_empty(self) -> bool:
        return not (self.asked or self.good or self.bad)


class DigestReader:
    """Reads one from the ledger. `slack_team_id`: of what was asked in that workspace alone, where there are several."""

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        sight: AdminSight,
        embed: Embed,
        *,
        slack_team_id: str | None = None,
    ) -> None:
        self._own = questions.c.team_id == slack_team_id if slack_team_id else true()
        self._engine = engine
        self._catalogue = catalogue
        self._sight = sight
        self._embed = embed

    def read(self, span: Span) -> Digest:
        """Raises DatabaseUnavailable, SlackUnavailable; EmbedderUnavailable where questions cannot be compared."""
        with transaction(self._engine) as connection:
            asked = connection.execute(_asked(span).where(self._own)).all()
            votes = connection.execute(_votes(span).where(self._own)).all()
        is_seen = self._sight.seeing(most_channels=_MOST_CHANNELS)
        unanswered = [row for row in asked if row.outcome == Outcome.NOT_FOUND.value]
        disliked = [row for row in votes if row.rating < 0]
        seen = [row for row in unanswered if is_seen(row)]
        seen_disliked = [row for row in disliked if is_seen(row)]
        return Digest(
            asked=len(asked),
            outcomes=dict(Counter(row.outcome or "waiting" for row in asked)),
            good=sum(row.rating > 0 for row in votes),
            bad=len(disliked),
            gaps=[*self._gaps(seen[:_MOST_QUESTIONS])] if seen else [],
            hidden_gaps=len(unanswered) - len(seen),
            complaints=[
                Complaint(row.text, self._url(row), row.reason, row.comment)
                for row in seen_disliked[:_MOST_COMPLAINTS]
            ],
            hidden_complaints=len(disliked) - len(seen_disliked),
        )

    def _gaps(self, rows: Sequence[Any]) -> Iterator[Gap]:
        latest: dict[str, Any] = {}
        for row in rows:
            latest.setdefault(row.text, row)
        found = gaps([row.text for row in rows], self._embed)[:_MOST_GAPS]
        closest = self._closest([latest[gap.question].id for gap in found])
        for gap in found:
            row = latest[gap.question]
            yield Gap(row.id, gap.question, gap.times, self._url(row), closest.get(row.id))

    def _closest(self, question_ids: Sequence[str]) -> Mapping[str, Page]:
        """What was offered then may be for its asker alone."""
        readers = self._sight.readers()
        open_to_all = {one.id for one in self._catalogue.sources() if one.readers & readers}
        offered = select(answers.c.question_id, answers.c.citations).where(
            answers.c.question_id.in_(question_ids)
        )
        with transaction(self._engine) as connection:
            rows = connection.execute(offered).all()
        pages: dict[str, Page] = {}
        for row in rows:
            for citation in row.citations:
                if citation.get("source_id") in open_to_all:
                    url = str(citation["url"])
                    pages.setdefault(row.question_id, Page(str(citation["title"] or url), url))
        return pages

    def _url(self, row: Any) -> str:
        """What was clicked or typed as a command left no message."""
        return "" if ":" in row.ts else permalink(self._sight.workspace_url, row.channel_id, row.ts)


def _asked(span: Span) -> Any:
    return (
        select(
            *(questions.c.id, questions.c.text, questions.c.channel_id, questions.c.ts),
            *(questions.c.response_url, answers.c.outcome),
        )
        .select_from(questions.outerjoin(answers))
        .where(
            questions.c.accepted_at >= span[0],
            questions.c.accepted_at < span[1],
            questions.c.withdrawn.is_(False),
            questions.c.unasked.is_(False),
            questions.c.thread_ts != "",  # shared: counted where it was asked
        )
        .order_by(questions.c.accepted_at.desc())
    )


def _votes(span: Span) -> Any:
    rated = and_(feedback.c.rated_at >= span[0], feedback.c.rated_at < span[1])
    return (
        select(
            *(feedback.c.rating, feedback.c.reason, feedback.c.comment),
            *(questions.c.text, questions.c.channel_id, questions.c.ts, questions.c.response_url),
        )
        .select_from(feedback.join(questions))
        .where(rated, questions.c.withdrawn.is_(False), func.length(questions.c.text) > 0)
        .order_by(feedback.c.rated_at.desc())
    )
