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
    """What stands in Slack and is brought up to date (`workers.aging.Aging`, `workers.pinned_list.PinnedList`)."""

    def sweep(self) -> None: ...


class Sweeper:
    """Enqueues unfinished questions and runs, those that are due by now among them; sees to answers that age and to the
    list of sources.

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
        aging: Swept | None = None,
        pinned: Swept | None = None,
        heartbeat: Path | None = None,
    ) -> None:
        self._ledger = ledger
        self._runs = runs
        self._schedule = schedule
        self._ask = ask
        self._perform = perform
        self._kept = [one for one in (aging, pinned) if one is not None]
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
            for kept in self._kept:
                kept.sweep()
        except (Transient, OperationalError) as error:
            log.warning("sweep not finished, the next one goes on (%s)", type(error).__name__)
