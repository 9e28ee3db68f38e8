"""What people thought of answers: one vote a person and answer, changeable, with a reason where somebody gave one.

The question, the answer and its citations are those of the ledger. `rating` is 1 or -1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Engine, and_, exists, insert, or_, select, update

from rag.database import now, transaction
from workers.tables import answers, feedback, questions

Rating = Literal[1, -1]

REASONS: Mapping[str, str] = {
    "wrong": "It is wrong",
    "outdated": "It is out of date",
    "incomplete": "Something is missing",
    "wrong_source": "It rests on the wrong page",
    "other": "Something else",
}
"""What can be wrong with an answer, in words."""

MOST_CHARS = 2000
"""Of a comment."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's opinion of the answer to a question that was asked in a channel."""

    question_id: str
    user_id: str
    team_id: str
    channel_id: str


class Feedback:
    """Votes, in the database of the ledger. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rate(self, vote: Vote, rating: Rating) -> bool:
        """Note what somebody thinks; the last opinion counts, and drops the reason of an earlier one.

        False, and nothing noted, where the answer was not given in that channel, or in private to somebody else: who clicks there
        cannot have seen it.
        """
        key = {"question_id": vote.question_id, "user_id": vote.user_id}
        values: dict[str, Any] = {"rating": rating, "reason": None, "comment": None, "rated_at": now()}
        with transaction(self._engine) as connection:
            seen = exists().where(
                questions.c.id == vote.question_id,
                questions.c.team_id == vote.team_id,
                questions.c.channel_id == vote.channel_id,
                answers.c.question_id == questions.c.id,
                or_(questions.c.response_url.is_(None), questions.c.user_id == vote.user_id),
            )
            if not connection.execute(select(seen)).scalar_one():
                return False
            changed = connection.execute(
                update(feedback).where(_of(vote.question_id, vote.user_id)).values(values)
            )
            if changed.rowcount == 0:
                connection.execute(insert(feedback).values(key | values))
        return True

    def explain(self, question_id: str, user_id: str, *, reason: str, comment: str) -> bool:
        """Add why to a vote; False where that person did not vote, or takes no reason that we know."""
        if reason not in REASONS:
            return False
        values = {"reason": reason, "comment": comment.strip()[:MOST_CHARS] or None}
        with transaction(self._engine) as connection:
            explained = update(feedback).where(_of(question_id, user_id)).values(values)
            return connection.execute(explained).rowcount == 1


def _of(question_id: str, user_id: str) -> Any:
    return and_(feedback.c.question_id == question_id, feedback.c.user_id == user_id)
