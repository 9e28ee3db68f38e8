"""What went wrong lately, by the kind of fault: without content, as the attempts tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select, true

from rag.database import now, transaction
from rag.domain import Outcome
from workers.asked import IN_LINE
from workers.tables import answers, attempts, questions

_DAY = 86_400
_MOST = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault for which answers had to be tried again."""

    name: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Failures:
    """Of the last `days`: the faults, the latest first, and how many questions ended in an apology."""

    days: int
    faults: Sequence[Fault]
    apologies: int


def failures(engine: Engine, *, days: int, team_id: str | None = None) -> Failures:
    """Of all teams, or of one workspace by Slack's id. Raises DatabaseUnavailable."""
    own = questions.c.team_id == team_id if team_id else true()
    since = now() - days * _DAY
    last_at = func.max(attempts.c.started_at)
    of_attempts = (
        select(attempts.c.error, func.count(), last_at)
        .select_from(attempts.join(questions))
        .where(own, attempts.c.started_at > since, attempts.c.error.is_not(None), attempts.c.error != IN_LINE)
        .group_by(attempts.c.error)
        .order_by(last_at.desc())
        .limit(_MOST)
    )
    apologies = (
        select(func.count())
        .select_from(answers.join(questions))
        .where(own, answers.c.stored_at > since, answers.c.outcome == Outcome.FAILED.value)
    )
    with transaction(engine) as connection:
        faults = [
            Fault(name, int(times), datetime.fromtimestamp(at, UTC))
            for name, times, at in connection.execute(of_attempts)
        ]
        return Failures(days, faults, int(connection.execute(apologies).scalar_one()))
