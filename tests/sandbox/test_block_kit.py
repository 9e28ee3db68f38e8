"""Block Kit: what Slack takes and what it refuses, as tables."""

from typing import Any

import pytest

from sandbox.block_kit import check_blocks, check_view

Json = dict[str, Any]


def plain(text: str = "x") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**fields: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain()} | fields


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def feedback(**fields: Any) -> Json:
    halves = {
        "positive_button": {"text": plain(), "value": "1"},
        "negative_button": {"text": plain(), "value": "0"},
    }
    return {"type": "context_actions", "elements": [{"type": "feedback_buttons"} | halves | fields]}


SECTION = {"type": "section", "text": mrkdwn()}
OPTION = {"text": plain(), "value": "1"}

GOOD = {
    "section": [SECTION],
    "longest section": [{"type": "section", "text": mrkdwn("x" * 3000), "expand": True}],
    "fields": [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}],
    "accessory": [SECTION | {"accessory": button()}],
    "header": [{"type": "header", "text": plain("x" * 150)}],
    "divider": [{"type": "divider"}],
    "context": [{"type": "context", "elements": [mrkdwn()] * 10}],
    "context with image": [
        {"type": "context", "elements": [{"type": "image", "image_url": "u", "alt_text": "a"}]}
    ],
    "actions": [actions(*(button(action_id=str(number)) for number in range(25)))],
    "button without an action_id": [actions(button(action_id=None), button(action_id=None))],
    "select": [actions({"type": "static_select", "action_id": "s", "options": [OPTION]})],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "table": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100}],
    "feedback": [feedback()],
    "icon button": [
        {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}]}
    ],
    "styled text": [rich({"type": "text", "text": "x", "style": {"bold": True, "code": True}})],
    "link": [rich({"type": "link", "url": "https://a.b", "text": "a", "style": {"italic": True}})],
    "everybody": [rich({"type": "user", "user_id": "U1"}, {"type": "broadcast", "range": "here"})],
    "emoji and date": [
        rich({"type": "emoji", "name": "eyes"}, {"type": "date", "timestamp": 1, "format": "{date}"})
    ],
    "list": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "indent": 1,
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
                },
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "x"}]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
            ],
        }
    ],
    "input": [{"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "a"}}],
    "fifty": [SECTION] * 50,
}

BAD = {
    "no list": ({"type": "section"}, "must be an array", "/blocks"),
    "too many": ([SECTION] * 51, "no more than 50 items allowed", "/blocks"),
    "unknown block": ([{"type": "song"}], "unsupported type: song", "/blocks/0"),
    "no block": (["section"], "unsupported type: None", "/blocks/0"),
    "empty section": ([{"type": "section"}], "missing required field: text or fields", "/blocks/0"),
    "no text": (
        [{"type": "section", "text": mrkdwn("")}],
        "must be more than 0 characters",
        "/blocks/0/text/text",
    ),
    "text no object": ([{"type": "section", "text": "x"}], "unsupported type: None", "/blocks/0/text"),
    "long section": (
        [{"type": "section", "text": mrkdwn("x" * 3001)}],
        "must be less than 3001 characters",
        "/blocks/0/text/text",
    ),
    "many fields": (
        [{"type": "section", "fields": [mrkdwn()] * 11}],
        "no more than 10 items",
        "/blocks/0/fields",
    ),
    "long field": (
        [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
        "less than 2001",
        "/blocks/0/fields/0/text",
    ),
    "long header": ([{"type": "header", "text": plain("x" * 151)}], "less than 151", "/blocks/0/text/text"),
    "mrkdwn header": ([{"type": "header", "text": mrkdwn()}], "unsupported type: mrkdwn", "/blocks/0/text"),
    "foreign field": ([SECTION | {"colour": "red"}], "invalid additional property: colour", "/blocks/0"),
    "many in context": (
        [{"type": "context", "elements": [mrkdwn()] * 11}],
        "no more than 10",
        "/blocks/0/elements",
    ),
    "button in context": (
        [{"type": "context", "elements": [button()]}],
        "unsupported type: button",
        "/elements/0",
    ),
    "no alt text": ([{"type": "image", "image_url": "u"}], "missing required field: alt_text", "/blocks/0"),
    "no image": (
        [{"type": "image", "alt_text": "a"}],
        "missing required field: image_url or slack_file",
        "/blocks/0",
    ),
    "no actions": ([actions()], "no fewer than 1 items", "/blocks/0/elements"),
    "many actions": (
        [actions(*(button(action_id=str(n)) for n in range(26)))],
        "no more than 25",
        "/blocks/0/elements",
    ),
    "same action_id": (
        [actions(button(), button())],
        "`action_id` a already exists",
        "/elements/1/action_id",
    ),
    "same block_id": ([SECTION | {"block_id": "b"}] * 2, "`block_id` b already exists", "/blocks/1/block_id"),
    "long block_id": ([SECTION | {"block_id": "b" * 256}], "less than 256", "/blocks/0/block_id"),
    "long action_id": ([actions(button(action_id="a" * 256))], "less than 256", "/elements/0/action_id"),
    "long button": ([actions(button(text=plain("x" * 76)))], "less than 76", "/elements/0/text/text"),
    "long value": ([actions(button(value="x" * 2001))], "less than 2001", "/elements/0/value"),
    "button style": (
        [actions(button(style="blue"))],
        "valid enum value: primary, danger",
        "/elements/0/style",
    ),
    "unknown element": ([actions({"type": "slider"})], "unsupported type: slider", "/elements/0"),
    "no options": ([actions({"type": "static_select"})], "options or option_groups", "/elements/0"),
    "long markdown": ([{"type": "markdown", "text": "x" * 12_001}], "less than 12001", "/blocks/0/text"),
    "many rows": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
        "no more than 100",
        "/rows",
    ),
    "many cells": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
        "no more than 20",
        "/rows/0",
    ),
    "one-sided": ([feedback(negative_button=None)], "missing required field: negative_button", "/elements/0"),
    "unknown style": (
        [rich({"type": "text", "text": "x", "style": {"red": True}})],
        "property: red",
        "/0/style",
    ),
    "style no flag": (
        [rich({"type": "text", "text": "x", "style": {"bold": 1}})],
        "a boolean",
        "/style/bold",
    ),
    "empty text": ([rich({"type": "text", "text": ""})], "more than 0", "/elements/0/text"),
    "no url": ([rich({"type": "link", "text": "x"})], "missing required field: url", "/elements/0"),
    "to nobody": (
        [rich({"type": "broadcast", "range": "all"})],
        "here, channel, everyone",
        "/elements/0/range",
    ),
    "mrkdwn in rich text": ([rich(mrkdwn())], "unsupported type: mrkdwn", "/elements/0"),
    "text on top": (
        [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
        "type: text",
        "/elements/0",
    ),
}


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD)
def test_slack_takes(blocks: list[Json]) -> None:
    assert check_blocks(blocks) == []


@pytest.mark.parametrize(("blocks", "problem", "pointer"), BAD.values(), ids=BAD)
def test_slack_refuses(blocks: Any, problem: str, pointer: str) -> None:
    found = check_blocks(blocks)

    assert any(problem in one and pointer in one for one in found), found


VIEW = {"type": "modal", "title": plain(), "blocks": [SECTION]}


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (VIEW, None),
        (VIEW | {"blocks": [SECTION] * 100}, None),
        ({"type": "home", "blocks": []}, None),
        (VIEW | {"blocks": [SECTION] * 101}, "no more than 100 items"),
        (VIEW | {"title": plain("x" * 25)}, "less than 25 characters"),
        (VIEW | {"title": None}, "missing required field: title"),
        (VIEW | {"blocks": GOOD["input"]}, "missing required field: submit"),
        (VIEW | {"private_metadata": "x" * 3001}, "less than 3001 characters"),
        ({"type": "window"}, "unsupported type"),
    ],
)
def test_views(view: Json, problem: str | None) -> None:
    found = check_view(view)

    assert not found if problem is None else any(problem in one for one in found)
