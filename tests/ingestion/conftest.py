"""A database and an index of the real kind, in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.adapters.edge import EdgeIndex
from rag.database import open_database
from tests.ingestion.fakes import OpenReader, WordEmbedder, Workbench


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    """What a sync works with, on a SQLite file: the record is tested on both databases, the work on one."""
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    embedder = WordEmbedder()
    index = EdgeIndex.open(tmp_path / "index", embedder=embedder)
    yield Workbench(engine, Catalogue(engine, "T1"), Runs(engine, "T1"), OpenReader(), embedder, index)
    index.close()
    engine.dispose()
