"""One source synced, with all that this takes: the source opened, its documents read where they can do no harm."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.confined import ConfinedReader
from ingestion.fetching import Fetcher
from ingestion.pipeline import sync
from ingestion.reading import Reader
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.report import Progress, SyncReport
from ingestion.runs import Runs
from ingestion.sources import Means, open_source
from rag.generations import every_index
from rag.ports import Embedder, Index
from rag.serving import Serving
from rag.settings import Settings

Told = Callable[[Progress], None]
"""Is told how far the work is; what it raises ends the work."""


def confined(embedder: Embedder) -> AbstractContextManager[Reader]:
    """A reader for the embedder's chunks, in a process without network that ends with the block."""
    return closing(ConfinedReader(embedder.counter, embedder.max_tokens))


@dataclass(frozen=True, slots=True)
class Tools:
    """What runs are performed with, the same for all runs of a process."""

    settings: Settings
    engine: Engine
    runs: Runs
    catalogue: Catalogue
    serving: Serving
    reader: Callable[[Embedder], AbstractContextManager[Reader]] = confined


def sync_source(
    registered: RegisteredSource, tools: Tools, *, embedder: Embedder, index: Index, told: Told
) -> SyncReport:
    """Bring the index to what the source holds now. Raises what `pipeline.sync` and `open_source` raise."""
    with _means(registered, tools) as means, tools.reader(embedder) as reader:
        report = sync(
            open_source(registered, means),
            registered,
            catalogue=tools.catalogue,
            reader=reader,
            embedder=embedder,
            index=index,
            progress=told,
        )
    tools.catalogue.synced(registered.id)
    return report


def remove_source(source_id: str, tools: Tools) -> None:
    """Take the source out of every index, then of the catalogue. Cut short, it is completed by calling it again."""
    team_id = tools.catalogue.team_id
    tools.catalogue.retire(source_id)
    for index in every_index(tools.serving.generations):
        index.delete_source(team_id, source_id)
    tools.catalogue.drop(source_id)


def set_readers(registered: RegisteredSource, tools: Tools) -> None:
    """Let those read the source, in every index, whom the catalogue names, and nobody else."""
    for index in every_index(tools.serving.generations):
        index.set_readers(registered.team_id, registered.id, registered.readers)


@contextmanager
def _means(registered: RegisteredSource, tools: Tools) -> Iterator[Means]:
    data_dir: Path = tools.settings.storage.data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    fetcher = Fetcher(tools.settings.fetch)
    with closing(fetcher), tempfile.TemporaryDirectory(dir=data_dir, prefix="sync-") as scratch:
        yield Means(tools.settings, fetcher, Memory(tools.engine, registered.id), Path(scratch))
