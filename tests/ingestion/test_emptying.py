"""An index of another model can be emptied without being opened."""

from pathlib import Path

import pytest

from ingestion import pipeline
from ingestion.emptying import empty_index
from ingestion.workshop import Workshop
from rag.adapters.edge import EdgeIndex
from rag.errors import EmbeddingMismatch, IndexInUse
from rag.settings import IndexSettings, Settings, StorageSettings
from tests.ingestion.fakes import Shelf, WordEmbedder, Workbench


def test_an_emptied_index_takes_another_model_and_is_filled_anew(
    workbench: Workbench, tmp_path: Path
) -> None:
    settings = Settings()
    settings.storage = StorageSettings(data_dir=tmp_path)
    settings.index = IndexSettings(url=None)
    workshop = Workshop(settings)
    workshop.catalogue = workbench.catalogue
    folder = tmp_path / "index" / "footnote"
    source = workbench.catalogue.add_source("docs", kind="shelf", location="-", readers=["members"])
    shelf = Shelf(a="# A\n\nwords", b="# B\n\nmore words")

    def sync(embedder: WordEmbedder) -> int:
        index = EdgeIndex.open(folder, embedder=embedder)
        try:
            report = pipeline.sync(
                shelf,
                source,
                catalogue=workbench.catalogue,
                embedder=embedder,
                index=index,
                progress=lambda _: None,
            )
            with pytest.raises(IndexInUse):
                empty_index(workshop)
            return report.embedded
        finally:
            index.close()

    assert sync(WordEmbedder()) == 2
    with pytest.raises(EmbeddingMismatch):
        sync(WordEmbedder(name="others"))
    empty_index(workshop)
    assert sync(WordEmbedder(name="others")) == 2
