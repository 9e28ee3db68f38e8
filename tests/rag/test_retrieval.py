"""What a search brings, over the real index."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.adapters.edge import EdgeIndex
from rag.domain import Audience, Chunk, Passage
from rag.ports import Hits, Write
from rag.retrieval import Found, Retriever
from tests.fakes import MEMBERS_OF_T, WordEmbedder

TEXTS = ("annual leave is 25 days", "sick leave", "parental leave of 16 weeks", "bicycles", "the cellar door")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EdgeIndex]:
    embedder = WordEmbedder()
    index = EdgeIndex.open(tmp_path / "index", embedder=embedder)
    for number, text in enumerate(TEXTS):
        name = f"{number}.md"
        chunk = Chunk("T", "s", name, 0, "", (), text, f"https://x.example/{name}", frozenset({"members"}))
        index.replace("T", "s", name, writes=[Write(chunk, embedder.embed_query(text))], removed=[])
    yield index
    index.close()


def names(passages: tuple[Passage, ...]) -> list[str]:
    return [passage.chunk.document_id for passage in passages]


def test_the_passages_are_the_best_of_the_candidates_and_these_are_all_that_was_hit(index: EdgeIndex) -> None:
    embedder = WordEmbedder()
    found = Retriever(embedder, index, candidates=4, passages=2).retrieve("annual leave", MEMBERS_OF_T)
    assert found.vector == embedder.embed_query("annual leave")
    assert names(found.passages)[0] == "0.md"
    assert found.passages == found.candidates[:2]
    assert [passage.rank for passage in found.candidates] == [*range(1, len(found.candidates) + 1)]
    assert sorted(names(found.candidates)) == sorted({*names(found.hits.dense), *names(found.hits.sparse)})
    assert len(found.hits.dense) == 4


def test_another_ranking(index: EdgeIndex) -> None:
    def backwards(hits: Hits) -> list[Passage]:
        return [*reversed(hits.dense)]

    retriever = Retriever(WordEmbedder(), index, candidates=5, passages=2, ranking=backwards)
    found = retriever.retrieve("annual leave", MEMBERS_OF_T)
    assert names(found.candidates)[-1] == "0.md"
    assert len(found.passages) == 2


@pytest.mark.parametrize("audience", [Audience("T", frozenset()), Audience("U", frozenset({"members"}))])
def test_where_nothing_may_be_read_nothing_is_found(index: EdgeIndex, audience: Audience) -> None:
    embedder = WordEmbedder()
    found = Retriever(embedder, index, candidates=5, passages=2).retrieve("annual leave", audience)
    assert found == Found(embedder.embed_query("annual leave"), Hits((), ()), (), ())
