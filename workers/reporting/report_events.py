"""What is to be reported, of how things stand and what was told before. Pure.

sync        a sync failed: once, until it works again, which is told in the same thread if the failure was
late        a source was not read when it was due: once, until it is read, which is told in the same thread
documents   documents that stay unread: each once, at most one message a day and source; and that all can be read again
old         pages that many answers rest on and nobody has changed for long: each once, at most one message a week
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ingestion.catalogue import Failing, SourceStatus
from ingestion.run_table import Run
from workers.reporting import report_words
from workers.reporting.report_book import Key, Told
from workers.reporting.report_posting import Report
from workers.reporting.usage import OldPage

OLD_PAGES = Key("pages", "old")

_DAY, _WEEK = 86_400.0, 7 * 86_400.0
_FAILING, _LATE, _FINE = "failed:", "late:", "fine:"
_MOST_MARKS = 2000

Before = Mapping[Key, Told]


@dataclass(frozen=True, slots=True)
class Standing:
    """A source: in numbers, the last of its syncs that came to an end (or was tried again and again), and what stays unread of it."""

    status: SourceStatus
    ended: Run | None
    is_at_work: bool
    unreadable: Sequence[Failing]

    @property
    def is_watched(self) -> bool:
        """Nobody is told of a source that is paused, or on its way out."""
        return self.status.source.state == "active" and not self.status.source.is_paused


def of_sources(standings: Sequence[Standing], before: Before, at: float) -> Iterator[Report]:
    """What is to be told at `at` (seconds since 1970), the gravest first."""
    watched = [one for one in standings if one.is_watched]
    for topic in (_sync, _late, _documents):
        for one in watched:
            report = topic(one, before, at)
            if report is not None:
                yield report


def of_pages(pages: Sequence[OldPage], before: Before, at: float) -> Report | None:
    """Those that were not told of as they are now."""
    told = before.get(OLD_PAGES)
    known = set(told.marks) if told else set[str]()
    marks = {_mark(page.source_id, page.document_id, page.updated_at.isoformat()): page for page in pages}
    fresh = {mark: page for mark, page in marks.items() if mark not in known}
    if not fresh or (told and at < told.told_at + _WEEK):
        return None
    # One that is asked for less this month is remembered all the same.
    remembered = tuple([*fresh, *sorted(known)][:_MOST_MARKS])
    words = report_words.old_pages([*fresh.values()], datetime.fromtimestamp(at, UTC))
    return Report(OLD_PAGES, _event("old", fresh), words, remembered)


def _sync(one: Standing, before: Before, at: float) -> Report | None:
    key, ended = Key(one.status.source.id, "sync"), one.ended
    if ended is None:
        return None
    told = before.get(key)
    is_told = told is not None and told.event.startswith(_FAILING)
    if ended.state != "done":
        words = report_words.failed(one.status, ended.error or "it came to no end")
        if is_told:
            return None
        # What comes and goes all day is for the thread alone.
        is_new = told is None or at > told.told_at + _DAY
        return Report(key, f"{_FAILING}{_asked_at(ended)}", words, loud=is_new)
    # One that was asked for before the one that failed is not the end of it.
    if not told or not is_told or _asked_at(ended) < told.event.removeprefix(_FAILING):
        return None
    words = report_words.works_again(one.status, ended.finished_at or ended.requested_at)
    return Report(key, f"{_FINE}{_asked_at(ended)}", words, loud=False)


def _late(one: Standing, before: Before, _at: float) -> Report | None:
    status, key = one.status, Key(one.status.source.id, "late")
    since = f"{status.synced_at.timestamp():.3f}" if status.synced_at else "never"
    told, failing = before.get(key), before.get(Key(status.source.id, "sync"))
    is_failing = failing is not None and failing.event.startswith(_FAILING)
    if status.is_stale:
        if one.is_at_work or (told and told.event == f"{_LATE}{since}"):
            return None
        return Report(key, f"{_LATE}{since}", report_words.stale(status), loud=not is_failing)
    if told is None or not told.event.startswith(_LATE) or status.synced_at is None or is_failing:
        return None
    if failing is not None and failing.told_at > told.told_at:
        return None  # it was a failure that held it up, and the end of that was told
    return Report(key, f"{_FINE}{since}", report_words.works_again(status, status.synced_at), loud=False)


def _documents(one: Standing, before: Before, at: float) -> Report | None:
    key, name = Key(one.status.source.id, "documents"), one.status.source.name
    told = before.get(key)
    marks = {_mark(failing.id): failing for failing in one.unreadable[:_MOST_MARKS]}
    known = set(told.marks) if told else set[str]()
    if known and not one.status.failing:
        return Report(key, f"{_FINE}{at:.3f}", report_words.all_read(name), loud=False)
    fresh = {mark: failing for mark, failing in marks.items() if mark not in known}
    if not fresh or (told and at < told.told_at + _DAY):
        return None
    # One that could be read again in between is told of anew should it fail again.
    return Report(
        key, _event("documents", fresh), report_words.unreadable(name, [*fresh.values()]), tuple(marks)
    )


def _asked_at(run: Run) -> str:
    """Sorts as the times do."""
    return f"{run.requested_at.timestamp():017.6f}"


def _mark(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _event(what: str, marks: Mapping[str, object]) -> str:
    return f"{what}:{_mark(*sorted(marks))}"
