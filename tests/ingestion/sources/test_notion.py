"""Notion: what is shared, what lies below a page or database, what is gone; and refusals told apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingestion.parsing import parse
from ingestion.sources import Source
from rag.errors import ConfigError, SourceGone, SourceUnavailable
from rag.settings import NotionSettings
from tests.ingestion.sources.api import Call, Service, listed, means, opened, serving

OLD = "2026-03-01T10:00:00.000Z"


def uuid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def bare(number: int) -> str:
    return uuid(number).replace("-", "")


def page(number: int, title: str, parent: dict[str, Any], edited: str = OLD, **more: Any) -> dict[str, Any]:
    name = {"id": "title", "type": "title", "title": [{"plain_text": title}]}
    return {
        "object": "page", "id": uuid(number), "parent": parent, "last_edited_time": edited, "in_trash": False, "archived": False,
        "last_edited_by": {"object": "user", "id": "u1"}, "url": f"https://www.notion.so/{title}-{bare(number)}",
        "properties": {"Name": name, **more},
    }  # fmt: skip


def block(kind: str, text: str, number: int = 0, *, children: bool = False, **content: Any) -> dict[str, Any]:
    said = {"rich_text": [{"type": "text", "plain_text": text, "annotations": {}}], **content}
    return {
        "object": "block",
        "id": uuid(number),
        "type": kind,
        kind: said,
        "has_children": children,
        "in_trash": False,
    }


TOP = {"type": "workspace", "workspace": True}
TABLE = {"object": "data_source", "id": uuid(50), "parent": {"type": "database_id", "database_id": uuid(40)}}
DATABASE = {
    "object": "database", "id": uuid(40), "parent": {"type": "page_id", "page_id": uuid(1)}, "in_trash": False,
    "data_sources": [{"id": uuid(50), "name": "Devices"}],
}  # fmt: skip


@dataclass
class Notion(Service):
    pages: list[dict[str, Any]] = field(default_factory=list)
    blocks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    parents: dict[str, dict[str, Any]] = field(default_factory=dict)
    unsearchable: set[str] = field(default_factory=set)

    def answer(self, call: Call) -> Any:
        assert call.headers["notion-version"] == "2025-09-03"
        steps = call.path.removeprefix("/v1/").split("/")
        match steps:
            case ["search"]:
                found = [one for one in (*self.pages, TABLE) if one["id"] not in self.unsearchable]
                return self.page(found, call)
            case ["data_sources", table, "query"] if table == bare(50):
                return self.page(
                    [one for one in self.pages if one["parent"].get("data_source_id") == uuid(50)], call
                )
            case ["blocks", parent, "children"]:
                found = self.blocks.get(parent.replace("-", ""))
                return None if found is None else self.page(found, call)
            case ["users", "u1"]:
                return {"object": "user", "id": "u1", "name": "Ines"}
        return self.single(steps)

    def single(self, steps: list[str]) -> Any:
        match steps:
            case ["pages", each]:
                return next((one for one in self.pages if bare_of(one) == each), None)
            case ["databases", each]:
                return DATABASE if each == bare(40) else None
            case ["data_sources", each]:
                return TABLE if each == bare(50) else None
            case ["blocks", each]:
                return (
                    {"object": "block", "id": each, "parent": self.parents[each]}
                    if each in self.parents
                    else None
                )
        return None

    def page(self, found: list[Any], call: Call) -> dict[str, Any]:
        given = call.body if call.method == "POST" else call.query
        start, size = int(given.get("start_cursor", "0")), min(2, int(given["page_size"]))
        more = start + size < len(found)
        return {
            "results": found[start : start + size],
            "has_more": more,
            "next_cursor": str(start + size) if more else None,
        }


def bare_of(one: dict[str, Any]) -> str:
    return str(one["id"]).replace("-", "")


def workspace() -> Notion:
    return Notion(
        pages=[
            page(1, "Handbook", TOP),
            page(2, "Leave", {"type": "page_id", "page_id": uuid(1)}),
            page(3, "Trips", {"type": "block_id", "block_id": uuid(30)}),
            page(4, "Laptop", {"type": "data_source_id", "data_source_id": uuid(50), "database_id": uuid(40)},
                 Price={"type": "number", "number": 1200}),
            page(5, "Secret plans", TOP),
            page(6, "Old", {"type": "page_id", "page_id": uuid(1)}) | {"in_trash": True},
        ],
        blocks={
            bare(2): [
                block("heading_2", "How many"),
                block("bulleted_list_item", "25 days", 20, children=True),
                block("synced_block", "", 22, children=True, synced_from={"type": "block_id", "block_id": uuid(99)}),
                block("child_page", "", 3, children=True, title="Trips"),
            ],
            bare(20): [block("bulleted_list_item", "of leave")],
            bare(4): [],
        },
        parents={bare(30): {"type": "page_id", "page_id": uuid(2)}},
    )  # fmt: skip


@contextmanager
def notion(tmp_path: Path, service: Notion, location: str = "") -> Iterator[Source]:
    with serving(service):
        settings = NotionSettings(token=SecretStr("ntn_secret"), api_url=service.url)
        with means(tmp_path, notion=settings) as given:
            yield opened(given, "notion", location)


def test_all_that_is_shared_is_listed_without_its_text(tmp_path: Path) -> None:
    service = workspace()
    with notion(tmp_path, service) as source:
        originals = listed(source)[0]
        assert [one.id for one in originals] == [bare(number) for number in (1, 2, 3, 4, 5)]
        leave = originals[1]
        assert (leave.author, leave.version, leave.url) == (
            "Ines",
            "2026-03-01T10:00:00+00:00",
            f"https://www.notion.so/Leave-{bare(2)}",
        )
        assert not service.asked("/children")
        assert len(service.asked("/users/")) == 1
        assert [(one.id, one.version) for one in listed(source)[0]] == [
            (one.id, one.version) for one in originals
        ]
        assert len(service.asked("/users/")) == 1


@pytest.mark.parametrize(
    ("place", "numbers"),
    [
        (f"https://www.notion.so/acme/Handbook-{bare(1)}?pvs=4", (1, 2, 3, 4)),
        (uuid(2), (2, 3)),
        (f"https://www.notion.so/acme/{bare(40)}?v={bare(7)}", (4,)),
        (f"https://www.notion.so/acme/{bare(40)}?v={bare(7)}&p={bare(2)}", (2, 3)),
        (bare(50), (4,)),
    ],
)
def test_what_lies_below_a_page_a_database_or_a_data_source(
    tmp_path: Path, place: str, numbers: tuple[int, ...]
) -> None:
    with notion(tmp_path, workspace(), place) as source:
        assert [one.id for one in listed(source)[0]] == [bare(number) for number in numbers]


def test_rows_that_the_search_does_not_know_yet_are_found(tmp_path: Path) -> None:
    service = workspace()
    service.unsearchable = {uuid(4), uuid(50)}
    with notion(tmp_path, service, bare(40)) as source:
        assert [one.id for one in listed(source)[0]] == [bare(4)]


def test_a_page_is_read_with_what_is_inside_its_blocks(tmp_path: Path) -> None:
    with notion(tmp_path, workspace()) as source:
        originals = listed(source)[0]
        leave, laptop = originals[1].read().decode(), originals[3].read().decode()
    assert (
        leave
        == f"# Leave\n\n## How many\n\n- 25 days\n  - of leave\n\n[Trips](https://www.notion.so/{bare(3)})"
    )
    assert laptop == "# Laptop\n\n- Price: 1200"
    assert parse(leave.encode(), originals[1].name, originals[1].media_type).title == "Leave"


def test_a_page_edited_just_now_is_read_again_by_the_next_sync(tmp_path: Path) -> None:
    """The time of an edit is given to the minute: a second edit in the same minute leaves it as it was."""
    service = workspace()
    service.pages = [page(1, "Busy", TOP, edited=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:00.000Z"))]
    with notion(tmp_path, service) as source:
        first, second = listed(source)[0][0], listed(source)[0][0]
    assert first.version != second.version


def test_a_page_that_is_no_longer_shared_is_gone_and_one_that_never_was_is_not(tmp_path: Path) -> None:
    service = workspace()
    with notion(tmp_path, service, bare(77)) as source, pytest.raises(SourceUnavailable, match="share it"):
        listed(source)
    with notion(tmp_path, service, bare(2)) as source:
        assert listed(source)[0]
        service.pages.clear()
        with pytest.raises(SourceGone):
            listed(source)


def test_parents_that_turn_in_a_circle_end(tmp_path: Path) -> None:
    service = workspace()
    service.pages += [page(8, "A", {"page_id": uuid(9)}), page(9, "B", {"page_id": uuid(8)})]
    with notion(tmp_path, service, bare(2)) as source:
        assert [one.id for one in listed(source)[0]] == [bare(2), bare(3)]


@pytest.mark.parametrize(
    ("status", "headers", "error", "words"),
    [
        (401, {}, ConfigError, "NOTION_TOKEN"),
        (500, {}, SourceUnavailable, "fault of its own"),
        (400, {}, SourceUnavailable, "usually"),
        (429, {"Retry-After": "7200"}, SourceUnavailable, "7200 seconds"),
    ],
)
def test_a_listing_that_breaks_off_says_why(
    tmp_path: Path, status: int, headers: dict[str, str], error: type[Exception], words: str
) -> None:
    service = workspace()
    service.faults = {"/search": [(429, {"Retry-After": "0"}), (status, headers)]}
    with notion(tmp_path, service) as source, pytest.raises(error, match=words) as raised:
        listed(source)
    assert "ntn_secret" not in str(raised.value)


def test_a_page_that_cannot_be_read_now_does_not_stop_the_others(tmp_path: Path) -> None:
    service = workspace()
    service.faults = {f"/blocks/{uuid(2)}": [(502, {})]}
    with notion(tmp_path, service) as source:
        originals = listed(source)[0]
        with pytest.raises(SourceUnavailable):
            originals[1].read()
        assert originals[1].read().startswith(b"# Leave")


@pytest.mark.parametrize(
    ("token", "location", "words"),
    [(None, "", "NOTION_TOKEN"), ("ntn_x", "https://www.notion.so/acme/Handbook", "ends without an id")],
)
def test_a_missing_setting_or_a_wrong_address_is_named(
    tmp_path: Path, token: str | None, location: str, words: str
) -> None:
    settings = NotionSettings(token=SecretStr(token) if token else None)
    with means(tmp_path, notion=settings) as given, pytest.raises(ConfigError, match=words):
        opened(given, "notion", location)
