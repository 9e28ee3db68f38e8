"""Brings back what the broker or a dying worker lost: whatever is unfinished in the database is enqueued again."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from kombu.exceptions import OperationalError

from ingestion.runs import Run
from rag.errors import Transient

log = logging.getLogger(__name__)

_QUIET_SECONDS = 10.0  # a question enqueued less than this ago is left to the queue
_SWEPT = 100  # questions at most in one sweep

Send = Callable[[str], object]
"""Enqueues a job by id; may raise kombu's OperationalError."""


class Questions(Protocol):
    """Where unfinished questions are found (`workers.ledger.Ledger`)."""

    def due(self, *, quiet_seconds: float, limit: int) -> list[str]: ...


class Runs(Protocol):
    """Where unfinished runs are found (`ingestion.runs.Runs`)."""

    def waiting(self) -> Sequence[Run]: ...


class Schedule(Protocol):
    """Where the syncs that are due are asked for (`ingestion.scheduling.Schedule`)."""

    def request_due(self) -> None: ...


class Swept(Protocol):
    """What is seen to now and again: what stands in Slack brought up to date, what is kept for too long deleted."""

    def sweep(self) -> object: ...


class Sweeper:
    """Enqueues unfinished questions and runs, those that are due by now among them; then sees to all else that is `swept`.

    Each sweep touches `heartbeat`: proof that messages are consumed here.
    """

    def __init__(
        self,
        ledger: Questions,
        runs: Runs,
        schedule: Schedule,
        *,
        ask: Send,
        perform: Send,
        swept: Sequence[Swept] = (),
        heartbeat: Path | None = None,
    ) -> None:
        self._ledger = ledger
        self._runs = runs
        self._schedule = schedule
        self._ask = ask
        self._perform = perform
        self._swept = swept
        self._heartbeat = heartbeat

    def sweep(self) -> None:
        """One sweep; what it cannot do now, the next one does."""
        if self._heartbeat is not None:
            self._heartbeat.touch()
        try:
            for question_id in self._ledger.due(quiet_seconds=_QUIET_SECONDS, limit=_SWEPT):
                self._ask(question_id)
            self._schedule.request_due()
            for run in self._runs.waiting():
                self._perform(run.id)
        except (Transient, OperationalError) as error:
            log.warning("sweep not finished, the next one goes on (%s)", type(error).__name__)
        for one in self._swept:
            self._see_to(one)

    def _see_to(self, one: Swept) -> None:
        """What keeps one of them from its work does not keep the others."""
        try:
            one.sweep()
        except Transient as error:
            log.warning("%s left to the next sweep (%s)", type(one).__name__, type(error).__name__)
