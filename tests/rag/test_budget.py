"""Tokens estimated on the safe side, and texts cut to fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.budget import CountTokens, estimated_tokens, fitted

COUNTERS: list[CountTokens] = [
    estimated_tokens,
    len,
    lambda text: len(text.split()),
    lambda text: 2 + len(text.encode()) // 4,
]


@given(st.text(), st.integers(-1, 50), st.sampled_from(COUNTERS))
def test_what_is_cut_fits_and_is_a_beginning(text: str, tokens: int, count: CountTokens) -> None:
    cut = fitted(text, tokens, count)
    assert text.startswith(cut)
    assert cut == "" or count(cut) <= tokens


def test_what_fits_is_not_cut() -> None:
    assert fitted("two words", 2, lambda text: len(text.split())) == "two words"
    assert fitted("three words here", 11, len) == "three words"
    assert fitted("three words here", 10, len) == "three"


@pytest.mark.parametrize(
    (
        "text",
        "tokens",
    ),  # by the tokenizer of all-MiniLM-L6-v2, which makes more of them than those of chat models
    [
        ("Full-time employees have 25 days of annual leave. Unused days expire on 31 March.", 19),
        ("Die Kündigungsfrist beträgt während der Probezeit zwei Wochen.", 22),
        ('for (int i = 0; i < 10; i++) { x[i] = "a"; }', 26),
        ("年次有給休暇は二十日です。", 13),
        ("", 0),
    ],
)
def test_an_estimate_is_not_below_what_it_is(text: str, tokens: int) -> None:
    assert estimated_tokens(text) >= tokens
