"""A run kept while it is worked on: its lease renewed by a thread of its own, so that no slow step loses it."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import Self

from ingestion.report import Progress
from ingestion.runs import Run, Runs
from rag.errors import FootnoteError, Transient

log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
"""After so long a run whose process died is taken up by another; three renewals fit into it."""

_WRITE_EVERY = 1.0  # seconds


class RunLost(FootnoteError):
    """The run was cancelled, or taken over by somebody who thought us dead: stop without writing anything more."""


class Kept:
    """A claimed run, and the one to tell how far it is: raises RunLost when it is no longer ours. A context manager."""

    def __init__(self, runs: Runs, run: Run, owner: str, on_progress: Callable[[Progress], None]) -> None:
        self._runs = runs
        self._run = run
        self._owner = owner
        self._on_progress = on_progress
        self._written_at = monotonic() - _WRITE_EVERY
        self._done = Event()
        self._lost = Event()
        self._thread = Thread(target=self._keep, name="run", daemon=True)

    def __call__(self, progress: Progress) -> None:
        if self._lost.is_set():
            raise RunLost
        self._on_progress(progress)
        if monotonic() - self._written_at < _WRITE_EVERY:
            return
        self._written_at = monotonic()
        if not self._renewed(progress):
            raise RunLost

    def check(self) -> None:
        """Raises RunLost when the run is no longer ours, as the database says at this moment."""
        if self._lost.is_set() or not self._renewed(None):
            raise RunLost

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._done.wait(LEASE_SECONDS / 3):
            try:
                if not self._renewed(None):
                    self._lost.set()
                    return
            except Transient as error:
                log.warning("lease of run %s not renewed: %s", self._run.id, error)

    def _renewed(self, progress: Progress | None) -> bool:
        return self._runs.renew(
            self._run.id, owner=self._owner, lease_seconds=LEASE_SECONDS, progress=progress
        )
