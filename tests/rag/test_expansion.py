"""What is read with a passage."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rag.domain import Chunk, Passage
from rag.expansion import REACH, expanded

SECTIONS = "aaabbbbbbbbcd"


def chunk(position: int, section: str = "", document: str = "d") -> Chunk:
    heading = (section or SECTIONS[position],)
    return Chunk(
        "T", "s", document, position, "", heading, f"{document}{position}", "u", frozenset({"members"})
    )


DOCUMENT = [chunk(position) for position in range(len(SECTIONS))]


def around(passage: Passage, reach: int) -> Sequence[Chunk]:
    return [each for each in DOCUMENT if abs(each.position - passage.chunk.position) <= reach]


def read(*positions: int) -> list[list[int]]:
    passages = [Passage(DOCUMENT[position], 1.0, rank) for rank, position in enumerate(positions, start=1)]
    return [[int(part[1:]) for part in text.split("\n\n")] for _, text in expanded(passages, around)]


def test_the_neighbours_and_the_section_are_read() -> None:
    assert read(1) == [[0, 1, 2]]
    assert read(2) == [[0, 1, 2, 3]]  # its section, and the neighbour in the next
    assert read(6) == [[3, 4, 5, 6, 7, 8, 9, 10]]
    assert read(12) == [[11, 12]]


def test_a_long_section_is_read_as_far_as_it_reaches() -> None:
    long = [chunk(position, "x") for position in range(40)]
    text = expanded([Passage(long[20], 1.0, 1)], lambda p, reach: long[20 - reach : 21 + reach])[0][1]
    assert text.split("\n\n") == [each.text for each in long[20 - REACH : 21 + REACH]]


def test_a_gap_ends_what_is_read() -> None:
    holes = [DOCUMENT[4], DOCUMENT[6], DOCUMENT[8]]
    assert expanded([Passage(DOCUMENT[6], 1.0, 1)], lambda *_: holes)[0][1] == "d6"


def test_nothing_around_leaves_the_passage() -> None:
    assert expanded([Passage(DOCUMENT[6], 1.0, 1)], lambda *_: [])[0][1] == "d6"


@given(st.lists(st.integers(0, len(SECTIONS) - 1), unique=True))
def test_nothing_is_read_twice_and_every_passage_holds_its_own(positions: list[int]) -> None:
    texts = read(*positions)
    assert all(own in text for own, text in zip(positions, texts, strict=True))
    everything = [position for text in texts for position in text]
    assert len(everything) == len(set(everything))
    assert all(text == sorted(text) for text in texts)
