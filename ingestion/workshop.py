"""The parts that a command needs, each opened when it is first needed: looking at the status loads no model."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.database import open_database
from rag.errors import IndexInUse
from rag.settings import Settings
from rag.tenancy import settings_here

if TYPE_CHECKING:
    from ingestion.syncing import Tools


class Workshop:
    """A context manager that closes what was opened, in reverse order."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._closing = ExitStack()

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.engine, self.settings.storage.team_id)

    @cached_property
    def runs(self) -> Runs:
        return Runs(self.engine, self.settings.storage.team_id)

    @cached_property
    def engine(self) -> Engine:
        engine = open_database(self.settings.storage.database_url)
        self._closing.callback(engine.dispose)
        return engine

    @cached_property
    def tools(self) -> "Tools | None":
        """What runs are performed with; None when another process holds the index and therefore has to do the work.

        Takes seconds, but not to find out that the index is held.
        """
        folder = self.index_folder
        try:
            if folder is not None:
                with held(folder):
                    pass
            return self._open_tools()
        except IndexInUse:
            return None

    @property
    def index_folder(self) -> Path | None:
        """Where the embedded index lies; None where it is on a server. As `rag.composition.index_folder` has it."""
        section = self.settings.index
        return None if section.url else self.settings.storage.data_dir / "index" / section.collection

    def _open_tools(self) -> "Tools":
        # Importing them takes a second, for the clients of every service.
        from ingestion.indexing import Indexing, name_of, techniques_of  # noqa: PLC0415
        from ingestion.rebuilding import INDEX_VERSION  # noqa: PLC0415
        from ingestion.syncing import Tools  # noqa: PLC0415
        from rag.composition import open_llm, open_serving  # noqa: PLC0415

        llm = open_llm(self.settings)
        if llm is not None:
            self._closing.callback(llm.close)
        techniques = techniques_of(self.settings)
        serving = open_serving(self.settings, None, chunking=INDEX_VERSION, indexing=name_of(techniques))
        self._closing.callback(serving.generations.close)
        if self.index_folder is not None:
            self.runs.free_all()
        return Tools(
            settings_here(self.settings),
            self.engine,
            self.runs,
            self.catalogue,
            serving,
            indexing=Indexing(techniques, llm, self.settings.llm.context_tokens),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The embedded index's folder, for this process alone. Raises IndexInUse when another one has it."""
    from rag.adapters.edge_shard import hold  # noqa: PLC0415  # loads the engine

    lock = hold(folder)
    try:
        yield
    finally:
        lock.release()
