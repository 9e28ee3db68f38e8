"""What waits: the unfinished questions and runs, as the database knows them."""

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from ingestion.report import Progress
from ingestion.run_table import runs
from rag.database import now, transaction
from workers.tables import questions

_QUESTION_STATES = ("accepted", "answered")
_RUN_STATES = ("requested", "running", "postponed")


@dataclass(frozen=True, slots=True)
class Running:
    """A run that is worked on."""

    action: str
    source_id: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Backlog:
    """Numbers by state, every unfinished state among them; of the oldest unfinished question, for how long it waits."""

    questions: dict[str, int]
    oldest_seconds: float
    runs: dict[str, int]
    running: tuple[Running, ...]


def backlog(engine: Engine) -> Backlog:
    """Of all teams. Raises DatabaseUnavailable."""
    unanswered = (
        select(questions.c.state, func.count(), now() - func.min(questions.c.accepted_at))
        .where(questions.c.state.in_(_QUESTION_STATES))
        .group_by(questions.c.state)
    )
    unfinished = select(runs.c.state, runs.c.action, runs.c.source_id, runs.c.progress).where(
        runs.c.state.in_(_RUN_STATES)
    )
    with transaction(engine) as connection:
        waiting = connection.execute(unanswered).all()
        going_on = connection.execute(unfinished).all()
    states = [run.state for run in going_on]
    return Backlog(
        dict.fromkeys(_QUESTION_STATES, 0) | {state: int(number) for state, number, _ in waiting},
        max((float(seconds) for _, _, seconds in waiting), default=0.0),
        {state: states.count(state) for state in _RUN_STATES},
        tuple(
            Running(run.action, run.source_id, Progress.model_validate(run.progress or {}))
            for run in going_on
            if run.state == "running"
        ),
    )
