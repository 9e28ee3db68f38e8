"""How far a reindexing is, as people read it in Slack. Pure.

While it goes on: a bar, documents and failures, chunks embedded, rate, time left. In the end: what changed, and what failed and why.
Only the admin channel is told names of sources and documents that nobody named there: elsewhere others read it, too.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingestion.report import Failure, SyncReport
from ingestion.runs import Run
from workers.elements import (
    Block,
    Element,
    bullets,
    escaped,
    rich_text,
    section,
    shortened,
    text_element,
    user_element,
)
from workers.rendering import Rendered, defused

INTERRUPTED = (
    "It was interrupted and went on where it was; what was done before that is counted as unchanged."
)

_CELLS = 20
_MOST_SOURCES, _MOST_FAILURES = 20, 10
_NAME_CHARS, _REASON_CHARS = 80, 150
_SURE_DOCUMENTS, _SURE_SECONDS = 10, 3.0  # from which on time left is more than a guess
_MINUTE, _HOUR = 90, 5400  # seconds from which on minutes, hours are told


@dataclass(frozen=True, slots=True)
class Told:
    """What a message is about, and where it stands. `is_named`: one source, called by its name."""

    user_id: str
    is_named: bool
    is_full: bool
    in_detail: bool


def told_of(runs: Sequence[Run], told: Told, at: datetime) -> Rendered:
    """The message, as things are `at` this time."""
    is_over = all(run.is_finished for run in runs)
    head = _head(runs, told, is_over=is_over)
    rows = [*(_summary(runs) if is_over else _progress(runs, at))]
    parts: list[Block] = [section([text_element(head, {"bold": True})])]
    parts += [section([text_element(row)]) for row in rows]
    if told.in_detail and not told.is_named and len(runs) > 1:
        parts.append(bullets([section(_source(run)) for run in runs[:_MOST_SOURCES]]))
        if len(runs) > _MOST_SOURCES:
            parts.append(section([text_element(f"and {len(runs) - _MOST_SOURCES} more sources")]))
    if is_over:
        parts += _failures(runs, in_detail=told.in_detail)
    parts.append(section(_foot(told, is_over=is_over)))
    return Rendered(escaped(defused(" · ".join([head, *rows[:1]]))), [rich_text(parts)])


def _head(runs: Sequence[Run], told: Told, *, is_over: bool) -> str:
    what = _what(runs, told)
    if not is_over:
        return f"Reindexing {what}"
    states = Counter(run.state for run in runs)
    if states["cancelled"]:
        return f"Reindexing {what}: stopped"
    if states["failed"]:
        return (
            f"Reindexing {what}: failed" if len(runs) == 1 else f"Reindexed {what}, {states['failed']} failed"
        )
    return f"Reindexed {what}"


def _what(runs: Sequence[Run], told: Told) -> str:
    full = ", every document anew" if told.is_full else ""
    if told.is_named and runs:
        return f"{shortened(runs[0].source_name, _NAME_CHARS)}{full}"
    if told.is_full:
        return "all sources into a new index"
    return f"{len(runs)} {'source' if len(runs) == 1 else 'sources'}"


def _progress(runs: Sequence[Run], at: datetime) -> Iterator[str]:
    if part := _part(runs):
        done = round(part * _CELLS)
        yield f"{'█' * done}{'░' * (_CELLS - done)}  {part:.0%}"
    documents, total = sum(map(_documents, runs)), _total(runs)
    of = f" of {total:,}" if total else ""
    facts = [f"{documents:,}{of} documents"]
    if failed := sum(map(_failed, runs)):
        facts.append(f"{failed:,} failed")
    facts.append(f"{sum(map(_embedded, runs)):,} chunks embedded")
    yield "  ·  ".join([*facts, *_speed(runs, documents, total, at)])
    waiting = [run.error for run in runs if run.state == "requested" and run.error]
    if waiting:
        yield f"{shortened(waiting[0], _REASON_CHARS)} It is tried again in a while."
    elif not any(run.started_at for run in runs):
        yield "It begins in a moment; if another one is at work, after that."


def _speed(runs: Sequence[Run], documents: int, total: int | None, at: datetime) -> Iterator[str]:
    started = [run.started_at for run in runs if run.started_at]
    seconds = (at - min(started)).total_seconds() if started else 0.0
    if documents < _SURE_DOCUMENTS or seconds < _SURE_SECONDS:
        return
    rate = documents / seconds
    yield f"{rate:,.0f} documents a second" if rate >= 1 else f"{rate * 60:,.0f} documents a minute"
    if total and total > documents:
        yield f"about {_duration((total - documents) / rate)} left"


def _part(runs: Sequence[Run]) -> float | None:
    """How much of it is done, each source counting as much as every other; None where nothing is known of any."""
    parts = [_part_of(run) for run in runs]
    known = [part for part in parts if part is not None]
    return sum(known) / len(parts) if known else None


def _part_of(run: Run) -> float | None:
    if run.is_finished:
        return 1.0
    progress = run.progress
    if progress is None or not progress.total:
        return None
    return min(progress.documents / progress.total, 1.0)


def _total(runs: Sequence[Run]) -> int | None:
    """Documents in all; None where it is not known of every source."""
    totals = [
        _documents(run) if run.is_finished else (run.progress.total if run.progress else None) for run in runs
    ]
    return sum(one for one in totals if one is not None) if all(one is not None for one in totals) else None


def _documents(run: Run) -> int:
    report = run.report
    if report:
        return report.added + report.changed + report.unchanged + report.failed_count
    return run.progress.documents if run.progress else 0


def _failed(run: Run) -> int:
    return run.report.failed_count if run.report else run.progress.failed if run.progress else 0


def _embedded(run: Run) -> int:
    return run.report.embedded if run.report else run.progress.embedded if run.progress else 0


def _summary(runs: Sequence[Run]) -> Iterator[str]:
    reports = [run.report for run in runs if run.report]
    if reports:
        numbers = {
            "new": sum(one.added for one in reports),
            "changed": sum(one.changed for one in reports),
            "unchanged": sum(one.unchanged for one in reports),
            "deleted": sum(one.deleted for one in reports),
            "failed": sum(one.failed_count for one in reports),
        }
        told = [f"{number:,} {word}" for word, number in numbers.items() if number]
        yield "  ·  ".join(told or ["No documents"])
        embedded, chunks = sum(one.embedded for one in reports), sum(one.chunks for one in reports)
        yield f"{chunks:,} chunks, {embedded:,} embedded now  ·  {_duration(_seconds(runs))}"
    if any(run.attempts > 1 and run.state == "done" for run in runs):
        yield INTERRUPTED
    if any(run.state == "cancelled" for run in runs):
        yield "What was read before it was stopped stays; answers come from that and from what was there."
    errors = dict.fromkeys(run.error for run in runs if run.state == "failed" and run.error)
    yield from (shortened(error, _REASON_CHARS) for error in [*errors][:_MOST_FAILURES])


def _seconds(runs: Sequence[Run]) -> float:
    """From the first start to the last end."""
    started = [run.started_at for run in runs if run.started_at]
    finished = [run.finished_at for run in runs if run.finished_at]
    return (max(finished) - min(started)).total_seconds() if started and finished else 0.0


def _source(run: Run) -> list[Element]:
    name = text_element(shortened(run.source_name, _NAME_CHARS), {"bold": True})
    return [name, text_element(f"  ·  {_state(run)}")]


def _state(run: Run) -> str:
    match run.state:
        case "running":
            total = run.progress.total if run.progress else None
            return f"{_documents(run):,}{f' of {total:,}' if total else ''} documents"
        case "done":
            return f"{_documents(run):,} documents" + (f", {_failed(run):,} failed" if _failed(run) else "")
        case "failed":
            return f"failed: {shortened(run.error or 'no reason is known', _REASON_CHARS)}"
        case "cancelled":
            return "stopped"
        case _:
            return "waits"


def _failures(runs: Sequence[Run], *, in_detail: bool) -> list[Block]:
    """The first documents that failed, with reasons; elsewhere than among admins only how many failed for what reason."""
    reports: list[SyncReport] = [run.report for run in runs if run.report]
    failed = [failure for report in reports for failure in report.failed]
    count = sum(report.failed_count for report in reports)
    if not count:
        return []
    if not in_detail:
        reasons = Counter(failure.reason for failure in failed).most_common(_MOST_FAILURES)
        lines = [
            section([text_element(f"{number:,} {shortened(reason, _REASON_CHARS)}")])
            for reason, number in reasons
        ]
        return [bullets(lines)]
    shown = failed[:_MOST_FAILURES]
    more = count - len(shown)
    rest = (
        [section([text_element(f"and {more:,} more; all of them: show and the source's name")])]
        if more
        else []
    )
    return [bullets([section(_failure(one)) for one in shown]), *rest]


def _failure(failure: Failure) -> list[Element]:
    name = text_element(shortened(failure.document, _NAME_CHARS), {"bold": True})
    return [name, text_element(f" {shortened(failure.reason, _REASON_CHARS)}")]


def _foot(told: Told, *, is_over: bool) -> list[Element]:
    is_known = told.user_id.isupper()  # else somebody who was forgotten since
    who = user_element(told.user_id) if is_known else text_element(told.user_id)
    asked = [text_element("Asked for by "), who]
    return asked if is_over else [*asked, text_element("  ·  to stop it: /reindex cancel")]


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < _HOUR else f"{seconds / 3600:.1f} h"
