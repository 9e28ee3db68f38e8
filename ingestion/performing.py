"""One run, from claim to finish: what the worker's task and the command call."""

import logging
from collections.abc import Callable
from time import monotonic

from ingestion.catalogue import Catalogue
from ingestion.pipeline import remove, sync
from ingestion.report import Progress, SyncReport
from ingestion.runs import Run, Runs
from ingestion.sources import open_source
from rag.errors import ConfigError, FootnoteError, where
from rag.ports import Embedder, Index

log = logging.getLogger(__name__)

LEASE_SECONDS = 120.0
"""Far above the longest time between two reports of progress: reading one document, embedding one batch."""

_WRITE_EVERY = 1.0  # seconds


class RunLost(FootnoteError):
    """The run was cancelled, or taken over by somebody who thought us dead: stop without writing anything more."""


def perform(
    run_id: str,
    *,
    owner: str,
    runs: Runs,
    catalogue: Catalogue,
    embedder: Embedder,
    index: Index,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Do the run if it is free, and write down how it ended; `owner` names this attempt and nobody else's.

    Returns when there is nothing (more) to do, also for a run that failed: its error says why. Raises only what keeps
    that from being written down: DatabaseUnavailable. A run that ends by anything else (an interrupt) is released.
    """
    run = runs.claim(run_id, owner=owner, lease_seconds=LEASE_SECONDS)
    if run is None:
        return
    told = _Told(runs, run, owner, on_progress)
    try:
        report, error = _attempt(run, catalogue, embedder, index, told)
    except BaseException as stopped:
        runs.release(run_id, owner=owner)
        if isinstance(stopped, RunLost):
            log.info("run %s was lost or cancelled", run_id)
            return
        raise
    runs.finish(run_id, owner=owner, report=report, error=error)


def _attempt(
    run: Run, catalogue: Catalogue, embedder: Embedder, index: Index, told: "_Told"
) -> tuple[SyncReport | None, str | None]:
    """The report, or the error as a sentence."""
    try:
        return _work(run, catalogue, embedder, index, told), None
    except RunLost:
        raise
    except FootnoteError as error:
        log.warning("run %s failed: %s", run.id, type(error).__name__)
        return None, _sentence(str(error))
    except Exception as error:  # noqa: BLE001 - the run must end in the record, whatever it was
        log.error("run %s failed: %s", run.id, where(error))  # noqa: TRY400 - a traceback may hold content
        return None, f"An error that should not happen ended it ({type(error).__name__}); the log says more."


def _work(
    run: Run, catalogue: Catalogue, embedder: Embedder, index: Index, told: "_Told"
) -> SyncReport | None:
    registered = catalogue.source(run.source_id)
    if run.action == "remove":
        if registered is not None:  # else an earlier attempt was done but for saying so
            remove(registered, catalogue=catalogue, index=index)
        return None
    if registered is None or registered.state == "removing":
        raise ConfigError(f"The source {run.source_name} was removed meanwhile.")
    return sync(
        open_source(registered),
        registered,
        catalogue=catalogue,
        embedder=embedder,
        index=index,
        progress=told,
    )


class _Told:
    """Passes progress on, and keeps the lease with it."""

    def __init__(self, runs: Runs, run: Run, owner: str, on_progress: Callable[[Progress], None]) -> None:
        self._runs = runs
        self._run = run
        self._owner = owner
        self._on_progress = on_progress
        self._written_at = monotonic() - _WRITE_EVERY

    def __call__(self, progress: Progress) -> None:
        self._on_progress(progress)
        if monotonic() - self._written_at < _WRITE_EVERY:
            return
        self._written_at = monotonic()
        if not self._runs.renew(
            self._run.id, owner=self._owner, lease_seconds=LEASE_SECONDS, progress=progress
        ):
            raise RunLost


def _sentence(text: str) -> str:
    text = text.strip() or "It failed"
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
