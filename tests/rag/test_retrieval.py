"""What a search brings, over the real index."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from rag.adapters.edge import EdgeIndex
from rag.domain import EVERYWHERE, Audience, Chunk, Embedding, Passage, Scope
from rag.ports import Hits, Write
from rag.retrieval import Found, Retrieve, Retriever, Search, Technique, planned
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
    found = Retriever(embedder, index, candidates=4, passages=2).retrieve(
        Search("annual leave", MEMBERS_OF_T)
    )
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
    found = retriever.retrieve(Search("annual leave", MEMBERS_OF_T))
    assert names(found.candidates)[-1] == "0.md"
    assert len(found.passages) == 2


@pytest.mark.parametrize("audience", [Audience("T", frozenset()), Audience("U", frozenset({"members"}))])
def test_where_nothing_may_be_read_nothing_is_found(index: EdgeIndex, audience: Audience) -> None:
    embedder = WordEmbedder()
    found = Retriever(embedder, index, candidates=5, passages=2).retrieve(Search("annual leave", audience))
    assert found == Found(embedder.embed_query("annual leave"), Hits((), ()), (), (), "annual leave")


@dataclass
class Counting:
    """The index, and how deep each search went."""

    index: EdgeIndex
    limits: list[int] = field(default_factory=list)

    def search(
        self, text: str, vector: Embedding, *, audience: Audience, limit: int, scope: Scope = EVERYWHERE
    ) -> Hits:
        self.limits.append(limit)
        return self.index.search(text, vector, audience=audience, limit=limit, scope=scope)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.index, name)


WORDS = "each member of the team may take annual leave when the lead has agreed and the plan shows no other leave in the week"


def crowd(index: EdgeIndex, documents: int, chunks: int) -> None:
    """Near-copies of one text in a source of their own: what a poisoned or careless source looks like."""
    embedder = WordEmbedder()
    for number in range(documents):
        texts = [
            f"{WORDS}{'!' * position} Thank you: annual leave, annual leave." for position in range(chunks)
        ]
        writes = [
            Write(
                Chunk(
                    "T",
                    "crowd",
                    f"{number}",
                    n,
                    "Leave",
                    (),
                    text,
                    f"https://y.example/{number}",
                    frozenset({"members"}),
                ),
                embedder.embed_query(text),
            )
            for n, text in enumerate(texts)
        ]
        index.replace("T", "crowd", f"{number}", writes=writes, removed=[])


def test_five_hundred_near_copies_take_one_place_and_the_others_are_found(index: EdgeIndex) -> None:
    crowd(index, 20, 25)
    counting = Counting(index)
    found = Retriever(WordEmbedder(), counting, candidates=50, passages=6).retrieve(
        Search("annual leave", MEMBERS_OF_T)
    )
    sources = [passage.chunk.source_id for passage in found.passages]
    assert sources.count("crowd") == 1
    assert {"0.md", "1.md", "2.md"} <= set(names(found.passages))
    (crowded,) = (passage for passage in found.passages if passage.chunk.source_id == "crowd")
    assert len(crowded.also) == 19
    assert counting.limits == [50, 200, 800]
    assert [passage.rank for passage in found.hits.dense] == [*range(1, len(found.hits.dense) + 1)]


def test_without_copies_one_search_is_enough(index: EdgeIndex) -> None:
    counting = Counting(index)
    Retriever(WordEmbedder(), counting, candidates=5, passages=2).retrieve(
        Search("annual leave", MEMBERS_OF_T)
    )
    assert counting.limits == [5]


def test_a_copy_that_the_audience_may_not_read_is_not_even_mentioned(index: EdgeIndex) -> None:
    embedder = WordEmbedder()
    for name, readers in (("open", "members"), ("secret", "channel:C1")):
        chunk = Chunk(
            "T",
            name,
            "page",
            0,
            f"The {name} page",
            (),
            WORDS,
            f"https://z.example/{name}",
            frozenset({readers}),
        )
        index.replace("T", name, "page", writes=[Write(chunk, embedder.embed_query(WORDS))], removed=[])
    retriever = Retriever(embedder, index, candidates=10, passages=6)
    assert "secret" not in repr(retriever.retrieve(Search(WORDS, MEMBERS_OF_T)))
    inside = retriever.retrieve(Search(WORDS, Audience("T", frozenset({"channel:C1"}))))
    assert [passage.chunk.source_id for passage in inside.passages] == ["secret"]
    assert inside.passages[0].also == ()
    both = retriever.retrieve(Search(WORDS, Audience("T", frozenset({"members", "channel:C1"}))))
    (kept,) = (passage for passage in both.passages if passage.chunk.text == WORDS)
    assert len(kept.also) == 1


def test_hypotheses_move_the_search_to_where_an_answer_would_stand(index: EdgeIndex) -> None:
    embedder = WordEmbedder()
    retriever = Retriever(embedder, index, candidates=5, passages=2)
    plain = retriever.retrieve(Search("annual leave", MEMBERS_OF_T))
    assumed = retriever.retrieve(Search("annual leave", MEMBERS_OF_T, hypotheses=("thirty days parking",)))
    assert plain.vector != assumed.vector
    assert math.hypot(*assumed.vector) == pytest.approx(1)


def test_the_first_technique_stands_outermost() -> None:
    order: list[str] = []

    def technique(name: str) -> Technique:
        def around(search: Search, retrieve: Retrieve) -> Found:
            order.append(name)
            return retrieve(replace(search, text=f"{search.text} {name}"))

        return around

    def bare(search: Search) -> Found:
        order.append(search.text)
        return Found((), Hits((), ()), (), ())

    planned(bare, [technique("one"), technique("two")])(Search("asked", MEMBERS_OF_T))
    assert order == ["one", "two", "asked one two"]
