"""A chunk's Markdown as quotable pieces."""

import pytest

from rag.quotable import plain_text, quotables, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Ask e.g. Ines. She knows.", ["Ask e.g. Ines.", "She knows."]),
        ("It costs 3.5 euros. Really.", ["It costs 3.5 euros.", "Really."]),
        ("See config.yaml for v2.3.1 and more.", ["See config.yaml for v2.3.1 and more."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("一句话。另一句。", ["一句话。", "另一句。"]),
        ("broken\nacross lines. Next.", ["broken across lines.", "Next."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_table_row_carries_its_headers() -> None:
    pieces = quotables("| City | Rate |\n|---|---|\n| Rotterdam | €58 |\n| Leeds | £45 |")
    assert [piece.markdown for piece in pieces] == ["City: Rotterdam; Rate: €58", "City: Leeds; Rate: £45"]


def test_steps_are_quoted_whole_with_their_introduction() -> None:
    pieces = quotables("To reset it:\n\n1. Hold the button.\n2. Wait.\n3. Let go.")
    assert len(pieces) == 1
    assert pieces[0].block
    assert pieces[0].markdown == "To reset it:\n\n1. Hold the button.\n2. Wait.\n3. Let go."


def test_items_of_a_long_list_stand_alone() -> None:
    items = [
        f"- Item {number} with a good many words to make the list long enough to be split"
        for number in range(12)
    ]
    pieces = quotables("\n".join(items))
    assert len(pieces) == 12
    assert pieces[3].markdown.startswith("Item 3 ")


def test_code_is_quoted_with_what_introduces_it() -> None:
    pieces = quotables("Run this:\n\n```sh\nweirctl reset\n```\n\nThen wait. It takes long.")
    assert pieces[0].markdown == "Run this:\n```sh\nweirctl reset\n```"
    assert pieces[0].block
    assert [piece.markdown for piece in pieces[1:]] == ["Then wait.", "It takes long."]


def test_headings_and_dangling_introductions_are_not_answers() -> None:
    assert [piece.markdown for piece in quotables("## Leave\n\nYou have 25 days. Also:")] == [
        "You have 25 days."
    ]


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**25** days, see [leave](https://x.example/leave)", "25 days, see leave"),
        ("run `weirctl reset`", "run weirctl reset"),
        ("![chart](x.png) text", "chart text"),
    ],
)
def test_plain_text(markdown: str, plain: str) -> None:
    assert plain_text(markdown) == plain
