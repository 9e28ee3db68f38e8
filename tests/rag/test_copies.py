"""The same text in several places is one passage; texts that differ in what matters stay apart."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rag.copies import without_copies
from rag.domain import Chunk, Link, Passage

HANDBOOK = Path(__file__).parents[2] / "examples" / "handbook"
POLICY = (
    "Everyone who works here has twenty-five days of annual leave a year. Leave is asked for in the people portal, two "
    "weeks ahead where it is longer than three days, and granted by the team lead. What is left at the end of the year "
    "is carried over until the end of March and is lost afterwards. In the first year leave is counted by the month."
)
RATES = "Per diem for trips within the country: 14 euros for a day of more than 8 hours, 28 euros for a whole day, and the hotel up to 120 euros."
NEW = datetime(2026, 6, 1, tzinfo=UTC)


def passage(text: str, name: str = "a", *, title: str = "", source: str = "s", rank: int = 1, score: float = 1.0, at: datetime | None = None, headings: tuple[str, ...] = ()) -> Passage:  # fmt: skip
    chunk = Chunk(
        "T",
        source,
        name,
        0,
        title or name,
        headings,
        text,
        f"https://x.example/{name}",
        frozenset({"members"}),
        at,
    )
    return Passage(chunk, score, rank)


def pair(one: str, other: str) -> list[Passage]:
    return [passage(one, "a", score=2.0), passage(other, "b", rank=2, score=1.5)]


def with_an_end(text: str) -> str:
    return text + " Questions go to the people team."


@pytest.mark.parametrize(
    "other",
    [
        POLICY,
        POLICY.upper(),
        POLICY.replace(". ", ".\n\n- "),
        POLICY.replace("annual leave", "**annual leave**").replace(",", ""),
        with_an_end(POLICY),
        POLICY.replace("granted by", "approved by"),
    ],
)
def test_copies_are_kept_once(other: str) -> None:
    (kept,) = without_copies(pair(POLICY, other))
    assert (kept.chunk.document_id, kept.rank, kept.score) == ("a", 1, 2.0)
    assert kept.also == (Link("b", "https://x.example/b"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RATES, RATES.replace("28", "32")),
        (
            RATES,
            RATES.replace("14 euros", "28 euros").replace("28 euros for a whole", "14 euros for a whole"),
        ),
        (POLICY, POLICY.replace("and is lost", "and is not lost")),
        (POLICY, POLICY[: len(POLICY) // 2]),
        (POLICY, POLICY + " " + RATES + " " + RATES),
        (POLICY, RATES),
        ("Ask Ines.", "Ask Omar."),
        ("", "x"),
    ],
)
def test_what_differs_in_what_matters_stays(one: str, other: str) -> None:
    found = pair(one, other)
    assert without_copies(found) == found


def test_titles_tell_short_texts_apart_and_long_ones_not() -> None:
    short = [
        passage("25 days.", "fr", title="Leave in France"),
        passage("25 days.", "de", title="Leave in Germany", rank=2),
    ]
    assert without_copies(short) == short
    same = [passage("25 days.", "fr", title="Leave"), passage("25 days.", "de", title="Leave", rank=2)]
    assert len(without_copies(same)) == 1
    long = [
        passage(POLICY, "a", title="Leave"),
        passage(POLICY, "b", title="Holidays", headings=("Days",), rank=2),
    ]
    assert without_copies(long)[0].also == (Link("Holidays", "https://x.example/b"),)


def test_of_copies_that_score_alike_the_newest_is_kept_and_of_others_the_best() -> None:
    level = [
        passage(POLICY, "old", at=NEW - timedelta(days=900)),
        passage(POLICY, "none", rank=2),
        passage(POLICY, "new", at=NEW, rank=3),
    ]
    (kept,) = without_copies(level)
    assert kept.chunk.document_id == "new"
    assert [link.title for link in kept.also] == ["old", "none"]
    apart = [
        passage(POLICY, "old", score=1.2, at=NEW - timedelta(days=900)),
        passage(POLICY, "new", at=NEW, rank=2),
    ]
    assert without_copies(apart)[0].chunk.document_id == "old"


def test_dates_with_and_without_a_zone_can_be_compared() -> None:
    naive = NEW.replace(tzinfo=None)
    found = [passage(POLICY, "a", at=NEW - timedelta(days=1)), passage(POLICY, "b", at=naive, rank=2)]
    assert without_copies(found)[0].chunk.document_id == "b"


def test_a_section_repeated_in_one_document_needs_no_second_link() -> None:
    first = passage(POLICY, "a")
    again = Passage(Chunk("T", "s", "a", 7, "a", (), POLICY, "https://x.example/a#7", frozenset()), 0.9, 2)
    (kept,) = without_copies([first, again])
    assert kept.also == ()


def test_the_same_name_in_another_source_is_another_document() -> None:
    (kept,) = without_copies([passage(POLICY, "a"), passage(POLICY, "a", source="other", title="A", rank=2)])
    assert kept.also == (Link("A", "https://x.example/a"),)


def test_the_rest_keeps_its_order_and_is_ranked_anew() -> None:
    found = [
        passage(text, str(n), rank=n + 1, score=9 - n)
        for n, text in enumerate([POLICY, RATES, POLICY, "Ask Ines.", RATES])
    ]
    kept = without_copies(found)
    assert [one.chunk.document_id for one in kept] == ["0", "1", "3"]
    assert [one.rank for one in kept] == [1, 2, 3]
    assert without_copies(kept) == kept


def test_nothing_and_one() -> None:
    assert without_copies([]) == []
    assert without_copies([passage("")]) == [passage("")]


def test_a_hundred_different_passages_cost_less_than_the_search_that_found_them() -> None:
    """0.5 ms measured; the limit leaves room for a busy machine."""
    prose = " ".join(page.read_text() for page in sorted(HANDBOOK.rglob("*.md")))
    pieces = list(dict.fromkeys(prose[start : start + 800] for start in range(0, len(prose), 800)))[:100]
    found = [passage(piece, str(number), rank=number + 1) for number, piece in enumerate(pieces)]
    seconds = []
    for _ in range(20):
        started = time.thread_time()
        kept = without_copies(found)
        seconds.append(time.thread_time() - started)
    assert len(found) == 100 and len(kept) > 95
    assert min(seconds) < 0.01


def test_of_copies_the_one_that_a_person_verified_is_kept() -> None:
    document, answer = pair(POLICY, POLICY)
    verified = replace(answer, chunk=replace(answer.chunk, review_at=NEW))
    (kept,) = without_copies([document, verified])
    assert (kept.chunk.document_id, kept.score, kept.also) == ("b", 2.0, (Link("a", "https://x.example/a"),))
