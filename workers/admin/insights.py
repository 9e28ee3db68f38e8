"""What was asked, what came of it, and what people thought: for those who look after the documents.

Read from the ledger and the votes. Questions that the documents did not answer are brought together by meaning, since one gap is
asked about in many words.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, Select, func, select, true

from rag.database import now, transaction
from rag.domain import Embedding, Outcome
from workers.tables import answers, feedback, questions

_DAY = 86_400
_NEAR = 0.6  # cosine from which two questions ask for the same
_MOST_QUESTIONS = 1000
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions with one meaning that were not answered; `question` is the latest of them."""

    question: str
    times: int


@dataclass(frozen=True, slots=True)
class Ground:
    """A document that answers rest on."""

    title: str
    url: str
    answers: int
    bad: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """An answer that somebody did not like; reason and comment where they gave one."""

    question: str
    reason: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Insights:
    """Of the last `days`. `outcomes` by name, of what was asked; what was looked at unasked is counted apart, and a part of it
    answered; gaps by how often, grounds by how many answers, complaints the latest first. `hidden`: unanswered questions and complaints
    of which the words are not told.
    """

    days: int
    asked: int
    unasked: int
    unasked_answered: int
    outcomes: dict[str, int]
    good: int
    bad: int
    gaps: list[Gap]
    grounds: list[Ground]
    complaints: list[Complaint]
    hidden: int = 0


Embed = Callable[[Sequence[str]], Sequence[Embedding]]


def _everything(_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Seen:
    """What whoever reads the insights may see: the words of a question, by its row, and the pages of a source, by its id."""

    question: Callable[[Any], bool] = _everything
    source: Callable[[str], bool] = _everything


ALL = Seen()
"""Whoever runs the installation has the database, too."""


def insights(
    engine: Engine,
    *,
    days: int,
    embed: Embed | None,
    most_questions: int = _MOST_QUESTIONS,
    team_id: str | None = None,
    seen: Seen = ALL,
) -> Insights:
    """Raises DatabaseUnavailable; `embed` is called once, and only where something was not answered, for the latest `most_questions`.

    Without it, only questions in the same words are brought together. `team_id` (Slack's): of that workspace alone.
    All is counted; of what is not `seen`, neither words nor pages are told.
    """
    own = questions.c.team_id == team_id if team_id else true()
    with transaction(engine) as connection:
        rows = connection.execute(_asked(days).where(own)).all()
        votes = connection.execute(_votes(days).where(own)).all()
    asked = [row for row in rows if not row.unasked]
    unasked = [row for row in rows if row.unasked]
    bad_votes = Counter(row.question_id for row in votes if row.rating < 0)
    unanswered = [row for row in asked if row.outcome == Outcome.NOT_FOUND.value][:most_questions]
    texts = [row.text for row in unanswered if seen.question(row)]
    disliked = [row for row in votes if row.rating < 0]
    complaints = [row for row in disliked if seen.question(row)]
    return Insights(
        days=days,
        asked=len(asked),
        unasked=len(unasked),
        unasked_answered=sum(row.outcome == Outcome.ANSWERED.value for row in unasked),
        outcomes=dict(Counter(row.outcome or "waiting" for row in asked)),
        good=sum(row.rating > 0 for row in votes),
        bad=len(disliked),
        gaps=gaps(texts, embed) if texts else [],
        grounds=_grounds(rows, bad_votes, seen),
        complaints=[Complaint(row.text, row.reason, row.comment) for row in complaints][:_SHOWN],
        hidden=len(unanswered) - len(texts) + len(disliked) - len(complaints),
    )


def gaps(texts: Sequence[str], embed: Embed | None) -> list[Gap]:
    """The questions, the latest first, brought together by meaning: each joins the first that it is near to."""
    times = Counter(texts)
    if embed is None:
        return [Gap(text, number) for text, number in times.most_common(_SHOWN)]
    distinct = [*times]
    vectors = np.asarray(embed(distinct), dtype=np.float32)
    groups: list[tuple[int, int]] = []  # the place of the first, how many
    for place, text in enumerate(distinct):
        near = next(
            (n for n, (first, _) in enumerate(groups) if vectors[first] @ vectors[place] >= _NEAR), None
        )
        if near is None:
            groups.append((place, times[text]))
        else:
            groups[near] = (groups[near][0], groups[near][1] + times[text])
    found = [Gap(distinct[first], number) for first, number in groups]
    return sorted(found, key=lambda gap: -gap.times)[:_SHOWN]


def _grounds(rows: Sequence[Any], bad_votes: Counter[str], seen: Seen) -> list[Ground]:
    counted: dict[str, Ground] = {}
    for row in rows:
        if row.outcome != Outcome.ANSWERED.value:
            continue
        for citation in row.citations:
            if not seen.source(str(citation.get("source_id") or "")):
                continue
            url = citation["url"].partition("#")[0]
            known = counted.get(url) or Ground(citation["title"], url, 0, 0)
            counted[url] = Ground(known.title, url, known.answers + 1, known.bad + bad_votes[row.id])
    return sorted(counted.values(), key=lambda ground: -ground.answers)[:_SHOWN]


def _asked(days: int) -> Select[Any]:
    return (
        select(
            *(questions.c.id, questions.c.text, questions.c.unasked, questions.c.channel_id),
            *(questions.c.response_url, answers.c.outcome, answers.c.citations),
        )
        .select_from(questions.outerjoin(answers))
        .where(
            questions.c.accepted_at > now() - days * _DAY,
            questions.c.withdrawn.is_(False),
            questions.c.thread_ts != "",  # shared: counted where it was asked
        )
        .order_by(questions.c.accepted_at.desc())
    )


def _votes(days: int) -> Select[Any]:
    return (
        select(
            *(feedback.c.question_id, feedback.c.rating, feedback.c.reason, feedback.c.comment),
            *(questions.c.text, questions.c.channel_id, questions.c.response_url),
        )
        .select_from(feedback.join(questions))
        .where(feedback.c.rated_at > now() - days * _DAY, func.length(questions.c.text) > 0)
        .order_by(feedback.c.rated_at.desc())
    )
