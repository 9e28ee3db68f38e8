"""Index and database carried over to another engine: growing out is a copy, not a rebuild.

Nothing is read from the sources and nothing is embedded. The index is copied into a generation of its own at the
target, document by document, and serves there only once it was compared with the original. Cut short, a move begun again
goes on where it was; done twice, it changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import JSON, Connection, Engine, MetaData, Table, func, insert, select
from sqlalchemy.engine import make_url

from ingestion.report import Progress
from ingestion.runs import Runs
from rag.composition import index_folder, open_generations
from rag.database import open_database, transaction
from rag.errors import ConfigError, IndexInUse
from rag.generations import Generations
from rag.ports import Index, Write
from rag.settings import IndexSettings, Settings

_MADE_FOR = "move"
_ROWS = 500  # written in one statement
_ROUNDING, _HALF_PRECISION = 1e-5, 2e-3


@dataclass(frozen=True, slots=True)
class Moved:
    """What is at the target now, and the settings that lead there."""

    what: str
    settings: tuple[str, ...]


def move_index(settings: Settings, to: str | None, *, runs: Runs, told: Callable[[Progress], None]) -> Moved:
    """Copy the index to the server at `to`, or into this installation's folder (None).

    Raises ConfigError when anything works on the index, when there is nothing to move, or when the copy differs.
    """
    if to == settings.index.url:
        raise ConfigError("The index is there already: INDEX_URL says so.")
    with ExitStack() as opened, _nobody_works(settings, runs):
        old = _opened(settings, settings.index, opened)
        new = _opened(settings, settings.index.model_copy(update={"url": to}), opened)
        chunks = _copy_serving(old, new, team_id=settings.storage.team_id, told=told)
    return Moved(f"{chunks} chunks", (f"INDEX_URL={to or ''}",))


def move_database(settings: Settings, to: str, *, runs: Runs) -> Moved:
    """Copy all rows to the database at `to`, in one transaction. Raises ConfigError as `move_index` does."""
    url = settings.storage.database_url
    if make_url(url) == make_url(to):
        raise ConfigError("The database is there already: DATABASE_URL says so.")
    with ExitStack() as opened, _nobody_works(settings, runs):
        if not settings.index.url:  # else the bot of this folder would go on writing
            _opened(settings, settings.index, opened)
        old, new = open_database(url), open_database(to)
        opened.callback(old.dispose)
        opened.callback(new.dispose)
        rows = _copy_rows(old, new)
    return Moved(f"{rows} rows", (f"DATABASE_URL={to}",))


@contextmanager
def _nobody_works(settings: Settings, runs: Runs) -> Iterator[None]:
    at_work = [run.source_name for run in runs.latest().values() if run.state == "running"]
    if at_work:
        raise ConfigError(f"A run is going on ({at_work[0]}): stop the bot and the workers first, then move.")
    try:
        yield
    except IndexInUse:
        raise ConfigError(
            f"The bot is running on {settings.storage.data_dir}: stop it first, then move, then change its settings."
        ) from None


def _opened(settings: Settings, section: IndexSettings, opened: ExitStack) -> Generations:
    folder: Path = index_folder(settings)
    generations = open_generations(section, folder)
    opened.callback(generations.close)
    return generations


def _copy_serving(
    old: Generations, new: Generations, *, team_id: str, told: Callable[[Progress], None]
) -> int:
    """Chunks at the target, which serve there when this returns."""
    serving = old.serving()
    if serving is None:
        raise ConfigError("There is no index to move yet.")
    source = old.index(serving)
    there = new.serving()
    if there and there.identity == serving.identity and _differing(source, new.index(there), team_id) is None:
        return source.count(team_id)
    target = new.index(new.begin(serving.identity, _MADE_FOR))
    _copy(source, target, team_id, told)
    if differing := _differing(source, target, team_id):
        raise ConfigError(
            f"The copy differs from the original ({differing}): something else writes. Move again."
        )
    new.switch()
    new.tidy()
    return target.count(team_id)


def _copy(source: Index, target: Index, team_id: str, told: Callable[[Progress], None]) -> None:
    for gone in target.source_ids(team_id) - source.source_ids(team_id):
        target.delete_source(team_id, gone)
    documents = 0
    for source_id in sorted(source.source_ids(team_id)):
        wanted = source.document_ids(team_id, source_id)
        for document_id in target.document_ids(team_id, source_id) - wanted:
            target.delete_document(team_id, source_id, document_id)
        for document_id in sorted(wanted):
            _copy_document(source, target, (team_id, source_id, document_id))
            documents += 1
            told(Progress(documents=documents))


def _copy_document(source: Index, target: Index, document: tuple[str, str, str]) -> None:
    writes, there = source.export(*document), target.export(*document)
    if not _same(writes, there):
        removed = sorted({it.chunk.point_id for it in there} - {it.chunk.point_id for it in writes})
        target.replace(*document, writes=writes, removed=removed)


def _same(writes: Sequence[Write], others: Sequence[Write]) -> bool:
    """Whether the chunks are equal, with all that is stored of them, and their vectors but for rounding."""
    return [it.chunk for it in writes] == [it.chunk for it in others] and all(
        _alike(it.vector, its.vector, _ROUNDING) and _alike(it.tokens, its.tokens, _HALF_PRECISION)
        for it, its in zip(writes, others, strict=True)
    )


def _alike(one: npt.ArrayLike | None, other: npt.ArrayLike | None, rounding: float) -> bool:
    if one is None or other is None:
        return one is other
    here, there = np.asarray(one), np.asarray(other)
    return here.shape == there.shape and np.allclose(here, there, rtol=0, atol=rounding)


def _differing(source: Index, target: Index, team_id: str) -> str | None:
    """Where the two differ, in words; None when every chunk is there as it should be, and no other."""
    if source.count(team_id) != target.count(team_id):
        return f"{target.count(team_id)} chunks of {source.count(team_id)}"
    for source_id in source.source_ids(team_id):
        for document_id in source.document_ids(team_id, source_id):
            writes, there = (index.export(team_id, source_id, document_id) for index in (source, target))
            if not _same(writes, there):
                return f"a document of source {source_id}"
    return None


def _copy_rows(old: Engine, new: Engine) -> int:
    """Rows at the target. What is there already must be the same."""
    tables, theirs = _tables(old), _tables(new)
    with transaction(old) as reading, transaction(new) as writing:
        for name, table in tables.items():
            rows = _rows(reading, table)
            if writing.execute(select(func.count()).select_from(theirs[name])).scalar_one() == 0:
                _write(writing, theirs[name], rows)
            if sorted(map(repr, _rows(writing, theirs[name]))) != sorted(map(repr, rows)):
                raise ConfigError(f"The database there holds other {name} already: give an empty one.")
        return sum(len(_rows(writing, theirs[name])) for name in tables)


def _tables(engine: Engine) -> dict[str, Table]:
    """All tables, those that others refer to first; the tables of all packages, hence by reflection."""
    found = MetaData()
    found.reflect(engine)
    tables = {table.name: table for table in found.sorted_tables if table.name != "alembic_version"}
    for table in tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return tables


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    columns = sorted(table.columns, key=lambda column: column.name)
    return [dict(row._mapping) for row in connection.execute(select(*columns))]  # noqa: SLF001 - its public name


def _write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS):
        connection.execute(insert(table), rows[start : start + _ROWS])
