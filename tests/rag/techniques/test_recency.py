"""Newer pages first, of those that answer alike; never a page that does not answer before one that does."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rag.domain import Audience, Chunk, Passage
from rag.ports import Hits
from rag.retrieval import Found, Search
from rag.techniques.recency import Recency, superseded

AUDIENCE = Audience("T", frozenset({"members"}))


def page(name: str, year: int | None = None, *, title: str = "", text: str = "text") -> Chunk:
    at = datetime(year, 1, 1, tzinfo=UTC) if year else None
    return Chunk(
        "T", "s", name, 0, title or name, (), text, f"https://x.example/{name}#a", frozenset({"members"}), at
    )


def ranked(*scored: tuple[Chunk, float], technique: Recency | None = None) -> list[str]:
    passages = tuple(Passage(chunk, score, rank) for rank, (chunk, score) in enumerate(scored, start=1))
    found = Found((), Hits((), ()), passages, passages[:2])
    after = (technique or Recency())(Search("x", AUDIENCE), lambda _: found)
    assert [passage.rank for passage in after.candidates] == [*range(1, len(passages) + 1)]
    assert len(after.passages) == len(found.passages)
    assert after.passages == after.candidates[:2]
    return [passage.chunk.document_id for passage in after.candidates]


def test_of_two_that_answer_alike_the_newer_comes_first() -> None:
    assert ranked((page("old", 2020), 2.0), (page("new", 2026), 1.9)) == ["new", "old"]


def test_a_new_page_does_not_pass_one_that_answers_much_better() -> None:
    assert ranked((page("old", 2010), 2.0), (page("new", 2026), 1.7)) == ["old", "new"]


def test_a_collection_of_one_age_is_ranked_as_before() -> None:
    assert ranked((page("a", 2001), 2.0), (page("b", 2001), 1.99)) == ["a", "b"]


def test_a_page_without_a_date_is_neither_new_nor_old() -> None:
    order = ranked((page("old", 2016), 2.0), (page("undated"), 1.95), (page("new", 2026), 1.9))
    assert order == ["new", "undated", "old"]
    assert ranked((page("a"), 2.0), (page("b"), 1.99)) == ["a", "b"]


def test_naive_dates_do_not_stop_it() -> None:
    naive = replace(page("naive", 2020), updated_at=datetime(2020, 1, 1))  # noqa: DTZ001 - that is the point
    assert ranked((naive, 2.0), (page("new", 2026), 1.9)) == ["new", "naive"]


@pytest.mark.parametrize(
    ("chunk", "gone"),
    [
        (page("a", text="This page has been superseded by the travel guide."), True),
        (page("a", text="> **Deprecated.** Use the new API."), True),
        (page("a", text="This policy is no longer in force since May."), True),
        (page("a", title="Travel policy (archived)"), True),
        (page("a", text="The old printer was replaced by a new one."), False),
        (page("a", text="Archive what you no longer need."), False),
        (page("a", text="Deprecated fields are marked."), True),
        (page("a", text="We replaced [the router](https://x.example/router)."), False),
    ],
)
def test_what_says_that_it_is_superseded(chunk: Chunk, gone: bool) -> None:
    assert bool(superseded([chunk])) is gone


def test_what_another_page_says_it_replaces() -> None:
    new = page("new", 2026, text="This page replaces [the old rules](https://x.example/old) from May on.")
    assert superseded([page("old", 2020), new]) == {("s", "old")}
    assert superseded([page("other", 2020), new]) == frozenset()


def test_an_older_edition_of_the_same_title() -> None:
    old, new = page("a", 2023, title="Per diem rates 2023"), page("b", 2026, title="Per diem rates")
    assert superseded([old, new]) == {("s", "a")}
    assert superseded([old, replace(new, title="Hotel rates")]) == frozenset()
    assert superseded([old, replace(new, updated_at=None)]) == frozenset()
    assert superseded([page("a", 2023, title="2023"), page("b", 2026, title="2024")]) == frozenset()
