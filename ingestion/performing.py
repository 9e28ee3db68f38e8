"""One run, from claim to finish: what the worker's task and the command call."""

import logging
from collections.abc import Callable
from contextlib import suppress

from ingestion.keeping import LEASE_SECONDS, Kept, RunLost
from ingestion.rebuilding import give_up, rebuild
from ingestion.registered import RegisteredSource
from ingestion.report import Progress, SyncReport
from ingestion.runs import ATTEMPTS, Run
from ingestion.syncing import Tools, remove_source, set_readers, sync_source
from rag.errors import (
    ConfigError,
    FootnoteError,
    IndexUnavailable,
    SourceGone,
    SourceUnavailable,
    Transient,
    where,
)
from rag.noting import count, stage

log = logging.getLogger(__name__)

_UNTIL_DONE = frozenset({"readers", "remove"})
"""What somebody must no longer read is taken away, however long the index is."""


class PutOff(Exception):
    """A service of ours was away: the run is to be tried again. The text is the sentence to show until then."""


def perform(
    run_id: str,
    *,
    owner: str,
    tools: Tools,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Do the run if it is free, and write down how it ended; `owner` names this attempt and nobody else's.

    Returns when there is nothing (more) to do now, also for a run that failed: its error says why; one that found a
    service away is put off, ATTEMPTS times in all. Raises only what keeps that from being written down:
    DatabaseUnavailable. A run that ends by anything else (an interrupt) is released.
    """
    runs = tools.runs
    run = runs.claim(run_id, owner=owner, lease_seconds=LEASE_SECONDS)
    if run is None:
        return
    try:
        with Kept(runs, run, owner, on_progress) as kept, stage("run", **_named(run)):
            report, error = _attempt(run, tools, kept)
            if error and run.action == "rebuild":
                _leave_nothing(tools)
    except PutOff as put_off:
        runs.put_off(run_id, owner=owner, error=str(put_off))
        count("run", action=run.action, result="put off")
    except RunLost:
        log.info("run %s was lost or cancelled", run_id)
        _after_losing(run, tools)
        runs.release(run_id, owner=owner)
        count("run", action=run.action, result="lost")
    except BaseException:
        runs.release(run_id, owner=owner)
        raise
    else:
        if runs.finish(run_id, owner=owner, report=report, error=error):
            _note(run, report, error)
        else:
            _after_losing(run, tools)
            count("run", action=run.action, result="lost")
            runs.release(run_id, owner=owner)  # stopped at the last moment: whoever goes first need not wait


def _named(run: Run) -> dict[str, str]:
    return {"action": run.action, "run_id": run.id, "source_id": run.source_id}


def _note(run: Run, report: SyncReport | None, error: str | None) -> None:
    count("run", action=run.action, result="failed" if error else "done")
    if report is not None:
        for result in ("added", "changed", "unchanged", "deleted"):
            count("document", getattr(report, result), result=result)
        count("document", report.failed_count, result="failed")


def _attempt(run: Run, tools: Tools, kept: Kept) -> tuple[SyncReport | None, str | None]:
    """The report, or the error as a sentence."""
    try:
        return _work(run, tools, kept), None
    except RunLost:
        raise
    except FootnoteError as error:
        log.warning("run %s failed: %s", run.id, type(error).__name__)
        if _is_worth_another(run, error):
            raise PutOff(_sentence(str(error))) from error
        return None, _sentence(str(error))
    except Exception as error:  # noqa: BLE001 - the run must end in the record, whatever it was
        log.error("run %s failed: %s", run.id, where(error))  # noqa: TRY400 - a traceback may hold content
        return None, f"An error that should not happen ended it ({type(error).__name__}); the log says more."


def _is_worth_another(run: Run, error: FootnoteError) -> bool:
    """Whether a part of ours was away. A source that is away is asked again by its next sync."""
    if not isinstance(error, Transient) or isinstance(error, SourceUnavailable):
        return False
    return run.attempts < ATTEMPTS or run.action in _UNTIL_DONE


def _work(run: Run, tools: Tools, kept: Kept) -> SyncReport | None:
    if run.action == "rebuild":
        return rebuild(run, tools, kept)
    registered = tools.catalogue.source(run.source_id)
    if registered is not None and (run.action == "remove" or registered.state == "removing"):
        remove_source(registered.id, tools)  # begun perhaps by an earlier attempt
        registered = None
    if run.action == "remove":
        return None
    if registered is None:
        raise ConfigError(f"The source {run.source_name} was removed meanwhile.")
    if run.action == "readers":
        set_readers(registered, tools)
        return None
    return _sync(registered, tools, kept)


def _sync(registered: RegisteredSource, tools: Tools, kept: Kept) -> SyncReport:
    """Into the index that serves, with the model that it was built with."""
    give_up(tools)  # what is there of a rebuild was left behind: one that goes on keeps syncs from starting
    set_readers(registered, tools)  # should a change not have got as far as asking for its run
    with tools.serving.pair() as pair:
        if pair.embedder is None:
            raise ConfigError(
                "The model that the index was built with cannot be loaded: run `python -m ingestion rebuild`."
            )
        try:
            return sync_source(registered, tools, embedder=pair.embedder, index=pair.index, told=kept)
        except SourceGone:
            kept.check()
            remove_source(registered.id, tools)
            raise


def _after_losing(run: Run, tools: Tools) -> None:
    """A rebuild that somebody stopped leaves nothing; one that somebody else took over goes on. Nor does a sync that
    stood still for so long that its source was removed, and then wrote what it had in hand.
    """
    found = tools.runs.get(run.id)
    if run.action == "rebuild" and found is not None and found.state == "cancelled":
        _leave_nothing(tools)
    if run.action == "sync" and tools.catalogue.source(run.source_id) is None:
        remove_source(run.source_id, tools)


def _leave_nothing(tools: Tools) -> None:
    """Of a rebuild; what cannot be dropped now, the next sync or rebuild drops."""
    with suppress(IndexUnavailable):
        give_up(tools)


def _sentence(text: str) -> str:
    text = text.strip() or "It failed"
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
