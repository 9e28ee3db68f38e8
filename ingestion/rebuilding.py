"""The index built anew beside the one that serves, which answers until the new one takes its place.

Every active source is synced into the new index: read, cut and embedded as the settings and this version say now. So
the new index is what a sync would make of the sources today, whatever it was that changed. Re-embedding the chunks of
the old one instead would be quicker after a change of the model, but would keep chunks cut for another model's window.

What cannot be read at the moment is not lost by the switch: a document that the catalogue still counts as there, and
that its sync did not bring, is carried over, its stored text embedded anew where the model is another. Its next sync
reads it again.

While it builds, removals and changes of readers reach both indexes. Before the switch the new one is compared once more
with the catalogue: whatever is not of an active source goes, and each source gets the readers it has by then. A removal
or a change after that comparison finds both indexes again, since it first writes the catalogue and then looks which
there are.

Other teams whose documents are in the same index are not read from here, where nobody has their tokens: what is stored of them is
carried over, and a sync of each of their sources is asked for. Meanwhile none of them syncs.

The catalogue tells of one index, and while it builds that is the new one. Wherever the building is given up, all
versions are therefore forgotten first: the next syncs read everything again and write what differs. They embed nothing
that is held.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from ingestion.catalogue import Catalogue, teams
from ingestion.chunking import CHUNKING
from ingestion.indexing.token_vectors import token_vectors
from ingestion.keeping import Kept
from ingestion.registered import RegisteredSource
from ingestion.report import Progress, SyncReport
from ingestion.runs import ALL_SOURCES, Run, Runs
from ingestion.syncing import Told, Tools, remove_source, sync_source
from rag.errors import ConfigError, DocumentUnreadable, SourceGone, SourceUnavailable
from rag.generations import Generation
from rag.ports import Embedder, Index, Write

log = logging.getLogger(__name__)

REQUESTED_BY = "changed settings"

INDEX_VERSION = CHUNKING
"""Version of what an index is cut with; see `rag.adapters.identity`."""


def request_if_needed(tools: Tools) -> None:
    """Ask for a rebuild where the index was not built with what the settings ask for; one begun for other settings is
    given up.
    """
    serving = tools.serving
    if not serving.is_as_wanted:
        tools.runs.request(ALL_SOURCES, "rebuild", REQUESTED_BY)
        return
    building = serving.generations.building()
    if building is not None and building.identity != serving.wanted:
        tools.runs.cancel(building.made_for)
        give_up(tools)


def give_up(tools: Tools) -> None:
    """Drop what was being built, if anything was; no rebuild may be going on."""
    if tools.serving.generations.building() is not None:
        for team_id in teams(tools.engine):  # whosever sources were read into it
            Catalogue(tools.engine, team_id).forget_versions()
        tools.serving.generations.discard()
        log.info("the index that was being built was given up")


def rebuild(run: Run, tools: Tools, told: Kept) -> SyncReport:
    """Build the index anew and switch to it; called again for the same run, it goes on where it was.

    Raises what the ports raise, and what `told` raises.
    """
    serving = tools.serving
    former = serving.generations.serving()
    if former is not None and former.made_for == run.id:  # switched, and then cut short
        serving.retire()
        return SyncReport()
    building = serving.generations.building()
    if building is not None and (building.made_for, building.identity) != (run.id, serving.wanted):
        give_up(tools)
    new = serving.generations.begin(serving.wanted, run.id)
    report = _Rebuild(tools, former, new, told).run()
    for others in _other_teams(tools):
        _Rebuild(others, former, new, told).keep()
    told.check()
    serving.switch()
    return report


def _other_teams(tools: Tools) -> Iterator[Tools]:
    for team_id in teams(tools.engine):
        if team_id != tools.catalogue.team_id:
            runs, catalogue = Runs(tools.engine, team_id), Catalogue(tools.engine, team_id)
            yield replace(tools, runs=runs, catalogue=catalogue)


class _Rebuild:
    """One pass over all sources of one team."""

    def __init__(self, tools: Tools, former: Generation | None, new: Generation, told: Told) -> None:
        generations = tools.serving.generations
        self._tools = tools
        self._team_id = tools.catalogue.team_id
        self._embedder: Embedder = tools.serving.embedder
        self._former = former
        self._old = generations.index(former) if former and former.identity.is_readable else None
        self._new: Index = generations.index(new)
        self._told = told
        self._report = SyncReport()
        self._documents = 0

    def run(self) -> SyncReport:
        for registered in self._tools.catalogue.sources():
            if registered.state == "active":
                self._source(registered)
            else:
                remove_source(registered.id, self._tools)  # whose removal was perhaps cut short
        self._compare_with_catalogue()
        self._report.chunks = self._new.count(self._team_id)
        return self._report

    def keep(self) -> None:
        """Carry over what is stored, and have it read again soon."""
        kept = [one for one in self._tools.catalogue.sources() if one.state == "active"]
        for registered in kept:
            self._carry_over(registered)
        self._compare_with_catalogue()
        self._tools.catalogue.forget_versions()
        for registered in kept:
            if not registered.is_paused:
                with suppress(ConfigError):  # it was removed meanwhile
                    self._tools.runs.request(registered.id, "sync", REQUESTED_BY)

    def _source(self, registered: RegisteredSource) -> None:
        try:
            report = self._synced(registered)
            _add(report, to=self._report)
            self._carry_over(registered)
        except Exception:
            if self._is_active(registered):
                raise
        if not self._is_active(registered):
            remove_source(registered.id, self._tools)  # what was still written of it, after its removal
        self._documents = _documents(self._report)

    def _synced(self, registered: RegisteredSource) -> SyncReport:
        try:
            return sync_source(
                registered, self._tools, embedder=self._embedder, index=self._new, told=self._tell
            )
        except SourceGone as gone:
            remove_source(registered.id, self._tools)
            return _failed(registered, str(gone))
        except (SourceUnavailable, ConfigError, DocumentUnreadable) as error:
            return _failed(registered, str(error))

    def _carry_over(self, registered: RegisteredSource) -> None:
        if self._old is None:
            return
        owner = (self._team_id, registered.id)
        known = self._tools.catalogue.documents(registered.id)
        missing = self._old.document_ids(*owner) - self._new.document_ids(*owner)
        for document_id in sorted(missing & {it.id for it in known.values() if it.chunks}):
            writes = [write for write in self._old.export(*owner, document_id) if write.chunk.readers]
            self._tell(Progress())
            self._new.replace(*owner, document_id, writes=self._comparable(writes), removed=[])

    def _comparable(self, writes: list[Write]) -> list[Write]:
        """The chunks with vectors of the new index's model, and those of their tokens where it holds such."""
        chunks = [write.chunk for write in writes]
        tokens = token_vectors(chunks, self._embedder, self._new)
        if self._former and self._former.identity.takes(self._embedder):
            vectors = [write.vector for write in writes]
        else:
            vectors = [*self._embedder.embed_passages([chunk.indexed_text for chunk in chunks])]
            self._report.embedded += len(chunks)
        return [
            Write(chunk, vector, tokens.get(chunk.fingerprint))
            for chunk, vector in zip(chunks, vectors, strict=True)
        ]

    def _compare_with_catalogue(self) -> None:
        """Until the catalogue is found as it was before: nothing that changes later can have been overwritten."""
        wanted = None
        while wanted != (active := self._active()):
            wanted = active
            for source_id in self._new.source_ids(self._team_id) - wanted.keys():
                self._new.delete_source(self._team_id, source_id)
            for source_id, readers in wanted.items():
                self._new.set_readers(self._team_id, source_id, readers)

    def _active(self) -> Mapping[str, frozenset[str]]:
        return {it.id: it.readers for it in self._tools.catalogue.sources() if it.state == "active"}

    def _is_active(self, registered: RegisteredSource) -> bool:
        return registered.id in self._active()

    def _tell(self, progress: Progress) -> None:
        """How far all sources together are."""
        self._told(
            Progress(
                documents=self._documents + progress.documents,
                failed=self._report.failed_count + progress.failed,
                embedded=self._report.embedded + progress.embedded,
            )
        )


def _documents(report: SyncReport) -> int:
    return report.added + report.changed + report.unchanged + report.failed_count


def _failed(registered: RegisteredSource, reason: str) -> SyncReport:
    report = SyncReport()
    report.fail(registered.name, reason)
    return report


def _add(report: SyncReport, *, to: SyncReport) -> None:
    for name in ("added", "changed", "unchanged", "deleted", "quarantined", "embedded", "reused", "seconds"):
        setattr(to, name, getattr(to, name) + getattr(report, name))
    for failure in report.failed:
        to.fail(failure.document, failure.reason)
    to.failed_count += report.failed_count - len(report.failed)
    for reason, number in report.skipped.items():
        to.skipped[reason] = to.skipped.get(reason, 0) + number
    to.mask(report.masked)
