"""Term weights: which texts share a term, by words, codes and pairs of characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.adapters.sparse import TermWeights

TERMS = TermWeights()
OWN_IDS = 1 << 31


def shared(question: str, document: str) -> set[int]:
    return {*TERMS.of_query(question).indices} & {*TERMS.of_document(document).indices}


def own(question: str, document: str) -> set[int]:
    """Shared terms that are not words."""
    return {index for index in shared(question, document) if index >= OWN_IDS}


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("requests", "Requesting leave"),
        ("CAFE", "the caf\u00e9"),
        ("password resets", "Reset your password"),
    ],
)
def test_words_match_whatever_their_case_accents_and_endings(question: str, document: str) -> None:
    assert shared(question, document)
    assert not own(question, document)


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("what does WR-4107 mean", "Error WR-4107: no water."),
        ("wr4107?", "Error WR-4107"),
        ("WR_4107", "Error wr\u20114107"),  # a hyphen that does not break, as word processors write
        ("\uff37\uff32\uff0d\uff14\uff11\uff10\uff17", "WR-4107"),  # full-width, as Japanese keyboards write
        ("FW-22b", "(FW-22b)"),
        ("config.yaml", "Open `config.yaml`."),
        ("nginx.conf", "see /etc/nginx/nginx.conf"),
        ("/etc/nginx", "/etc/nginx"),
        ("v2.3.1", "since v2.3.1,"),
        ("E_CONN_RESET", "E_CONN_RESET"),
    ],
)
def test_codes_match_as_a_whole(question: str, document: str) -> None:
    assert len(own(question, document)) == 1


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("WR-4107", "WR-4108 and FW-4107"),
        ("config.yaml", "yaml config"),
        ("v2.3.1", "v23.1 and v2.31"),
        ("10.0.0.1", "1.0.0.10"),
        ("leave 2026", "leave 2026"),
    ],
)
def test_parts_of_a_code_are_not_the_code(question: str, document: str) -> None:
    assert not own(question, document)


def test_parts_of_a_code_still_match_as_words() -> None:
    assert shared("WR 4107", "WR-4107")


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("\u4f11\u6687", "\u5e74\u6b21\u4f11\u6687\u306e\u7533\u8acb\u65b9\u6cd5"),
        ("\u5e74\u5047\u600e\u4e48\u7533\u8bf7", "\u5458\u5de5\u7533\u8bf7\u5e74\u5047\u7684\u6d41\u7a0b"),
        ("\ud734\uac00", "\uc5f0\ucc28\ud734\uac00\ub97c \uc2e0\uccad\ud558\ub294 \ubc29\ubc95"),
        ("\u7a0e", "\u7a0e"),
    ],
    ids=["Japanese", "Chinese", "Korean", "one character"],
)
def test_scripts_without_spaces_match_inside_a_sentence(question: str, document: str) -> None:
    assert own(question, document)


def test_words_between_such_scripts_are_words() -> None:
    assert shared("PTO", "PTO\u3092\u7533\u8acb")


def test_stop_words_say_nothing() -> None:
    assert TERMS.of_query("what is it").indices == []


def test_repeating_helps_less_each_time_and_length_counts_against() -> None:
    once, twice, many = (max(TERMS.of_document("leave " * times).values) for times in (1, 2, 50))
    assert once < twice < many < 2.2
    assert min(TERMS.of_document("leave " + "parking " * 200).values) < once


@given(st.text())
def test_any_text_gives_a_vector_that_engines_accept(text: str) -> None:
    for terms in (TERMS.of_document(text), TERMS.of_query(text)):
        assert terms.indices == sorted(set(terms.indices))
        assert all(0 <= index < 1 << 32 for index in terms.indices)
        assert len(terms.values) == len(terms.indices)
        assert all(value > 0 for value in terms.values)
