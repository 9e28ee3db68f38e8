"""No text is lost, every chunk fits the window, and each says where it stands."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion.chunking import chunks_of
from ingestion.formats import Anchor, Markup, assembled
from ingestion.outline import paragraphs, sections
from rag.domain import Chunk, Document

WORDS = " ".join(f"word{number}" for number in range(30))


def by_words(text: str) -> int:
    return len(text.split()) + 2


def by_characters(text: str) -> int:
    return len(text) + 2


def by_bytes_in_pairs(text: str) -> int:
    """Does not add up: two halves of a text may count one more than the whole."""
    return (len(text.encode()) + 1) // 2 + 2


def chunk(
    text: str, *, title: str = "Handbook", markup: Markup = "markdown", window: int = 64
) -> list[Chunk]:
    document = Document("T1", "S1", "a.md", title, "https://x.org/docs/a.md", text, frozenset({"members"}))
    return chunks_of(document, markup=markup, count_tokens=by_words, max_tokens=window)


def test_a_section_becomes_a_chunk_under_its_headings() -> None:
    chunks = chunk(f"# Handbook\n\n{WORDS}\n\n## Leave\n\n### Sick *leave*\n\n{WORDS} sick\n")
    assert [(it.heading_path, it.text) for it in chunks] == [
        (("Handbook",), WORDS),
        (("Handbook", "Leave", "Sick leave"), f"{WORDS} sick"),
    ]
    assert [it.url for it in chunks] == [
        "https://x.org/docs/a.md#handbook",
        "https://x.org/docs/a.md#sick-leave",
    ]
    assert [it.position for it in chunks] == [0, 1]


def test_a_heading_in_code_is_none() -> None:
    (only,) = chunk(f"## Install\n\n```sh\n# not a heading\n```\n\n{WORDS}")
    assert only.heading_path == ("Install",)
    assert "# not a heading" in only.text


def test_underlined_headings_are_headings() -> None:
    assert [it.heading_path for it in chunk(f"Top\n===\n\n{WORDS}\n\nSub\n---\n\n{WORDS}")] == [
        ("Top",),
        ("Top", "Sub"),
    ]


def test_equal_headings_get_numbered_anchors() -> None:
    chunks = chunk("".join(f"## Notes\n\n{WORDS} {number}\n\n" for number in range(3)))
    assert [it.url.partition("#")[2] for it in chunks] == ["notes", "notes-1", "notes-2"]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        pytest.param("# A\n\nshort\n\n## B\n\nalso short\n", ["short\n\n## B\n\nalso short"], id="child"),
        pytest.param(
            "## A\n\nshort\n\n## B\n\nshort too\n", ["## A\n\nshort\n\n## B\n\nshort too"], id="sibling"
        ),
        pytest.param(
            f"## A\n\n{WORDS}\n\n## B\n\nlast\n", [f"## A\n\n{WORDS}\n\n## B\n\nlast"], id="last one"
        ),
        pytest.param(f"# A\n\n## B\n\nshort\n\n# C\n\n{WORDS}", ["short", WORDS], id="not across chapters"),
    ],
)
def test_sections_of_a_few_words_join_their_neighbours(text: str, texts: list[str]) -> None:
    assert [it.text for it in chunk(text)] == texts


def test_sections_that_joined_stand_under_what_they_share() -> None:
    (only,) = chunk("# Guide\n\n## A\n\nshort\n\n## B\n\nshort too\n")
    assert only.heading_path == ("Guide",)
    assert only.url.endswith("#a")


def test_a_heading_without_text_makes_no_chunk() -> None:
    assert [it.heading_path for it in chunk(f"# A\n\n## Empty\n\n## Full\n\n{WORDS}")] == [("A", "Full")]


def test_headings_alone_are_found_all_the_same() -> None:
    assert [it.text for it in chunk("# One\n\n## Two")] == ["# One\n\n## Two"]


def test_no_text_no_chunk() -> None:
    assert chunk("  \n\n") == []


def test_a_long_table_repeats_its_header() -> None:
    rows = [f"| level {number} | {number} days of leave |" for number in range(40)]
    chunks = chunk("\n".join(["| Level | Days |", "| --- | --- |", *rows]))
    assert len(chunks) > 1
    assert all(it.text.startswith("| Level | Days |\n| --- | --- |\n| level") for it in chunks)
    assert [row for it in chunks for row in it.text.split("\n")[2:]] == rows


@pytest.mark.parametrize("before", ["", "1. A step\n\n"])
def test_long_code_stays_code(before: str) -> None:
    indent = "   " if before else ""
    lines = [f"{indent}call number {number}" for number in range(60)]
    code = "\n".join([f"{indent}```python", *lines, f"{indent}```"])
    chunks = chunk(before + code)
    assert len(chunks) > 1
    for it in chunks:
        assert len(re.findall(r"^\s*```", it.text, re.MULTILINE)) % 2 == 0
    assert re.findall(r"call number (\d+)", "".join(it.text for it in chunks)) == [str(n) for n in range(60)]


def test_a_line_that_announces_goes_with_what_it_announces() -> None:
    chunks = chunk(f"{WORDS}\n\nYou need:\n\n- {WORDS}")
    assert [it.text for it in chunks] == [WORDS, f"You need:\n\n- {WORDS}"]


def test_links_lead_where_they_led() -> None:
    (only,) = chunk(
        "See [leave](../hr/leave.md), [below](#top), [web](https://a.org), `[code](x.md)` and [ref].\n\n"
        '[ref]: ./b.md "B"\n\n```\n[code](x.md)\n```\n'
    )
    assert only.text == (
        "See [leave](https://x.org/hr/leave.md), [below](https://x.org/docs/a.md#top), [web](https://a.org), "
        "`[code](x.md)` and [ref].\n\n"
        '[ref]: https://x.org/docs/b.md "B"\n\n```\n[code](x.md)\n```'
    )


def test_a_page_lands_on_words() -> None:
    (only,) = chunk("Five days can be carried over.\n\n- until March, say-so of your lead\n", markup="html")
    assert only.url == "https://x.org/docs/a.md#:~:text=Five%20days%20can%20be,say%2Dso%20of%20your%20lead"


def test_plain_text_has_no_headings() -> None:
    (only,) = chunk("# a comment\nname = value", markup="plain")
    assert only.heading_path == ()
    assert only.text == "# a comment\nname = value"
    assert only.url.endswith("#:~:text=%23%20a%20comment,name%20%3D%20value")


def test_equal_chunks_of_a_document_are_told_apart() -> None:
    chunks = chunk(f"# A\n\n{WORDS}\n\n# A\n\n{WORDS}\n")
    assert [it.repeat for it in chunks] == [0, 1]
    assert len({it.point_id for it in chunks}) == 2


def test_endless_titles_leave_room_for_the_text() -> None:
    chunks = chunk(f"# {WORDS * 9}\n\n## {WORDS * 9} more\n\n{WORDS}", title=WORDS * 9)
    assert all(by_words(it.indexed_text) <= 64 for it in chunks)
    assert all(it.title.endswith("…") for it in chunks)
    assert WORDS.split() == [word for it in chunks for word in it.text.split()]


def test_a_word_without_end_is_cut_although_it_is_one_token() -> None:
    assert max(len(it.text) for it in chunk("a" * 50_000)) < 2000


def placed(
    text: str, *, markup: Markup, anchors: tuple[Anchor, ...] = (), by_line: bool = False
) -> list[Chunk]:
    document = Document("T1", "S1", "a", "Handbook", "https://x.org/a", text, frozenset({"members"}))
    return chunks_of(
        document, markup=markup, anchors=anchors, by_line=by_line, count_tokens=by_words, max_tokens=64
    )


def test_no_chunk_crosses_a_page() -> None:
    pages = [f"## Intro\n\n{WORDS}", "a few words", f"{WORDS}\n\n- one\n\n- two"]
    text, anchors = assembled((f"page={number}", page) for number, page in enumerate(pages, 1))
    chunks = placed(text, markup="document", anchors=anchors)
    assert [it.url.partition("#")[2] for it in chunks] == ["page=1", "page=2", "page=3"]
    assert [it.text for it in chunks] == [WORDS, "a few words", pages[2]]
    assert {it.heading_path for it in chunks} == {("Intro",)}


def test_a_sheet_is_addressed_by_its_name() -> None:
    text, anchors = assembled([("sheet=Q1 & Q2/Größe", WORDS)])
    (only,) = placed(text, markup="document", anchors=anchors)
    assert only.url == "https://x.org/a#sheet=Q1%20&%20Q2/Gr%C3%B6%C3%9Fe"


def test_a_page_lands_on_words_or_else_on_its_heading() -> None:
    text = f"# Top\n\n{WORDS}\n\n## Leave\n\nfive days in all, {WORDS} for each\n"
    chunks = placed(text, markup="html", anchors=(Anchor(text.index("## Leave"), "leave-1"),))
    assert (
        chunks[-1].url
        == "https://x.org/a#leave-1:~:text=five%20days%20in%20all%2C,word28%20word29%20for%20each"
    )
    assert chunks[0].url.startswith("https://x.org/a#:~:text=word0")


@pytest.mark.parametrize(
    ("markup", "text", "fragments"),
    [
        pytest.param("plain", f"{WORDS}\n\n\n{WORDS} {WORDS}\n{WORDS}", ["L1", "L4", "L5"], id="paragraphs"),
        pytest.param(
            "markdown", f"\n\n# A\n\n{WORDS}\nmore\n\n# B\n\n{WORDS}", ["L5-L6", "L10"], id="sections"
        ),
        pytest.param(
            "markdown",
            "| a | b |\n| - | - |\n" + "\n".join(f"| {n} | three words here |" for n in range(12)),
            ["L3-L9", "L10-L14"],
            id="rows",
        ),
        pytest.param("plain", "  def f():\n    return 1\n", ["L1-L2"], id="code"),
    ],
)
def test_code_hosts_are_addressed_by_line(markup: Markup, text: str, fragments: list[str]) -> None:
    chunks = placed(text, markup=markup, by_line=True)
    assert [it.url.partition("#")[2] for it in chunks] == fragments
    assert all(
        it.url.startswith("https://x.org/a?plain=1#" if markup == "markdown" else "https://x.org/a#")
        for it in chunks
    )


LINES = st.one_of(
    st.sampled_from(
        [
            "",
            "",
            "```",
            "~~~",
            "# One",
            "## Two",
            "### Three",
            "| a | b |",
            "| --- | --- |",
            "---",
            "- item",
            "> quote",
        ]
    ),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=300),
    st.text("漢字かなカナ、。", min_size=1, max_size=200),
    st.lists(st.sampled_from(["alpha", "beta", "gamma,", "delta."]), max_size=60).map(" ".join),
    st.tuples(st.sampled_from(["- ", "> ", "1. ", "    ", "| "]), st.text("ab c|`", max_size=90)).map(
        "".join
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(LINES, max_size=25).map("\n".join),
    title=st.text(max_size=200),
    count=st.sampled_from([by_words, by_characters, by_bytes_in_pairs]),
    markup=st.sampled_from(["markdown", "html", "plain"]),
)
@example(text="x" * 3000, title="", count=by_characters, markup="plain")
@example(
    text="| a | b |\n| --- | --- |\n" + "| cell | cell |\n" * 90,
    title="T",
    count=by_characters,
    markup="markdown",
)
@example(text="```\n" + "line of code\n" * 90, title="T", count=by_characters, markup="html")
def test_nothing_is_lost_and_everything_fits(
    text: str, title: str, count: Callable[[str], int], markup: Markup
) -> None:
    document = Document("T1", "S1", "a", title, "https://x.org/a", text, frozenset())
    chunks = chunks_of(document, markup=markup, count_tokens=count, max_tokens=80)
    assert all(count(it.indexed_text) <= 80 for it in chunks)
    assert [it.position for it in chunks] == list(range(len(chunks)))
    # Headings go to the path, headers and fences are repeated; all else stands in the chunks, in its order.
    in_chunks = iter("".join(it.text for it in chunks))
    assert all(character in in_chunks for character in "".join(body(text, markup).split()))


def body(text: str, markup: Markup) -> str:
    """The text without its headings, except where it is nothing else."""
    outline = paragraphs(text) if markup == "plain" else sections(text)
    found = "\n".join(block.text for section in outline for block in section.blocks)
    return found or text
