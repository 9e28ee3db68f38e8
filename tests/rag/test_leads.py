"""Summaries give their place to the chunks they stand for."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from rag.domain import Chunk, Passage
from rag.leads import followed
from rag.ports import Hits


def passage(text: str, score: float, rank: int, *leads_to: str) -> Passage:
    chunk = Chunk("T", "s", "d", rank, "t", (), text, "u", frozenset({"m"}), leads_to=leads_to)
    return Passage(chunk, score, rank, similarity=score)


OWN = [replace(passage(f"own {n}", 0.5 - n / 10, n + 1)) for n in range(5)]
IDS = [it.chunk.point_id for it in OWN]


def look(point_ids: Collection[str]) -> Sequence[Passage]:
    return [it for it in OWN if it.chunk.point_id in point_ids]


def never(point_ids: Collection[str]) -> Sequence[Passage]:
    raise AssertionError(point_ids)


def test_without_summaries_nothing_is_looked_up() -> None:
    hits = Hits((OWN[0], OWN[1]), (OWN[2],))
    assert followed(hits, never) is hits


def test_the_nearest_three_take_the_place_of_a_summary_at_its_score() -> None:
    summary = passage("written", 0.9, 1, *IDS)
    dense = followed(Hits((summary, OWN[4]), ()), look).dense
    assert [(it.chunk.text, it.score, it.rank) for it in dense] == [
        ("own 0", 0.9, 1), ("own 1", 0.9, 2), ("own 2", 0.9, 3), ("own 4", OWN[4].score, 4),
    ]  # fmt: skip
    assert [it.similarity for it in dense] == [OWN[n].similarity for n in (0, 1, 2, 4)]


def test_a_chunk_keeps_its_own_score_where_that_is_better() -> None:
    hits = Hits((OWN[0], passage("written", 0.2, 2, IDS[0], IDS[1])), (passage("written", 7.0, 1, IDS[3]),))
    found = followed(hits, look)
    assert [(it.chunk.text, it.score) for it in found.dense] == [("own 0", 0.5), ("own 1", 0.2)]
    assert [(it.chunk.text, it.score) for it in found.sparse] == [("own 3", 7.0)]


def test_a_summary_of_what_may_not_be_read_leads_nowhere() -> None:
    hits = Hits((passage("written", 0.9, 1, IDS[0]),), ())
    assert followed(hits, lambda _: []) == Hits((), ())
