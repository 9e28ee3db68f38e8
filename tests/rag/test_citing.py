"""[n] marks in a reply become citations."""

from dataclasses import replace

import pytest

from rag.citing import citations_of, cite
from rag.domain import Chunk, Link, Passage


def passages(*documents: str) -> list[Passage]:
    return [
        Passage(Chunk("T", "s", name, i, name.upper(), (f"h{i}",), "text", f"https://x.example/{name}#h{i}", frozenset()), 1, i + 1)
        for i, name in enumerate(documents)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "documents", "text", "cited"),
    [
        ("25 days [1].", ["a", "b"], "25 days [1].", ["a"]),
        ("25 days[2].", ["a", "b"], "25 days [1].", ["b"]),
        ("X [2]. Y [1].", ["a", "b"], "X [1]. Y [2].", ["b", "a"]),
        ("X [1][3].", ["a", "b", "c"], "X [1][2].", ["a", "c"]),
        ("X [1, 3].", ["a", "b", "c"], "X [1][2].", ["a", "c"]),
        ("one document, two passages [1][2].", ["a", "a"], "one document, two passages [1].", ["a"]),
        ("unknown [7] mark", ["a"], "unknown mark", []),
        ("known and unknown [1][9] marks", ["a"], "known and unknown [1] marks", ["a"]),
        ("zero [0] is nobody", ["a"], "zero is nobody", []),
        ("- item [1]\n- item [2]", ["a", "b"], "- item [1]\n- item [2]", ["a", "b"]),
        ("no marks", ["a"], "no marks", []),
        ("code `list[1234]` stays", ["a"], "code `list[1234]` stays", []),
    ],
)
def test_marks(reply: str, documents: list[str], text: str, cited: list[str]) -> None:
    renumbered, citations = cite(reply, passages(*documents))
    assert renumbered == text
    assert [citation.document_id for citation in citations] == cited
    assert [citation.number for citation in citations] == list(range(1, len(cited) + 1))


def test_a_citation_lands_on_the_passage_cited_first() -> None:
    _, citations = cite("X [2]. Y [1].", passages("a", "a"))
    assert citations[0].url == "https://x.example/a#h1"
    assert citations[0].heading_path == ("h1",)


def test_the_same_path_in_two_sources_is_two_documents() -> None:
    first, second = passages("a", "b")
    twin = Passage(Chunk("T", "other", "a", 0, "A", (), "t", "https://y.example/a", frozenset()), 1, 2)
    assert len(citations_of([first, twin, second])) == 3


def test_quotes_are_gathered_by_document() -> None:
    found = passages("a", "b", "a")
    citations = citations_of(found, quotes={1: ["one"], 2: ["two"], 3: ["three"]})
    assert [citation.quotes for citation in citations] == [("one", "three"), ("two",)]


def test_a_citation_carries_the_links_to_copies() -> None:
    also = (Link("B", "https://y.example/b"),)
    (found,) = passages("a")
    _, citations = cite("X [1].", [replace(found, also=also)])
    assert citations[0].also == also
