"""A word broken at a line's end comes out as the document writes it elsewhere."""

from time import monotonic

import pytest

from ingestion.formats.hyphens import rejoined
from ingestion.parsing import parse
from tests.ingestion.making import pdf


@pytest.mark.parametrize(
    ("elsewhere", "broken", "whole"),
    [
        pytest.param("A dual-encoder.", "dual\x02encoder", "dual-encoder", id="hyphenated elsewhere"),
        pytest.param("The Dual-Encoder.", "dual\ufffeencoder", "dual-encoder", id="in capitals elsewhere"),
        pytest.param("Retrieval helps.", "retrie\x02val", "retrieval", id="joined elsewhere"),
        pytest.param("the under of a stand, understand", "under\x02stand", "understand", id="joined, too"),
        pytest.param("email, e-mail, e-mail", "e\x02mail", "e-mail", id="more often with it"),
        pytest.param("email, email, e-mail", "e\x02mail", "email", id="more often without it"),
        pytest.param("Two encoders: dual or one encoder.", "dual\x02encoder", "dual-encoder", id="two words"),
        pytest.param("for all", "for\x02mat", "format", id="one word"),
        pytest.param("", "inter\x02national", "international", id="no word"),
        pytest.param("", "inter\x02national inter\x02national", "international international", id="itself"),
        pytest.param("national", "Inter\x02National", "Inter-National", id="a name"),
        pytest.param("", "COVID\x0219", "COVID-19", id="a number"),
        pytest.param("The art of state-of-the-art.", "state-of-the\x02art", "state-of-the-art", id="longer"),
        pytest.param("to learn", "deep-learn\x02ing", "deep-learning", id="in its second part"),
        pytest.param("", "dash \x02 dash", "dash - dash", id="alone"),
        pytest.param("", "end\x02", "end-", id="at the end"),
    ],
)
def test_a_broken_word(elsewhere: str, broken: str, whole: str) -> None:
    assert rejoined([elsewhere, broken]) == [elsewhere, whole]


def test_long_words_take_no_time() -> None:
    began = monotonic()
    rejoined(["a-" * 500_000, "a" * 1_000_000, "\x02" * 100_000, "a\x02" * 100_000])
    assert monotonic() - began < 5


def test_words_broken_in_a_pdf() -> None:
    page = [
        (50, 700, 12, "We train a dual-encoder on questions, and we compare this dual-"),
        (50, 686, 12, "encoder with another in the task of finding the best of all docu-"),
        (50, 672, 12, "ments that were written."),
    ]
    text = " ".join(parse(pdf([page]), "a.pdf").text.split())
    assert "this dual-encoder with another" in text
    assert "all documents that" in text
