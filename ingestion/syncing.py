"""One source synced, with all that this takes: the source opened, its documents read where they can do no harm."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.confined import ConfinedReader
from ingestion.fetching import Fetcher
from ingestion.indexing import NOTHING, Enriching, Indexing
from ingestion.pipeline import sync
from ingestion.reading import Reader
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.report import Progress, SyncReport
from ingestion.runs import Runs
from ingestion.sources import Means, open_source
from ingestion.verified import VerifiedAnswers
from rag.generations import in_every_index
from rag.ports import Embedder, Index
from rag.serving import Serving
from rag.settings import Settings

Told = Callable[[Progress], None]
"""Is told how far the work is; what it raises ends the work."""


def confined(embedder: Embedder, max_tokens: int) -> AbstractContextManager[Reader]:
    """A reader for chunks of so many of the embedder's tokens, in a process without network that ends with the block."""
    return closing(ConfinedReader(embedder.counter, max_tokens))


@dataclass(frozen=True, slots=True)
class Tools:
    """What runs are performed with, the same for all runs of a process."""

    settings: Settings
    engine: Engine
    runs: Runs
    catalogue: Catalogue
    serving: Serving
    reader: Callable[[Embedder, int], AbstractContextManager[Reader]] = confined
    indexing: Indexing = NOTHING


def sync_source(
    registered: RegisteredSource, tools: Tools, *, embedder: Embedder, index: Index, told: Told
) -> SyncReport:
    """Bring the index to what the source holds now. Raises what `pipeline.sync` and `open_source` raise."""
    indexing = tools.indexing
    with (
        means_of(registered, tools.settings, tools.engine) as means,
        tools.reader(embedder, indexing.room(embedder)) as reader,
    ):
        report = sync(
            open_source(registered, means),
            registered,
            catalogue=tools.catalogue,
            reader=reader,
            embedder=embedder,
            index=index,
            progress=told,
            enriching=Enriching(indexing, means.memory, embedder) if indexing.techniques else None,
        )
    tools.catalogue.synced(registered.id)
    return report


def remove_source(source_id: str, tools: Tools) -> None:
    """Take the source out of every index, then of the catalogue and of what it remembered. Cut short, it is completed by
    calling it again; so is one that somebody wrote after.
    """
    team_id, memory = tools.catalogue.team_id, Memory(tools.engine, source_id)
    tools.catalogue.retire(source_id)
    in_every_index(tools.serving.generations, lambda index: index.delete_source(team_id, source_id))
    tools.catalogue.drop(source_id)
    memory.forget(memory.all())


def request_removals(tools: Tools) -> None:
    """Ask for the end of all removals that were begun and that nobody works on any more."""
    for source in tools.catalogue.sources():
        if source.state == "removing":
            tools.runs.request(source.id, "remove", "unfinished removal")


def set_readers(registered: RegisteredSource, tools: Tools) -> None:
    """Let those read the source, in every index, whom the catalogue names, and nobody else."""
    owner, readers = (registered.team_id, registered.id), registered.readers
    in_every_index(tools.serving.generations, lambda index: index.set_readers(*owner, readers))


def check_that_it_opens(registered: RegisteredSource, settings: Settings, engine: Engine) -> None:
    """Raises ConfigError for what no sync could ever open; nothing is read of it."""
    with means_of(registered, settings, engine) as means:
        open_source(registered, means)


@contextmanager
def means_of(registered: RegisteredSource, settings: Settings, engine: Engine) -> Iterator[Means]:
    """What the source works with, closed and emptied when the block ends."""
    data_dir: Path = settings.storage.data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    fetcher = Fetcher(settings.fetch)
    with closing(fetcher), tempfile.TemporaryDirectory(dir=data_dir, prefix="sync-") as scratch:
        verified = partial(VerifiedAnswers(engine).of_source, registered.id)
        yield Means(settings, fetcher, Memory(engine, registered.id), Path(scratch), verified)
