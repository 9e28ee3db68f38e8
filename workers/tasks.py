"""The tasks: their names, and whom they call. No logic."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from celery import Celery

from workers.admin.trials import LostTrials
from workers.app import ANSWER_QUESTION, PERFORM_RUN, QUEUES, SWEEP, TRY_QUESTION
from workers.sweeping import Questions, Runs, Schedule, Sweeper, Swept


class Job(Protocol):
    def run(self, name: str, /) -> None:
        """Do the work of this id as far as it goes now; never raises for what a sweep can bring back."""


class Trials(Protocol):
    """Where unfinished trials are found (`workers.admin.trials.Trials`)."""

    def due(self) -> list[str]: ...


class Work(Protocol):
    """What is done by id, and what is done now and again."""

    @property
    def answering(self) -> Job: ...
    @property
    def syncing(self) -> Job: ...
    @property
    def explaining(self) -> Job: ...
    @property
    def swept(self) -> Sequence[Swept]: ...


class Jobs(Work, Protocol):
    """What the tasks call (`workers.parts.Parts`)."""

    @property
    def ledger(self) -> Questions: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def trials(self) -> Trials: ...
    @property
    def schedule(self) -> Schedule: ...


def register(celery: Celery, jobs: Jobs, *, heartbeat: Path | None = None) -> None:
    """Add the tasks to `celery`, over `jobs`."""
    sweeper = Sweeper(
        jobs.ledger,
        jobs.runs,
        jobs.schedule,
        ask=sender(celery, ANSWER_QUESTION),
        perform=sender(celery, PERFORM_RUN),
        swept=(LostTrials(jobs.trials.due, sender(celery, TRY_QUESTION)), *jobs.swept),
        heartbeat=heartbeat,
    )

    def answer_question(question_id: str) -> None:
        jobs.answering.run(question_id)

    def perform_run(run_id: str) -> None:
        jobs.syncing.run(run_id)

    def try_question(trial_id: str) -> None:
        jobs.explaining.run(trial_id)

    def sweep() -> None:
        sweeper.sweep()

    celery.task(answer_question, name=ANSWER_QUESTION, shared=False)
    celery.task(perform_run, name=PERFORM_RUN, shared=False)
    celery.task(try_question, name=TRY_QUESTION, shared=False)
    celery.task(sweep, name=SWEEP, shared=False)


def sender(celery: Celery, task: str) -> Callable[[str], object]:
    """Enqueues `task` for an id. Raises kombu's OperationalError when the broker is away."""
    return lambda name: celery.send_task(task, [name], queue=QUEUES[task])
