"""Notion's blocks as Markdown, one row for each kind."""

from typing import Any

import pytest

from ingestion.sources.notion_blocks import Block, markdown, properties, rich_text, title_of


def run(text: str, href: str | None = None, kind: str = "text", **marks: bool) -> dict[str, Any]:
    return {"type": kind, "plain_text": text, "href": href, "annotations": marks}


def block(kind: str, text: str = "", *children: Block, **content: Any) -> Block:
    return Block(kind, {"rich_text": [run(text)] if text else [], **content}, children)


def row(*cells: str) -> Block:
    return Block("table_row", {"cells": [[run(cell)] for cell in cells]})


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([run("plain")], "plain"),
        ([run("very ", bold=True), run("good", italic=True)], "**very** *good*"),
        ([run("old", strikethrough=True), run(" x=1", code=True)], "~~old~~ `x=1`"),
        ([run("Leave", "https://x.example/leave")], "[Leave](https://x.example/leave)"),
        ([run("e=mc^2", kind="equation")], "$e=mc^2$"),
        ([run("@Ines", kind="mention")], "@Ines"),
        ([run(" ", bold=True)], " "),
    ],
)
def test_runs_of_text(parts: list[dict[str, Any]], text: str) -> None:
    assert rich_text(parts) == text


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ([block("paragraph", "One"), block("paragraph"), block("paragraph", "Two")], "One\n\nTwo"),
        ([block("heading_2", "Leave"), block("paragraph", "25 days")], "## Leave\n\n25 days"),
        ([block("heading_3", "Toggled", block("paragraph", "inside"), is_toggleable=True)], "### Toggled\n\ninside"),
        ([block("bulleted_list_item", "a", block("bulleted_list_item", "b")), block("bulleted_list_item", "c")], "- a\n  - b\n- c"),
        ([block("numbered_list_item", "a", block("paragraph", "more")), block("numbered_list_item", "b")], "1. a\n   more\n2. b"),
        ([block("numbered_list_item", "a"), block("paragraph", "x"), block("numbered_list_item", "b")], "1. a\n\nx\n\n1. b"),
        ([block("to_do", "done", checked=True), block("to_do", "open", checked=False)], "- [x] done\n- [ ] open"),
        ([block("toggle", "More", block("paragraph", "inside"))], "More\n\ninside"),
        ([block("code", "a = 1\n\nb", language="python")], "```python\na = 1\n\nb\n```"),
        ([block("code", "```", language="plain text")], "````\n```\n````"),
        ([block("quote", "said\ntwice", block("paragraph", "and more"))], "> said\n> twice\n>\n> and more"),
        ([block("callout", "Mind the gap", icon={"emoji": "💡"})], "> Mind the gap"),
        ([Block("equation", {"expression": "a^2"})], "$$a^2$$"),
        ([Block("table", {}, (row("Country", "Days"), row("Spain", "2|5")))], "| Country | Days |\n| --- | --- |\n| Spain | 2\\|5 |"),
        ([Block("table", {})], ""),
        ([Block("column_list", {}, (Block("column", {}, (block("paragraph", "left"),)), Block("column", {}, (block("paragraph", "right"),))))], "left\n\nright"),
        ([Block("synced_block", {"synced_from": None}, (block("paragraph", "shared"),))], "shared"),
        ([Block("child_page", {"title": "Trips", "url": "https://www.notion.so/1"})], "[Trips](https://www.notion.so/1)"),
        ([Block("bookmark", {"url": "https://x.example", "caption": [run("See")]})], "[See](https://x.example)"),
        ([Block("image", {"caption": [run("The office")], "file": {"url": "https://signed.example"}})], "The office"),
        ([Block("divider", {}), Block("unsupported", {}), block("paragraph", "x")], "x"),
        ([block("a_kind_of_tomorrow", "still text")], "still text"),
    ],
)  # fmt: skip
def test_blocks(blocks: list[Block], text: str) -> None:
    assert markdown(blocks) == text


def test_the_columns_of_a_row_are_lines() -> None:
    given: dict[str, Any] = {
        "Name": {"type": "title", "title": [run("Laptop")]},
        "Price": {"type": "number", "number": 1200},
        "Free": {"type": "number", "number": 0},
        "State": {"type": "status", "status": {"name": "In use"}},
        "Tags": {"type": "multi_select", "multi_select": [{"name": "it"}, {"name": "new"}]},
        "Bought": {"type": "date", "date": {"start": "2026-01-02", "end": None}},
        "Trip": {"type": "date", "date": {"start": "2026-01-02", "end": "2026-01-05"}},
        "Insured": {"type": "checkbox", "checkbox": True},
        "Owner": {"type": "people", "people": [{"id": "u1", "name": "Ines"}, {"id": "u2"}]},
        "Sum": {"type": "formula", "formula": {"type": "number", "number": 7}},
        "All": {"type": "rollup", "rollup": {"type": "array", "array": [{"type": "number", "number": 1}, {"type": "number", "number": 2}]}},
        "Key": {"type": "unique_id", "unique_id": {"prefix": "IT", "number": 4}},
        "Link": {"type": "url", "url": "https://x.example"},
        "Empty": {"type": "rich_text", "rich_text": []},
        "Nothing": {"type": "select", "select": None},
        "Related": {"type": "relation", "relation": [{"id": "x"}]},
    }  # fmt: skip
    assert title_of(given) == "Laptop"
    assert properties(given).splitlines() == [
        "- Price: 1200", "- Free: 0", "- State: In use", "- Tags: it, new", "- Bought: 2026-01-02", "- Trip: 2026-01-02 to 2026-01-05",
        "- Insured: yes", "- Owner: Ines", "- Sum: 7", "- All: 1, 2", "- Key: IT-4", "- Link: https://x.example",
    ]  # fmt: skip
