"""A message as a person reads it: text, links, and whom it pings."""

from typing import Any

import pytest

from sandbox.reading import links, message_text, pings

Json = dict[str, Any]


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text} | more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


READ = {
    "tokens": (
        [mrkdwn("see <https://a.b/c|the page> &amp; <@U1> in <#C1|general>")],
        "see the page <https://a.b/c> & @U1 in #general",
    ),
    "header, rule": ([{"type": "header", "text": plain("Leave")}, {"type": "divider"}], "Leave\n" + "-" * 40),
    "context": (
        [{"type": "context", "elements": [plain("1"), {"type": "mrkdwn", "text": "<https://a.b|two>"}]}],
        "1 two <https://a.b>",
    ),
    "markdown": ([{"type": "markdown", "text": "**a** [b](https://c.d)"}], "**a** b <https://c.d>"),
    "rich text": (
        [
            rich(
                {"type": "text", "text": "run "},
                {"type": "text", "text": "make", "style": {"code": True}},
                {"type": "link", "url": "https://a.b", "text": "[1]"},
            )
        ],
        "run `make`[1] <https://a.b>",
    ),
    "list": (
        [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_list",
                        "style": "ordered",
                        "elements": [
                            {"type": "rich_text_section", "elements": [{"type": "text", "text": word}]}
                            for word in ("a", "b")
                        ],
                    },
                    {"type": "rich_text_quote", "elements": [{"type": "text", "text": "c\nd"}]},
                ],
            }
        ],
        "1. a\n2. b\n> c\n> d",
    ),
    "actions": (
        [
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "text": plain("More")},
                    {"type": "button", "text": plain("Open"), "url": "https://a.b"},
                ],
            }
        ],
        "[More] [Open <https://a.b>]",
    ),
    "table": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]}],
        "a | b",
    ),
}


@pytest.mark.parametrize(("blocks", "text"), READ.values(), ids=READ)
def test_blocks_read_as_lines(blocks: list[Json], text: str) -> None:
    assert message_text("not shown", blocks) == text


def test_the_text_is_shown_where_there_are_no_blocks() -> None:
    assert message_text("<!here> 1 &lt; 2", []) == "@here 1 < 2"


@pytest.mark.parametrize(
    ("text", "blocks", "whom"),
    [
        ("<!here> <@U1>", [], ["!here", "@U1"]),
        ("&lt;!here&gt;", [], []),
        ("<!here>", [mrkdwn("quiet")], []),
        ("", [mrkdwn("<!channel|x> @everyone")], ["!channel", "!everyone"]),
        ("", [mrkdwn("@everyone", verbatim=True)], []),
        ("", [{"type": "markdown", "text": "<!here>"}], ["!here"]),
        ("", [rich({"type": "text", "text": "<!here>"})], []),
        (
            "",
            [rich({"type": "usergroup", "usergroup_id": "S1"}, {"type": "user", "user_id": "U1"})],
            ["!subteam^S1", "@U1"],
        ),
    ],
)
def test_who_is_pinged(text: str, blocks: list[Json], whom: list[str]) -> None:
    assert pings(text, blocks) == whom


def test_links_are_found_wherever_they_are() -> None:
    blocks = [
        mrkdwn("<https://a.b?x=1&amp;y=2|a>"),
        {"type": "markdown", "text": "[b](https://b.c) <https://evil.example|docs>"},
        rich({"type": "link", "url": "https://c.d"}),
        {"type": "actions", "elements": [{"type": "button", "text": plain("Open"), "url": "https://d.e"}]},
    ]

    assert links("<https://not.shown>", blocks) == [
        ("a", "https://a.b?x=1&y=2"),
        ("b", "https://b.c"),
        ("docs", "https://evil.example"),
        ("https://c.d", "https://c.d"),
        ("Open", "https://d.e"),
    ]
