"""Documents that disagree are both shown, the newest first, and others are not said to disagree."""

from datetime import UTC, datetime

import pytest

from rag.citing import citations_of
from rag.conflicts import DISAGREE, SUPERSEDED, disagreement, retold
from rag.domain import Chunk, Passage
from tests.fakes import WordEmbedder

OLD, NEW = datetime(2023, 1, 9, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)


def passage(rank: int, text: str, title: str = "", at: datetime | None = OLD, position: int = 1) -> Passage:
    name = title or f"page {rank}"
    chunk = Chunk(
        "T", "s", f"{rank}.md", position, name, (), text, f"https://x.example/{rank}", frozenset(), at
    )
    return Passage(chunk, 1.0 / rank, rank)


def found(question: str, quote: str, other: str, **others: str) -> list[str]:
    passages = [passage(1, quote), passage(2, other, at=NEW), *(passage(3, text) for text in others.values())]
    return [it.piece.plain for it in disagreement(question, [quote], passages, WordEmbedder())]


@pytest.mark.parametrize(
    ("question", "quote", "other"),
    [
        (
            "receipt from what amount?",
            "Add a receipt for anything over €25.",
            "Add a receipt for any item over €15.",
        ),
        (
            "when a new laptop?",
            "Laptops are replaced after four years.",
            "All laptops are replaced after three years.",
        ),
        ("how long notice?", "The period of notice is four weeks.", "The period of notice is two weeks."),
        (
            "can I delete messages?",
            "You can delete messages in a channel.",
            "You cannot delete messages in a channel.",
        ),
        ("half price?", "Members pay 50% of the fee.", "Members pay 20% of the fee."),
    ],
)
def test_other_numbers_and_denials_of_the_same_are_conflicts(question: str, quote: str, other: str) -> None:
    assert found(question, quote, other) == [other, quote]


@pytest.mark.parametrize(
    ("question", "quote", "other"),
    [
        (
            "how many days of leave?",
            "You have 25 days of annual leave.",
            "You have 25 days of annual leave a year.",
        ),
        ("leave in Leeds?", "In Leeds there are 25 days of leave.", "In Porto there are 22 days of leave."),
        ("per diem?", "The per diem in Rotterdam is €58.", "The per diem in Leeds is €48."),
        ("notice?", "The period of notice is four weeks.", "The period of guarantee is three years."),
        ("notice?", "The period of notice is four weeks.", "Parental leave is sixteen weeks."),
        (
            "notice?",
            "The period of notice is four weeks.",
            "The period of notice is written into your contract.",
        ),
        ("lunch?", "The canteen opens at noon.", "The canteen does not take cash."),
        (
            "laptops?",
            "Laptops are replaced after four years, phones after three.",
            "Phones are replaced after three years.",
        ),
        ("price?", "The fee is €25.", "The fee is $30."),
        ("leave?", "4 working days a year to spend on courses.", "Up to 20 working days a year without pay."),
    ],
)
def test_other_subjects_places_and_units_are_none(question: str, quote: str, other: str) -> None:
    text = "We meet in Leeds, in Porto and in Rotterdam."
    assert found(question, quote, other, names=text) == []


def test_rows_of_different_things_are_no_conflict() -> None:
    header = "| City | Full day |\n|---|---|\n"
    old = passage(1, f"{header}| Leeds | £38 |\n| London | £50 |", "Rates 2023")
    new = passage(2, f"{header}| Leeds | £48 |\n| London | £62 |", "Rates", NEW)
    statements = disagreement("rate in London?", ["City: London; Full day: £50"], [old, new], WordEmbedder())
    assert [(it.piece.plain, it.stale) for it in statements] == [
        ("City: London; Full day: £62", False),
        ("City: London; Full day: £50", True),
    ]


def test_one_document_does_not_disagree_with_itself() -> None:
    text = "The period of notice is four weeks. During probation the period of notice is two weeks."
    quote = "The period of notice is four weeks."
    assert disagreement("notice?", [quote], [passage(1, text)], WordEmbedder()) == ()


@pytest.mark.parametrize(
    ("title", "text", "extra"),
    [
        ("Notice (deprecated)", "The period of notice is two weeks.", ""),
        (
            "Notice",
            "The period of notice is two weeks.",
            "This page replaces [the notice page](2.md) from May.",
        ),
        ("Notice 2023", "The period of notice is two weeks.", ""),
    ],
)
def test_what_no_longer_holds_comes_last_and_is_called_so(title: str, text: str, extra: str) -> None:
    quote = "The period of notice is four weeks."
    passages = [passage(1, f"{quote}\n\n{extra}", "Notice", NEW), passage(2, text, title)]
    statements = disagreement("notice?", [quote], passages, WordEmbedder())
    assert [it.stale for it in statements] == [False, True]
    told, citations = retold(statements, [quote], passages)
    assert (
        told == f"{quote} (updated 3 May 2026) [1]\n\n{SUPERSEDED}\n\n- {text} (updated 9 January 2023) [2]"
    )
    assert [citation.document_id for citation in citations] == ["1.md", "2.md"]


def test_a_page_that_says_of_itself_that_it_is_superseded_is_stale_though_newer() -> None:
    quote = "The period of notice is four weeks."
    stale = passage(
        2, "This page is superseded. The period of notice is two weeks.", "Notice", NEW, position=0
    )
    statements = disagreement("notice?", [quote], [passage(1, quote), stale], WordEmbedder())
    assert [it.passage.rank for it in statements] == [1, 2]


def test_both_are_told_with_their_dates_and_what_else_was_quoted_follows() -> None:
    first, second, third = (
        "The period of notice is four weeks [7].",
        "The period of notice is two weeks.",
        "Ask Ruben.",
    )
    passages = [passage(1, f"{first} {third}"), passage(2, second, at=NEW)]
    quotes = [first, third]
    statements = disagreement("notice?", quotes, passages, WordEmbedder())
    text, citations = retold(statements, quotes, passages)
    assert text == (
        f"{DISAGREE}\n\n- The period of notice is two weeks. (updated 3 May 2026) [1]\n"
        "- The period of notice is four weeks (7). (updated 9 January 2023) [2]\n\nAsk Ruben. [2]"
    )
    assert [(it.number, it.document_id, it.quotes) for it in citations] == [
        (1, "2.md", (second,)),
        (2, "1.md", (first, third)),
    ]
    assert citations_of([passages[1], passages[0]])[0].number == 1


def test_without_dates_nothing_is_said_of_them() -> None:
    quote, other = "The period of notice is four weeks.", "The period of notice is two weeks."
    passages = [passage(1, quote, at=None), passage(2, other, at=None)]
    text, _ = retold(disagreement("notice?", [quote], passages, WordEmbedder()), [quote], passages)
    assert "updated" not in text


def test_where_nothing_speaks_against_it_nothing_is_embedded() -> None:
    embedder = WordEmbedder()
    quote = "Ruben signs the form."
    assert disagreement("who signs?", [quote], [passage(1, quote), passage(2, quote)], embedder) == ()
    assert embedder.embedded == []
