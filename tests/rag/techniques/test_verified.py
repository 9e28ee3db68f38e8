"""What a person verified comes first where it answers, and nowhere else."""

from datetime import UTC, datetime

from rag.domain import Audience, Chunk, Passage
from rag.ports import Hits
from rag.retrieval import Found, Search
from rag.techniques.verified import VerifiedFirst

AUDIENCE = Audience("T", frozenset({"members"}))
SOON = datetime(2027, 1, 1, tzinfo=UTC)


def page(name: str, *, verified: bool = False) -> Chunk:
    review_at = SOON if verified else None
    return Chunk("T", "s", name, 0, name, (), "text", "", AUDIENCE.readers, review_at=review_at)


def ranked(*found: tuple[str, float | None]) -> list[str]:
    """The names in their new order, of candidates with cosines; what was verified is in capitals."""
    passages = tuple(
        Passage(page(name, verified=name.isupper()), 2.0 - rank / 10, rank, cosine)
        for rank, (name, cosine) in enumerate(found, start=1)
    )
    before = Found((), Hits((), ()), passages, passages[:2])
    after = VerifiedFirst()(Search("x", AUDIENCE), lambda _: before)
    assert [passage.rank for passage in after.candidates] == [*range(1, len(passages) + 1)]
    assert [passage.score for passage in after.candidates] == sorted(
        (passage.score for passage in after.candidates), reverse=True
    )
    assert after.passages == after.candidates[:2]
    return [passage.chunk.document_id for passage in after.candidates]


def test_where_nothing_is_nearer_it_comes_first() -> None:
    assert ranked(("a", 0.5), ("b", 0.4), ("V", 0.55)) == ["V", "a", "b"]


def test_a_document_that_is_hardly_nearer_comes_after_it() -> None:
    assert ranked(("a", 0.7), ("V", 0.66)) == ["V", "a"]


def test_about_something_else_it_stays_where_the_search_put_it() -> None:
    assert ranked(("a", 0.7), ("V", 0.6)) == ["a", "V"], "much further from what is asked than the document"
    assert ranked(("a", 0.4), ("V", 0.45)) == ["a", "V"], "nearest of all, and far away"
    assert ranked(("a", 0.5), ("V", 0.5 - 1e-6)) == ["a", "V"], "nearly as far as the document"
    assert ranked(("a", 0.7), ("V", None)) == ["a", "V"], "found by its words alone"


def test_several_keep_their_order_and_what_was_not_verified_its_own() -> None:
    assert ranked(("a", 0.7), ("V", 0.68), ("b", 0.2), ("W", 0.69)) == ["V", "W", "a", "b"]


def test_found_far_down_it_is_about_something_else() -> None:
    many = [(f"p{number}", 0.3) for number in range(20)]
    assert ranked(*many, ("V", 0.9))[-1] == "V"
