"""Token vectors: written with the chunks, with a model's own ones, and by a rebuild where there were none."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from ingestion.performing import perform
from ingestion.rebuilding import request_if_needed
from ingestion.runs import ALL_SOURCES
from rag.adapters.edge_generations import EdgeGenerations
from rag.adapters.identity import Identity
from rag.database import open_database
from rag.domain import Passage
from rag.ports import Index, TokenVectors
from rag.serving import Serving
from rag.settings import IndexingSettings
from tests.ingestion.fakes import WordEmbedder
from tests.ingestion.tooling import INDEX_VERSION, TEAM, Quoting, tools_with


class TokenEmbedder(WordEmbedder):
    """Tokens are words; remembers the texts whose tokens were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def token_vectors(self, texts: Sequence[str], *, query: bool = False) -> list[TokenVectors]:
        self.told += texts
        return [np.asarray([self.embed_query(word) for word in text.split()], np.float32) for text in texts]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


def serving(generations: EdgeGenerations, embedder: TokenEmbedder, *, tokens: bool) -> Serving:
    wanted = Identity.of(embedder, chunking=INDEX_VERSION, tokens=tokens, model=embedder.name)
    return Serving(generations, embedder, wanted, load=lambda _: embedder, wire=Quoting)


def scores(index: Index, embedder: TokenEmbedder, source_id: str) -> list[float | None]:
    [asked] = embedder.token_vectors(["words"])
    passages = [
        Passage(write.chunk, 1.0, 1)
        for document_id in sorted(index.document_ids(TEAM, source_id))
        for write in index.export(TEAM, source_id, document_id)
    ]
    return index.interactions(asked, passages)


def test_switching_them_on_builds_an_index_that_holds_them_and_syncs_keep_it_so(
    tmp_path: Path, engine: Engine
) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.md").write_text("words of a")
    generations = EdgeGenerations.open(tmp_path / "index")
    embedder = TokenEmbedder()
    tools = tools_with(engine, serving(generations, embedder, tokens=False), tmp_path)
    source = tools.catalogue.add_source("pages", kind="folder", location=str(folder), readers=["members"])

    def sync() -> None:
        run = tools.runs.request(source.id, "sync", "test")
        perform(run.id, owner="test", tools=tools)

    sync()
    assert embedder.told == []
    tools = tools_with(engine, serving(generations, embedder, tokens=True), tmp_path)
    assert not tools.serving.is_as_wanted
    request_if_needed(tools)
    perform(tools.runs.latest()[ALL_SOURCES].id, owner="test", tools=tools)
    assert tools.serving.is_as_wanted
    with tools.serving.pair() as pair:
        assert scores(pair.index, embedder, source.id) == [pytest.approx(1.0, abs=1e-3)]
        embedder.told.clear()
        (folder / "b.md").write_text("words of b")
        sync()
        assert embedder.told == ["B\nwords of b"]
        assert scores(pair.index, embedder, source.id) == [pytest.approx(1.0, abs=1e-3)] * 2
    generations.close()


def test_the_setting_names_them() -> None:
    assert IndexingSettings(techniques="raptor, token_vectors").token_vectors
    assert not IndexingSettings(techniques="none").token_vectors
