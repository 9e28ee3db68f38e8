"""Reports in the admin channel: what fails, what is late, what cannot be read, what is old; each once, in a thread for each source.

A part of the sweep. It looks at most every fifteen seconds, and posts one message at most, so that a bad morning is told bit by bit.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from time import monotonic

from sqlalchemy import Engine, and_, func, or_, select

from ingestion.catalogue import Catalogue, Failing, documents
from ingestion.run_table import UNFINISHED, Run, found, runs
from ingestion.runs import ATTEMPTS
from ingestion.stock import UNSETTLED
from rag.database import now, transaction
from workers.reporting.report_events import OLD_PAGES, Before, Standing, of_pages, of_sources
from workers.reporting.report_posting import Report, ReportPosting
from workers.reporting.usage import Usage

_LOOK_SECONDS = 15.0  # between two looks at the sources, in one process…
_LOOK_AT_PAGES_SECONDS = 3600.0  # …and at what answers rest on, which takes longer
_MOST_DOCUMENTS = 5000

Readers = Callable[[], frozenset[str]]
"""The reader keys that everybody in the channel holds. Raises SlackUnavailable."""


class Standings:
    """How the sources of one team stand."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue

    def look(self) -> list[Standing]:
        """Raises DatabaseUnavailable."""
        ended, at_work, unreadable = self._ended(), self._at_work(), self._unreadable()
        return [
            Standing(
                status,
                ended.get(status.source.id),
                status.source.id in at_work,
                unreadable.get(status.source.id, []),
            )
            for status in self._catalogue.overview()
        ]

    def _ended(self) -> Mapping[str, Run]:
        """The last sync of each source that ended, or that found a service away so often that it will not pass by itself soon."""
        keeps_failing = and_(
            runs.c.state == "requested", runs.c.error.is_not(None), runs.c.attempts >= ATTEMPTS
        )
        ended = and_(
            runs.c.team_id == self._catalogue.team_id,
            runs.c.action == "sync",
            or_(runs.c.state.in_(("done", "failed")), keeps_failing),
        )
        last = select(runs.c.source_id, func.max(runs.c.requested_at).label("at")).where(ended)
        latest = last.group_by(runs.c.source_id).subquery()
        is_latest = (
            select(latest.c.at)
            .where(latest.c.source_id == runs.c.source_id, latest.c.at == runs.c.requested_at)
            .exists()
        )
        with transaction(self._engine) as connection:
            return {run.source_id: run for run in found(connection, and_(ended, is_latest))}

    def _at_work(self) -> set[str]:
        mine = select(runs.c.source_id).where(
            runs.c.team_id == self._catalogue.team_id,
            runs.c.state.in_(UNFINISHED),
            runs.c.lease_until > now(),
        )
        with transaction(self._engine) as connection:
            return set(connection.scalars(mine))

    def _unreadable(self) -> Mapping[str, list[Failing]]:
        """Documents that are not tried again by themselves, or not today, by source."""
        left = (
            select(documents)
            .where(
                documents.c.team_id == self._catalogue.team_id,
                documents.c.failure.is_not(None),
                documents.c.layout != UNSETTLED,
            )
            .order_by(documents.c.source_id, documents.c.document_id)
            .limit(_MOST_DOCUMENTS)
        )
        by_source: dict[str, list[Failing]] = {}
        with transaction(self._engine) as connection:
            for row in connection.execute(left):
                failing = Failing(row.document_id, row.title, row.failure, row.failures)
                by_source.setdefault(row.source_id, []).append(failing)
        return by_source


class Reports:
    """Tells admins what they should know; without a channel it tells nobody."""

    def __init__(
        self, posting: ReportPosting, standings: Standings, usage: Usage, readers: Readers, engine: Engine
    ) -> None:
        self._posting = posting
        self._standings = standings
        self._usage = usage
        self._readers = readers
        self._engine = engine
        self._look_at = 0.0
        self._look_at_pages_at = 0.0

    def sweep(self) -> None:
        """Post the gravest thing that was not told yet. Raises DatabaseUnavailable, SlackUnavailable; the next sweep goes on."""
        if not self._posting.channel_id or monotonic() < self._look_at:
            return
        self._look_at = monotonic() + _LOOK_SECONDS
        self._posting.settle()
        standings, before = self._standings.look(), self._posting.book.all()
        self._forget(standings, before)
        with transaction(self._engine) as connection:
            at = float(connection.execute(select(now())).scalar_one())
        for report in chain(of_sources(standings, before, at), self._of_pages(standings, before, at)):
            if self._posting.tell(report):
                return

    def _of_pages(self, standings: Sequence[Standing], before: Before, at: float) -> list[Report]:
        """Of those that all in the channel may read."""
        told = before.get(OLD_PAGES)
        if monotonic() < self._look_at_pages_at or (told and at < told.told_at + 7 * 86_400):
            return []
        pages = self._usage.old_grounds()
        readers = self._readers() if pages else frozenset()
        open_to_all = {
            one.status.source.id
            for one in standings
            if one.is_watched and one.status.source.readers & readers
        }
        report = of_pages([page for page in pages if page.source_id in open_to_all], before, at)
        if report is None:
            self._look_at_pages_at = monotonic() + _LOOK_AT_PAGES_SECONDS
        return [report] if report else []

    def _forget(self, standings: Sequence[Standing], before: Before) -> None:
        """Sources that were removed."""
        there = {one.status.source.id for one in standings}
        about_sources = {key.subject for key in before if key.topic in {"sync", "late", "documents"}}
        self._posting.book.forget(about_sources - there)
