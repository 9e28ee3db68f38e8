"""Two ranked lists become one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.domain import Chunk, Passage
from rag.fusion import by_score
from rag.ports import Hits


def passage(name: str, score: float, similarity: float | None = None) -> Passage:
    chunk = Chunk("T", "s", name, 0, name, (), name, f"https://x.example/{name}", frozenset({"members"}))
    return Passage(chunk, score, 1, similarity)


def ids(passages: list[Passage]) -> list[str]:
    return [found.chunk.document_id for found in passages]


def test_found_both_ways_comes_before_found_one_way() -> None:
    dense = (passage("a", 0.9), passage("both", 0.8), passage("c", 0.2))
    sparse = (passage("d", 12.0), passage("both", 11.0), passage("e", 3.0))
    assert ids(by_score(Hits(dense, sparse)))[0] == "both"


def test_one_empty_list_leaves_the_order_of_the_other() -> None:
    dense = (passage("a", 0.9), passage("b", 0.8), passage("c", 0.2))
    assert ids(by_score(Hits(dense, ()))) == ["a", "b", "c"]
    assert by_score(Hits((), ())) == []


def test_equal_scores_count_half() -> None:
    fused = by_score(Hits((passage("a", 0.5), passage("b", 0.5)), ()))
    assert [one.score for one in fused] == [0.5, 0.5]


def test_the_similarity_of_either_list_survives() -> None:
    fused = by_score(Hits((passage("a", 0.9, 0.9),), (passage("a", 7.0, None), passage("b", 5.0, 0.3))))
    assert {one.chunk.document_id: one.similarity for one in fused} == {"a": 0.9, "b": 0.3}


def test_scores_are_mapped_over_two_standard_deviations() -> None:
    # mean 2, population deviation sqrt(2/3): 3 -> (3 - 2 + 2s) / 4s
    fused = by_score(
        Hits(tuple(passage(name, score) for name, score in [("a", 3.0), ("b", 2.0), ("c", 1.0)]), ())
    )
    spread = 2 * (2 / 3) ** 0.5
    assert [one.score for one in fused] == pytest.approx(
        [(1 + spread) / (2 * spread), 0.5, (spread - 1) / (2 * spread)]
    )


def test_who_stands_far_above_the_rest_is_not_cut_down_to_them() -> None:
    rest = [passage(f"r{n}", 1.0) for n in range(20)]
    far, further = (by_score(Hits((passage("a", top), *rest), ()))[0].score for top in (9.0, 1.1))
    assert far > 1
    assert far == pytest.approx(further)  # how far is told in deviations of the same list
    one_of_two = by_score(Hits((passage("a", 9.0), *rest[:4]), (passage("b", 9.0), *rest)))
    assert ids(one_of_two)[0] == "b"  # above many it tells more than above few


@given(st.lists(st.floats(-1, 1), max_size=30), st.lists(st.floats(0, 50), max_size=30))
def test_every_passage_comes_once_ranked_from_one(dense: list[float], sparse: list[float]) -> None:
    hits = Hits(
        tuple(passage(f"p{i}", score) for i, score in enumerate(sorted(dense, reverse=True))),
        tuple(passage(f"p{2 * i}", score) for i, score in enumerate(sorted(sparse, reverse=True))),
    )
    fused = by_score(hits)
    assert [one.rank for one in fused] == list(range(1, len(fused) + 1))
    assert len(set(ids(fused))) == len(fused)
    assert set(ids(fused)) == {p.chunk.document_id for p in (*hits.dense, *hits.sparse)}
    assert all(a.score >= b.score for a, b in itertools.pairwise(fused))
