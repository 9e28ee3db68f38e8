"""Misspelt words become those of the documents; all others stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.domain import Audience, Chunk, Passage
from rag.ports import Hits
from rag.retrieval import Found, Search
from rag.techniques.spelling import Spelling, corrected

AUDIENCE = Audience("T", frozenset({"members"}))
KNOWN = frozenset(
    ["what", "is", "the", "food", "for", "in", "place", "of", "notice", "days", "many", "how", "pilot"]
)


def count_tokens(text: str) -> int:
    """As a model that knows a few words whole, and takes all others apart."""
    return 2 + sum(1 if word.lower() in KNOWN else 2 for word in text.split())


def passage(text: str) -> Passage:
    chunk = Chunk("T", "s", text[:9], 0, "", (), text, "https://x.example/", frozenset({"members"}))
    return Passage(chunk, 1.0, 1)


def found(*texts: str) -> Found:
    passages = tuple(map(passage, texts))
    return Found((), Hits((), ()), passages, passages)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("what is the pasword", "what is the password"),  # one letter missing
        ("what is the passwrod?", "what is the password?"),  # two exchanged
        ("Milage for the netherands", "mileage for the netherlands"),
        ("defibrilater", "defibrillator"),  # two slips in a long word
        ("what is the food for", "what is the food for"),  # a word of the language, though "foot" is near
        ("hte password", "hte password"),  # too short to tell
        ("cassword", "cassword"),  # another first letter is another word
        ("the passw0rd of WR-4107", "the passw0rd of WR-4107"),  # codes are meant as they stand
        ("Kündigungsfrist", "Kündigungsfrist"),  # another language
        ("password", "password"),
    ],
)
def test_what_is_corrected(asked: str, meant: str) -> None:
    known = [passage("The password, the mileage in the Netherlands. Foot. The defibrillator is here. 4107")]
    assert corrected(asked, known, count_tokens) == meant


def test_of_words_equally_near_the_frequent_one_is_meant() -> None:
    candidates = [passage("cellars"), passage("cellar"), passage("the cellar door")]
    assert corrected("celler", candidates, count_tokens) == "cellar"


def test_it_searches_again_only_with_what_it_corrected() -> None:
    asked: list[str] = []

    def retrieve(search: Search) -> Found:
        asked.append(search.text)
        return found("the password is long")

    spelling = Spelling(count_tokens)
    spelling(Search("password", AUDIENCE), retrieve)
    assert asked == ["password"]
    spelling(Search("pasword", AUDIENCE), retrieve)
    assert asked == ["password", "pasword", "password"]


@given(st.text(), st.lists(st.text(), max_size=4))
def test_nothing_but_words_changes(asked: str, texts: list[str]) -> None:
    meant = corrected(asked, map(passage, texts), count_tokens)
    assert [sign for sign in meant if not sign.isalpha()] == [sign for sign in asked if not sign.isalpha()]
