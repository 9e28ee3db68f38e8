"""Answer → Block Kit: readable, within Slack's limits, and harmless whatever the text says."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.domain import Answer, Citation, Link, Outcome
from sandbox.block_kit import check_blocks
from workers.cutting import length
from workers.rendering import Rendered, age, choice_of, plain_mentions, render

TODAY = datetime(2026, 11, 20, tzinfo=UTC)
LEAVE = Citation(
    1,
    "leave.md",
    "Annual leave",
    ("Carry-over",),
    "https://x.example/leave#carry-over",
    TODAY - timedelta(days=90),
)


def answered(text: str) -> Answer:
    return Answer(text, Outcome.ANSWERED, (LEAVE,))


def answered_with(citation: Citation) -> Answer:
    return Answer("25 days. [1]", Outcome.ANSWERED, (citation,))


def elements(rendered: Any) -> list[dict[str, Any]]:
    """Every leaf element of every rich_text block, in order."""
    leaves: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> None:
        for child in node.get("elements", []):
            (walk if "elements" in child else leaves.append)(child)

    for block in rendered.blocks:
        walk(block)
    return leaves


def links(rendered: Any) -> list[str]:
    return [element["url"] for element in elements(rendered) if element["type"] == "link"]


def test_a_mark_is_a_link_to_its_source() -> None:
    leaves = elements(render(answered("25 days. [1]"), today=TODAY))
    assert leaves[0] == {"type": "text", "text": "25 days. "}
    assert leaves[1] == {"type": "link", "url": LEAVE.url, "text": "[1]"}


def test_a_source_shows_title_heading_age_and_link() -> None:
    rendered = render(answered("25 days. [1]"), today=TODAY)
    source = "".join(leaf["text"] for leaf in elements(rendered)[2:])
    assert source == "[1] Annual leave › Carry-over  ·  updated 3 months ago"
    assert links(rendered) == [LEAVE.url, LEAVE.url]


def test_a_source_that_slack_cannot_open_is_named_without_a_link() -> None:
    local = Citation(1, "leave.md", "Annual leave", (), "file:///srv/leave.md")
    rendered = render(Answer("25 days. [1]", Outcome.ANSWERED, (local,)), today=TODAY)
    assert links(rendered) == []
    assert "srv" not in json.dumps(rendered.blocks)


def test_copies_are_named_after_their_source_a_few_with_links() -> None:
    also = tuple(Link(f"Copy {n}", f"https://y.example/{n}") for n in range(5))
    rendered = render(answered_with(replace(LEAVE, also=also)), today=TODAY)
    source = "".join(leaf["text"] for leaf in elements(rendered)[2:])
    assert source.endswith("updated 3 months ago  ·  also in: Copy 0, Copy 1, Copy 2 and 2 more")
    assert links(rendered)[2:] == ["https://y.example/0", "https://y.example/1", "https://y.example/2"]


def test_a_copy_that_slack_cannot_open_is_named_without_a_link() -> None:
    also = (Link("<!channel> " + "long " * 40, "javascript:alert(1)"), Link("Local", "file:///srv/x.md"))
    rendered = render(answered_with(replace(LEAVE, also=also)), today=TODAY)
    assert links(rendered) == [LEAVE.url, LEAVE.url]
    shown = json.dumps(rendered.blocks)
    assert "javascript" not in shown and "srv" not in shown and "long " * 20 not in shown


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Not found. The closest pages are:", Outcome.NOT_FOUND),
        ("Do you mean “Annual leave” or “Sick leave”?", Outcome.NEEDS_CLARIFICATION),
    ],
)
def test_nearest_pages_are_offered_without_numbers(text: str, outcome: Outcome) -> None:
    rendered = render(Answer(text, outcome, (LEAVE,)), today=TODAY)
    assert rendered.text == text
    assert "[1]" not in json.dumps(rendered.blocks)
    assert links(rendered) == [LEAVE.url]


def test_without_sources_there_is_only_the_text() -> None:
    rendered = render(Answer("Sorry.", Outcome.FAILED), today=TODAY)
    assert [block["type"] for block in rendered.blocks] == ["rich_text"]
    assert rendered.text == "Sorry."


@pytest.mark.parametrize(
    ("markdown", "kinds"),
    [
        ("a\n\nb", ["rich_text_section"]),
        ("- a\n- b", ["rich_text_list"]),
        ("1. a\n2. b", ["rich_text_list"]),
        ("- a\n  - b\n- c", ["rich_text_list", "rich_text_list", "rich_text_list"]),
        ("```sh\nls\n```", ["rich_text_preformatted"]),
        ("> q", ["rich_text_quote"]),
        ("# h\n\ntext", ["rich_text_section"]),
        ("a\n\n- b\n\nc", ["rich_text_section", "rich_text_list", "rich_text_section"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["rich_text_preformatted"]),
    ],
)
def test_every_kind_of_markdown_has_its_block(markdown: str, kinds: list[str]) -> None:
    blocks = render(Answer(markdown, Outcome.FAILED), today=TODAY).blocks
    assert [element["type"] for element in blocks[0]["elements"]] == kinds


def test_an_ordered_list_goes_on_counting_after_a_nested_one() -> None:
    parts = render(Answer("1. a\n   - x\n2. b", Outcome.FAILED), today=TODAY).blocks[0]["elements"]
    assert [(part["style"], part.get("offset", 0), part["indent"]) for part in parts] == [
        ("ordered", 0, 0),
        ("bullet", 0, 1),
        ("ordered", 1, 0),
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel> <!here> <!everyone> <@U123> <#C123> <!subteam^S1>",
        "[click](https://evil.example/?q=secret)",
        "![img](https://evil.example/p.png)",
        "[x][1]\n\n[1]: https://evil.example",
        "<https://evil.example|Annual leave>",
        "https://evil.example/a www.evil.example mailto:a@evil.example evil.example",
        "<a href='https://evil.example'>x</a>",
        "[js](javascript:alert(1))",
        "`https://evil.example`",
        "@channel @here @everyone",
        "[1](https://evil.example) [2]",
    ],
)
def test_nothing_written_by_others_becomes_a_link_or_a_mention(hostile: str) -> None:
    rendered = render(answered(hostile), today=TODAY)
    assert set(links(rendered)) <= {LEAVE.url}
    assert {element["type"] for element in elements(rendered)} <= {"text", "link"}
    assert "<" not in rendered.text
    shown = json.dumps(rendered.blocks, ensure_ascii=False) + rendered.text
    assert "evil.example" not in shown.replace(LEAVE.url, "")


@given(st.text(max_size=400))
def test_any_text_at_all_renders_within_limits(text: str) -> None:
    rendered = render(answered(text), today=TODAY)
    assert set(links(rendered)) <= {LEAVE.url}
    assert len(rendered.text) <= 4000
    assert all(element.get("text", "x") for element in elements(rendered))


def test_the_fallback_is_plain_text() -> None:
    answer = answered("You have **25 days**, see [leave](https://x.example/a). [1]\n\n- `code` & more")
    assert render(answer, today=TODAY).text == "You have 25 days, see leave. [1]\n\n- code &amp; more"


def test_a_long_answer_keeps_its_fallback_short() -> None:
    assert len(render(answered("word " * 5000), today=TODAY).text) <= 4000


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "1 day ago"),
        (6, "6 days ago"),
        (8, "1 week ago"),
        (45, "1 month ago"),
        (90, "3 months ago"),
        (800, "2 years ago"),
        (-3, "today"),
    ],
)
def test_age(days: int, said: str) -> None:
    assert age(TODAY - timedelta(days=days), TODAY) == said


def test_an_old_source_is_said_to_be() -> None:
    old = Citation(1, "a", "A", (), "https://x.example/a", datetime(2023, 1, 1))  # noqa: DTZ001 - dates of pages have no zone
    rendered = render(Answer("x [1]", Outcome.ANSWERED, (old,)), today=TODAY)
    assert "may be out of date" in json.dumps(rendered.blocks)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("how &lt;b&gt; &amp; c", "how <b> & c"),
        ("see <https://x.example/a|the page>", "see the page"),
        ("see <https://x.example/a>", "see https://x.example/a"),
        ("ask <@U1|ines> in <#C1|general>", "ask @ines in #general"),
        ("<!here> hello", "@here hello"),
        ("ask <@U01INES> in <#C1>", "ask @someone in #channel"),
        ("&amp;lt; stays", "&lt; stays"),
    ],
)
def test_plain_mentions(raw: str, read: str) -> None:
    assert plain_mentions(raw) == read


def parts(rendered: Rendered) -> list[Rendered]:
    return [rendered, *rendered.more]


def read_spaced(rendered: Rendered) -> str:
    """All that is to be read in the messages."""
    return "".join(
        leaf["text"]
        for part in parts(rendered)
        for leaf in elements(part)
        if "url" in leaf or leaf["type"] == "text"
    )


def read(rendered: Rendered) -> str:
    """The same without white space: a cut takes that at its place."""
    return "".join(read_spaced(rendered).split())


def assert_fits(rendered: Rendered) -> None:
    for part in parts(rendered):
        texts = [block for block in part.blocks if block["type"] == "rich_text"]
        assert check_blocks(part.blocks) == []
        assert sum(map(length, texts)) <= 12_000
        assert all(length(one) <= 3_000 for block in texts for one in block["elements"])
        assert 0 < len(part.text) <= 4_000


WORDS = "The quick brown fox [1] jumps over the lazy dog, twice. "
LONG = {
    "code": "```\n" + "\n".join(f"print({number})  # " + "x" * 80 for number in range(200)) + "\n```",
    "code in one line": "```\n" + "x" * 10_000 + "\n```",
    "list": "\n".join(f"{number}. item {number} {'word ' * 30}" for number in range(1, 201)),
    "nested list": "\n".join(f"- item {number}\n  - below {number}" for number in range(200)),
    "items that are too long": "\n".join(f"1. {WORDS * 100}" for _ in range(3)),
    "paragraph": WORDS * 360,
    "one word": "word" * 5_000,
    "headings": "\n\n".join(f"# Heading {number}\n\nText {number}." for number in range(100)),
    "rules": "\n\n---\n\n".join(f"text {number}" for number in range(200)),
    "quote": "> " + WORDS * 200,
    "wide table": "| Country | Rate | Remark |\n|---|---|---|\n" + "| Leeds | 12 [1] | " + WORDS * 2 + "|\n"
    + "".join(f"| Town {number} | {number} | {WORDS} |\n" for number in range(150)),
}  # fmt: skip


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_a_long_answer_is_whole_and_its_buttons_are_under_the_last_part(text: str) -> None:
    rendered = render(answered(text), today=TODAY, question_id="q1")
    assert_fits(rendered)
    whole = read(rendered)
    assert all(word in whole for word in text.split() if word.isalpha())
    assert [bool({"actions", "context_actions"} & {block["type"] for block in part.blocks}) for part in parts(rendered)] == [
        *[False] * len(rendered.more), True,
    ]  # fmt: skip
    assert "Annual leave" in json.dumps(parts(rendered)[-1].blocks)


@given(st.lists(st.sampled_from([*LONG.values(), "short", "- a\n- b", "`x`"]), min_size=1, max_size=4))
def test_nothing_is_cut_wherever_the_seams_fall(texts: list[str]) -> None:
    together = render(answered("\n\n".join(f"{text}\n\nEND." for text in texts)), today=TODAY)
    assert_fits(together)
    sources = read(render(answered("END."), today=TODAY)).removeprefix("END.")
    apart = [
        read(render(Answer(text, Outcome.ANSWERED, (LEAVE,)), today=TODAY)).removesuffix(sources)
        for text in texts
    ]
    assert read(together) == "".join(f"{text}END." for text in apart) + sources


def test_a_list_goes_on_counting_over_the_seam() -> None:
    rendered = render(answered(LONG["list"]), today=TODAY)
    lists = [one for part in parts(rendered) for block in part.blocks for one in block.get("elements", ())]
    counted = [
        (one.get("offset", 0), len(one["elements"])) for one in lists if one["type"] == "rich_text_list"
    ]
    assert len(counted) > 2
    assert all(
        offset == sum(size for _, size in counted[:number]) for number, (offset, _) in enumerate(counted)
    )
    assert sum(size for _, size in counted) == 200


def test_sources_that_do_not_fit_stand_in_a_message_of_their_own() -> None:
    many = tuple(replace(LEAVE, number=number, title="Title " * 50) for number in range(1, 80))
    rendered = render(Answer("x [1]", Outcome.ANSWERED, many), today=TODAY, question_id="q")
    assert_fits(rendered)
    assert all(f"[{number}] " in read_spaced(rendered) for number in range(1, 80))
    assert rendered.more[-1].blocks[-1]["type"] == "context_actions"


def test_a_table_that_fits_a_telephone_keeps_its_columns_and_its_marks() -> None:
    rendered = render(answered("| Day | Rate |\n|---|---|\n| Mon | 12 [1] |"), today=TODAY)
    [table] = [one for one in rendered.blocks[0]["elements"] if one["type"] == "rich_text_preformatted"]
    assert "".join(leaf["text"] for leaf in table["elements"]) == "Day  Rate\n───  ──────\nMon  12 [1]"
    assert links(rendered)[0] == LEAVE.url


def test_a_wider_table_becomes_a_list_of_its_rows() -> None:
    wide = f"| Town | Rate | Remark |\n|---|---|---|\n| Leeds | **12** [1] | {WORDS}|"
    rendered = render(answered(wide), today=TODAY)
    assert rendered.blocks[0]["elements"][0]["type"] == "rich_text_list"
    assert read_spaced(rendered).startswith("Town: Leeds\nRate: 12 [1]\nRemark: The quick brown fox")
    assert {"type": "text", "text": "12", "style": {"bold": True}} in elements(rendered)


def test_an_address_that_is_too_long_for_a_link_leaves_the_title() -> None:
    far = replace(LEAVE, url="https://x.example/" + "a" * 3000)
    assert links(render(answered_with(far), today=TODAY)) == []


def test_options_are_buttons_and_can_be_read() -> None:
    options = ("Leeds office", "<!channel> " + "x" * 200, *(f"Office {number}" for number in range(9)))
    asking = Answer("“Leeds office” or another?", Outcome.NEEDS_CLARIFICATION, options=options)
    rendered = render(asking, today=TODAY, question_id="q1")
    assert check_blocks(rendered.blocks) == []
    buttons = rendered.blocks[-1]["elements"]
    assert [choice_of(button["value"]) for button in buttons] == [("q1", place) for place in range(5)]
    shown = read_spaced(rendered)
    assert shown.count("Leeds office") == 1
    assert all(option in shown for option in options)
    assert {leaf["type"] for leaf in elements(rendered)} == {"text", "button"}


def test_what_was_chosen_stands_in_the_place_of_the_buttons() -> None:
    asking = Answer("A or B?", Outcome.NEEDS_CLARIFICATION, options=("A", "B"))
    rendered = render(asking, today=TODAY, question_id="q1", chosen=1)
    assert "actions" not in {block["type"] for block in rendered.blocks}
    assert read_spaced(rendered) == "A or B?✓ B"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ""),
        ({"unread_since": TODAY - timedelta(hours=20)}, ""),
        (
            {"unread_since": TODAY - timedelta(days=3)},
            "⚠ may be out of date: its source could not be read for 3 days",
        ),
        ({"updated_at": TODAY - timedelta(days=400)}, "⚠ may be out of date"),
        ({"superseded": True, "unread_since": TODAY - timedelta(days=3)}, "⚠ may no longer hold"),
    ],
)
def test_a_source_warns_of_what_is_known_of_it(facts: dict[str, Any], said: str) -> None:
    shown = read_spaced(render(answered_with(replace(LEAVE, **facts)), today=TODAY))
    assert said in shown
    assert ("⚠" in shown) == bool(said)


ANSWER = replace(
    LEAVE,
    title="How much leave?",
    author="Ines <!channel> https://evil.example",
    updated_at=TODAY - timedelta(days=21),
)


def said_of(citation: Citation) -> str:
    return "".join(
        element.get("text", "") for element in elements(render(answered_with(citation), today=TODAY))
    )


def test_what_was_verified_says_by_whom_and_when_and_names_nobody_as_a_mention() -> None:
    verified = replace(ANSWER, review_at=TODAY + timedelta(days=1))
    rendered = render(answered_with(verified), today=TODAY)
    assert "Verified by Ines" in said_of(verified)
    assert "3 weeks ago" in said_of(verified)
    assert "updated" not in said_of(verified)
    assert "due for review" not in said_of(verified)
    assert not [element for element in elements(rendered) if element["type"] not in {"text", "link"}]
    assert set(links(rendered)) == {LEAVE.url}
    assert "https://evil" not in said_of(verified)


def test_what_should_have_been_looked_at_again_says_so() -> None:
    assert "due for review" in said_of(replace(ANSWER, review_at=TODAY))
    long_ago = replace(ANSWER, updated_at=TODAY - timedelta(days=800), review_at=TODAY + timedelta(days=1))
    assert "⚠" not in said_of(long_ago), "whoever answers for it has said until when it holds"
