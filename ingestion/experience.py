"""How much reading has cost here so far: chunks and seconds by document, from what past syncs have noted. Nothing is guessed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, and_, func, select

from ingestion.catalogue import documents, sources
from ingestion.report import SyncReport
from ingestion.run_table import runs
from rag.database import transaction

_LATEST = 200  # syncs that are looked at


@dataclass(frozen=True, slots=True)
class Experience:
    """Means over `documents` that are indexed here. `is_alike`: of sources of the very kind that was asked for.

    `seconds_per_chunk` is None where the measured syncs had nothing to embed.
    """

    documents: int
    chunks_per_document: float
    seconds_per_document: float
    seconds_per_chunk: float | None
    is_alike: bool


@dataclass(frozen=True, slots=True)
class _Synced:
    """What one sync read, and what that took. Syncs that mostly found everything unchanged tell little about reading."""

    kind: str
    read: int
    embedded: int
    seconds: float


def experience(engine: Engine, team_id: str, kind: str) -> Experience | None:
    """With sources of this kind, or, where none has been read yet, with all others; None where nothing has.

    Raises DatabaseUnavailable.
    """
    indexed, synced = _indexed(engine, team_id), _synced(engine, team_id)
    own = [indexed[kind]] if kind in indexed else []
    alike = _means(own, [one for one in synced if one.kind == kind], is_alike=True)
    return alike or _means([*indexed.values()], synced, is_alike=False)


def _means(
    indexed: Sequence[tuple[int, int]], synced: Sequence[_Synced], *, is_alike: bool
) -> Experience | None:
    """Of documents and their chunks, and of syncs; None where there are too few of either."""
    number, chunks = sum(one for one, _ in indexed), sum(one for _, one in indexed)
    read, seconds = sum(one.read for one in synced), sum(one.seconds for one in synced)
    embedded = sum(one.embedded for one in synced)
    if not number or not read or not seconds:
        return None
    return Experience(
        number, chunks / number, seconds / read, seconds / embedded if embedded else None, is_alike
    )


def _indexed(engine: Engine, team_id: str) -> dict[str, tuple[int, int]]:
    """Documents and their chunks, by kind of source."""
    counted = (
        select(sources.c.kind, func.count(), func.sum(documents.c.chunks))
        .join(documents, documents.c.source_id == sources.c.id)
        .where(sources.c.team_id == team_id, documents.c.failure.is_(None), documents.c.chunks > 0)
        .group_by(sources.c.kind)
    )
    with transaction(engine) as connection:
        return {kind: (number, int(chunks)) for kind, number, chunks in connection.execute(counted)}


def _synced(engine: Engine, team_id: str) -> list[_Synced]:
    latest = (
        select(sources.c.kind, runs.c.report)
        .join(sources, sources.c.id == runs.c.source_id)
        .where(
            and_(runs.c.team_id == team_id, runs.c.action == "sync", runs.c.state == "done"),
            runs.c.report.is_not(None),
        )
        .order_by(runs.c.finished_at.desc())
        .limit(_LATEST)
    )
    with transaction(engine) as connection:
        told = [(row.kind, SyncReport.model_validate(row.report)) for row in connection.execute(latest)]
    return [
        _Synced(kind, read, report.embedded, report.seconds)
        for kind, report in told
        if (read := report.added + report.changed) and read >= report.unchanged
    ]
