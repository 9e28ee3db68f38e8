"""Whether anybody does the work: told by what is held, and by what waits though nothing is. Workers are asked nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Engine, and_, case, func, or_, select

from ingestion.run_table import UNFINISHED, runs
from rag.database import now, transaction
from rag.errors import Transient
from workers.tables import attempts, questions

_LONG_SECONDS = 60.0
_UNANSWERED = ("accepted", "answered")


class NobodyWorks(Transient):
    """Something waits, and nobody takes it up."""


@dataclass(frozen=True, slots=True)
class Working:
    """`held`: questions and runs that somebody works on; `waits_seconds`: for how long the oldest that nobody does has been free;
    `last_at`: when somebody took up one.
    """

    held: int
    waits_seconds: float
    last_at: datetime | None


def working(engine: Engine) -> Working:
    """Of all teams. Raises DatabaseUnavailable."""
    asked, synced = questions.c, runs.c
    unanswered, unread = asked.state.in_(_UNANSWERED), synced.state.in_(UNFINISHED)
    due = case((asked.not_before > asked.accepted_at, asked.not_before), else_=asked.accepted_at)
    free_question = and_(unanswered, asked.not_before <= now(), _is_free(asked.lease_until))
    free_run = and_(unread, _is_free(synced.lease_until))
    with transaction(engine) as connection:
        held = [
            connection.execute(
                select(func.count()).select_from(table).where(table.c.lease_until > now(), unfinished)
            ).scalar_one()
            for table, unfinished in ((questions, unanswered), (runs, unread))
        ]
        waits = [
            connection.execute(select(now() - func.min(moment)).where(free)).scalar_one()
            for moment, free in ((due, free_question), (synced.requested_at, free_run))
        ]
        last = [
            connection.execute(select(func.max(moment))).scalar_one()
            for moment in (attempts.c.started_at, synced.started_at)
        ]
    return Working(
        sum(held),
        max((float(seconds) for seconds in waits if seconds is not None), default=0.0),
        max((datetime.fromtimestamp(moment, UTC) for moment in last if moment is not None), default=None),
    )


def _is_free(lease_until: ColumnElement[float]) -> ColumnElement[bool]:
    return or_(lease_until.is_(None), lease_until <= now())


def work_in_words(found: Working) -> str:
    """Raises NobodyWorks."""
    if not found.held and found.waits_seconds > _LONG_SECONDS:
        raise NobodyWorks(f"something waits for {found.waits_seconds:.0f} s, and nobody takes it up")
    if found.held:
        return f"at work on {found.held}"
    if found.last_at is None:
        return "nothing was to be done yet"
    return f"nothing to do; the last work began on {found.last_at:%Y-%m-%d at %H:%M} UTC"
