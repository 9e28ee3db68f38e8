"""What the commands print: a progress bar where a person watches, one plain line a source elsewhere, or JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from ingestion.catalogue import Failing, SourceStatus
from ingestion.kinds import KINDS, in_words
from ingestion.report import Progress, SyncReport
from ingestion.runs import ALL_SOURCES, Run

_DONE = {"remove": "removed", "readers": "audience changed"}


class Show(Protocol):
    """Shows how far a run is."""

    def __call__(self, progress: Progress) -> None: ...


class Display:
    """Where a command's output goes. Only results go to standard output."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._out = Console(highlight=False, markup=False, soft_wrap=True)
        self._err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, name: str) -> Iterator[Show]:
        """A bar while the block runs; nothing where nobody would see it move."""
        if self._as_json or not self._err.is_terminal:
            yield lambda _progress: None
            return
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        with Bars(*columns, console=self._err, transient=True) as bars:
            task = bars.add_task(name, total=None)
            yield lambda progress: bars.update(
                task,
                description=f"{name}, {progress.embedded} texts embedded" if progress.embedded else name,
                completed=progress.documents,
                total=progress.total,
            )

    def note(self, sentence: str) -> None:
        """Something worth knowing on the way."""
        self._err.print(sentence)

    def line(self, sentence: str) -> None:
        """A result in words; as JSON the results come by `data`."""
        if not self._as_json:
            self._out.print(sentence)

    def data(self, value: Mapping[str, Any]) -> None:
        """The results as JSON, where that was asked for."""
        if self._as_json:
            self._out.print(json.dumps(value, ensure_ascii=False, indent=2))

    def run(self, run: Run) -> None:
        """How a run ended, in a line; what could not be read, in more."""
        self.line(f"{run.source_name}: {_outcome(run)}")
        for failure in run.report.failed if run.report else ():
            self.note(f"  {failure.document}: {failure.reason}")

    def status(self, statuses: Sequence[SourceStatus], latest: Mapping[str, Run]) -> None:
        """The sources in a table."""
        if not statuses:
            self.line("No sources yet: python -m ingestion add FOLDER-OR-ADDRESS")
            return
        table = Table("source", "documents", "chunks", "unreadable", "synced", "next", "last run", box=None)
        for status in statuses:
            run = latest.get(status.source.id)
            numbers = map(str, (status.documents, status.chunks, status.failing))
            synced = _when(status.synced_at) + (" (stale)" if status.is_stale else "")
            due = _when(status.due_at) if status.due_at else "when asked"
            due = "paused" if status.source.is_paused else due
            table.add_row(status.source.name, *numbers, synced, due, _outcome(run) if run else "none")
        if (rebuild := latest.get(ALL_SOURCES)) and rebuild.state != "done":
            self.line(f"The index is built anew: {_outcome(rebuild)}")
        if not self._as_json:
            Console(highlight=False, markup=False, width=None if self._out.is_terminal else 220).print(table)

    def details(self, status: SourceStatus, run: Run | None, failing: Sequence[Failing]) -> None:
        """One source: where it is, who reads it, what was skipped and what could not be read, and why."""
        source = status.source
        options = "".join(f", {key} {value}" for key, value in sorted(source.options.items()))
        self.line(f"{source.name}: {KINDS[source.kind].words} at {source.location}{options}")
        self.line(f"  read by {', '.join(sorted(source.readers))}; synced {in_words(source.every_seconds)}")
        if source.people_channel:
            self.line(f"  what it does not say is asked in {source.people_channel}")
        stale = " (stale)" if status.is_stale else ""
        due = f", next {_when(status.due_at)}" if status.due_at else ""
        due = ", paused" if source.is_paused else due
        self.line(f"  last synced {_when(status.synced_at)}{stale}{due}")
        self.line(f"  {status.documents} documents, {status.chunks} chunks, {status.failing} unreadable")
        if run:
            self.line(f"  last run: {_outcome(run)}")
        for reason, number in sorted(run.report.skipped.items()) if run and run.report else ():
            self.line(f"  skipped {number}: {reason}")
        for failure in failing:
            self.line(f"  {failure.id}: {failure.reason}")
        if status.failing > len(failing):
            self.line(f"  … and {status.failing - len(failing)} more")


def status_json(status: SourceStatus, run: Run | None, failing: Sequence[Failing]) -> dict[str, Any]:
    source = status.source
    return {
        "name": source.name,
        "kind": source.kind,
        "location": source.location,
        "readers": sorted(source.readers),
        "options": dict(source.options),
        "state": source.state,
        "every_seconds": source.every_seconds,
        "is_paused": source.is_paused,
        "people_channel": source.people_channel or None,
        "documents": status.documents,
        "chunks": status.chunks,
        "unreadable": status.failing,
        "failures": [asdict(failure) for failure in failing],
        "synced_at": status.synced_at.isoformat() if status.synced_at else None,
        "due_at": status.due_at.isoformat() if status.due_at else None,
        "is_stale": status.is_stale,
        "last_run": run_json(run) if run else None,
    }


def run_json(run: Run) -> dict[str, Any]:
    return {
        "source": run.source_name,
        "action": run.action,
        "state": run.state,
        "requested_by": run.requested_by,
        "error": run.error,
        "report": run.report.model_dump(mode="json") if run.report else None,
    }


def _outcome(run: Run) -> str:
    match run.state:
        case "done" if run.action in _DONE:
            return _DONE[run.action]
        case "done" if run.report:
            return _counts(run.report)
        case "failed":
            return f"failed. {run.error}"
        case "running" if run.progress:
            return f"{run.action} running, {run.progress.documents} documents so far"
        case "requested" if run.error:
            return f"{run.action} waits for its next try. {run.error}"
        case state:
            return f"{run.action} {state}"


def _counts(report: SyncReport) -> str:
    counted = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "skipped": sum(report.skipped.values()),
        "failed": report.failed_count,
    }
    documents = ", ".join(f"{number} {what}" for what, number in counted.items() if number) or "no documents"
    reused = f", {report.reused} reused" if report.reused else ""
    masked = f"; secrets removed: {sum(report.masked.values())}" if report.masked else ""
    work = f"{report.chunks} chunks, {report.embedded} embedded{reused} in {report.seconds:.1f} s"
    return f"{documents}; {work}{masked}"


def _when(time: datetime | None) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M") if time else "never"
