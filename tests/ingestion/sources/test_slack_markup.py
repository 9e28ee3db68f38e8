"""What a message says, as Markdown: nothing lost, nothing made up, nothing left that Slack would act upon."""

from typing import Any

import pytest

from ingestion.parsing import parse
from ingestion.sources.slack_markup import from_mrkdwn, markdown, says_anything
from ingestion.sources.slack_threads import Taste, document


class Directory:
    def person(self, user_id: str) -> str:
        return {"U1": "Marco"}.get(user_id, "somebody")

    def channel(self, channel_id: str) -> str:
        return {"C1": "#general"}.get(channel_id, "a private channel")


NAMES = Directory()


@pytest.mark.parametrize(
    ("mrkdwn", "expected"),
    [
        ("plain", "plain"),
        ("*bold* and _slanted_ and ~gone~", "**bold** and *slanted* and ~~gone~~"),
        ("*bold _and slanted_*", "**bold *and slanted***"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("<https://a.example/x?a=1&amp;b=2|the page>", "[the page](https://a.example/x?a=1&b=2)"),
        ("<https://a.example>", "https://a.example"),
        ("<https://a.example/(x)|x [y]>", "[x (y)](https://a.example/%28x%29)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<javascript:alert(1)|click>", "click"),
        ("*<https://a.example|page>*", "**[page](https://a.example)**"),
        ("<https://a.example/_x_/*y*|page>", "[page](https://a.example/_x_/*y*)"),
        ("hi <@U1> and <@U9>", "hi @Marco and @somebody"),
        ("in <#C1> and <#C2> and <#C3|random>", "in #general and a private channel and #random"),
        ("<!here> <!channel> <!everyone>", "here channel everyone"),
        ("<!subteam^S1|@people> <!subteam^S1>", "people a group"),
        ("due <!date^1392734382^{date}|18 Feb 2014>", "due 18 Feb 2014"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&lt;script&gt; and &lt;!-- hidden --&gt;", "\\<script> and \\<!-- hidden -->"),
        ("&amp;lt;b", "&lt;b"),
        ("run `make *all*` now", "run `make *all*` now"),
        ("```\na &lt; b\n*c*\n```", "\n```\na < b\n*c*\n```\n"),
        ("# no heading\n---\n===", "\\# no heading\n\\---\n\\==="),
        ("&gt; quoted &lt;b&gt;\nnot", "> quoted \\<b>\nnot"),
        ("• one\n• two :tada:", "• one\n• two :tada:"),
    ],
)
def test_mrkdwn(mrkdwn: str, expected: str) -> None:
    assert from_mrkdwn(mrkdwn, NAMES) == expected


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"text": "as text", "blocks": [{"type": "rich_text", "elements": list(elements)}]}


def section(*elements: dict[str, Any], kind: str = "rich_text_section", **more: Any) -> dict[str, Any]:
    return {"type": kind, "elements": list(elements), **more}


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words} | ({"style": style} if style else {})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (rich(section(text("a "), text("b ", bold=True), text("c", code=True))), "a **b** `c`"),
        (
            rich(section({"type": "link", "url": "https://a.example", "text": "page"})),
            "[page](https://a.example)",
        ),
        (rich(section({"type": "user", "user_id": "U1"}, text(" said"))), "@Marco said"),
        (rich(section({"type": "channel", "channel_id": "C2"})), "a private channel"),
        (rich(section({"type": "broadcast", "range": "here"}, text("!"))), "here!"),
        (
            rich(section({"type": "emoji", "name": "tada"}, {"type": "usergroup", "usergroup_id": "S1"})),
            ":tada:a group",
        ),
        (rich(section(text("# not a heading <b>"))), "\\# not a heading \\<b>"),
        (rich(section(text("x"), {"type": "invented_later"})), "x"),
        (
            rich(
                section(
                    section(text("one")),
                    section(text("two")),
                    kind="rich_text_list",
                    style="ordered",
                    offset=2,
                )
            ),
            "3. one\n4. two",
        ),
        (
            rich(
                section(section(text("one")), kind="rich_text_list", style="bullet"),
                section(section(text("in it")), kind="rich_text_list", style="bullet", indent=1),
            ),
            "- one\n\n    - in it",
        ),
        (rich(section(text("a\nb"), kind="rich_text_quote")), "> a\n> b"),
        (rich(section(text("x <- 1\n# y"), kind="rich_text_preformatted")), "```\nx <- 1\n# y\n```"),
        (
            {
                "text": "short",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Disk* full on <#C1>"}}],
            },
            "**Disk** full on #general",
        ),
        (
            {
                "text": "see",
                "files": [{"title": "Plan"}],
                "attachments": [{"title": "A page", "text": "its content"}],
            },
            "see\n\n(file: Plan)\n\n(link: A page)",
        ),
        ({}, ""),
    ],
)
def test_a_message(message: dict[str, Any], expected: str) -> None:
    assert markdown(message, NAMES) == expected


@pytest.mark.parametrize(
    ("said", "anything"),
    [(":tada:", False), (":+1::skin-tone-2:", False), ("…", False), ("ok", True), ("好", True)],
)
def test_whether_it_says_anything(said: str, anything: bool) -> None:
    assert says_anything(said) is anything


def test_a_thread_reads_as_a_document_with_its_title() -> None:
    said = [
        {"ts": "1763700000.000100", "user": "U1", "text": '*How* do I reset "<https://a.example|staging>"?'},
        {"ts": "1763700060.000100", "user": "U2", "text": "```\nmake reset\n```"},
    ]
    written = document("ops", "thread", said, Taste("UBOT"), NAMES)
    parsed = parse(written, "ops-1763700000.000100.md")
    assert parsed.title == '#ops: How do I reset "staging"?'
    assert parsed.text.strip() == (
        '**Marco** (2025-11-21 04:40): **How** do I reset "[staging](https://a.example)"?\n\n'
        "**somebody** (2025-11-21 04:41):\n\n```\nmake reset\n```"
    )
