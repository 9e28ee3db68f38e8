"""Confluence, Cloud and Data Center: pages to the last one, restrictions kept, refusals told apart.

The services on loopback answer in the shapes of the vendor's documentation: v2 lists with `_links.next` from the root
of the host, v1 lists with `_links.next` from the root of Confluence.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingestion.parsing import parse
from ingestion.sources import Source
from rag.errors import ConfigError, SourceUnavailable
from rag.settings import ConfluenceSettings
from tests.ingestion.sources.api import Call, Service, listed, means, opened, serving

CLOUD = ConfluenceSettings(email="bot@acme.example", api_token=SecretStr("cloud-secret"))
DATA_CENTER = ConfluenceSettings(email="", api_token=SecretStr("personal-secret"))
BODY = "<h2>How many</h2><p>25 days.</p><table><tbody><tr><th>Country</th></tr><tr><td>Spain</td></tr></tbody></table>"
OPEN: dict[str, Any] = {
    "read": {"restrictions": {"user": {"results": [], "size": 0}, "group": {"results": [], "size": 0}}}
}
CLOSED: dict[str, Any] = {"read": {"restrictions": {"user": {"results": [{"accountId": "a1"}], "size": 1}, "group": {"results": [], "size": 0}}}}  # fmt: skip


@dataclass
class Node:
    id: str
    title: str
    parent: str = ""
    kind: str = "page"
    restricted: bool = False
    version: int = 1
    labels: tuple[str, ...] = ()
    indexed: bool = True
    """Whether the search knows it already."""


@dataclass
class Wiki(Service):
    nodes: list[Node] = field(default_factory=list)
    page_size: int = 2

    def page(self, found: list[Any], call: Call, path: str) -> dict[str, Any]:
        start = int(call.query.get("cursor", call.query.get("start", "0")))
        links = {"base": "https://elsewhere.example"}
        if start + self.page_size < len(found):
            query = "&".join(
                f"{name}={value}" for name, value in call.query.items() if name not in {"cursor", "start"}
            )
            links["next"] = (
                f"{path}?{query.replace(' ', '%20').replace(chr(34), '%22')}&{self.marker}={start + self.page_size}"
            )
        return {"results": found[start : start + self.page_size], "_links": links}

    marker = "cursor"


class CloudWiki(Wiki):
    def answer(self, call: Call) -> Any:
        _, generation, *steps = call.path.removeprefix("/wiki").strip("/").split("/")
        return self._second(steps, call) if generation == "v2" else self._first(steps, call)

    def _second(self, steps: list[str], call: Call) -> Any:
        match steps:
            case ["spaces"]:
                keys = ["ENG", "OPS"] if "keys" not in call.query else [call.query["keys"]]
                rows = [{"id": f"9{n}", "key": key} for n, key in enumerate(keys) if key != "GONE"]
                return self.page(rows, call, call.path)
            case ["spaces", _, kinds]:
                return self.page(
                    [self.row(node) for node in self.nodes if f"{node.kind}s" == kinds], call, call.path
                )
            case ["users-bulk"]:
                return {
                    "results": [{"accountId": one, "displayName": "Ines"} for one in call.body["accountIds"]]
                }
            case ["folders", "f1" | "f2" as folder]:
                return {"id": folder, "parentId": "secret" if folder == "f2" else None, "parentType": "page"}
            case ["pages" | "blogposts", page] if page in {node.id for node in self.nodes}:
                return {"id": page, "body": {"export_view": {"value": BODY}}}
        return None

    def _first(self, steps: list[str], call: Call) -> Any:
        """The old interface, of which only the search and the restrictions are still asked."""
        path = call.path.removeprefix("/wiki")
        if steps == ["content", "search"]:
            return self.page([self.searched(node) for node in self.nodes if node.indexed], call, path)
        restricted = {node.id: node.restricted for node in self.nodes} | {"f1": False, "f2": False}
        if steps[1] not in restricted:
            return None
        return (CLOSED if restricted[steps[1]] else OPEN)["read"]

    def row(self, node: Node) -> dict[str, Any]:
        return {
            "id": node.id, "status": "current", "title": node.title, "parentId": node.parent or None,
            "parentType": ("folder" if node.parent.startswith("f") else "page") if node.parent else None,
            "version": {"number": node.version, "createdAt": "2026-03-01T10:00:00.000Z", "authorId": "a1"},
            "_links": {"webui": f"/spaces/ENG/pages/{node.id}"},
        }  # fmt: skip

    def searched(self, node: Node) -> dict[str, Any]:
        labels = {"labels": {"results": [{"name": name} for name in node.labels]}}
        return {"id": node.id, "restrictions": CLOSED if node.restricted else OPEN, "metadata": labels}


class DataCenterWiki(Wiki):
    marker = "start"

    def answer(self, call: Call) -> Any:
        path = call.path.removeprefix("/confluence")
        match path.strip("/").split("/"):
            case ["rest", "api", "space"]:
                return self.page([{"key": "ENG"}, {"key": "OPS"}], call, path)
            case ["rest", "api", "content"]:
                rows = [self.row(node) for node in self.nodes if node.kind == call.query["type"]]
                return self.page(rows, call, path)
            case ["rest", "api", "content", page]:
                return {"id": page, "body": {"export_view": {"value": BODY}}}
        return None

    def row(self, node: Node) -> dict[str, Any]:
        return {
            "id": node.id, "type": node.kind, "status": "current", "title": node.title,
            "version": {"number": node.version, "when": "2026-03-01T10:00:00.000+02:00", "by": {"displayName": "Ines"}},
            "ancestors": [{"id": node.parent}] if node.parent else [],
            "restrictions": CLOSED if node.restricted else OPEN, "metadata": {"labels": {"results": []}},
            "_links": {"webui": f"/display/ENG/{node.id}"},
        }  # fmt: skip


NODES = [
    Node("1", "Handbook"),
    Node("2", "Leave & more", "1", version=7),
    Node("3", "Trips", "2"),
    Node("4", "News", kind="blogpost"),
]


@contextmanager
def cloud(
    tmp_path: Path, wiki: Wiki, place: str = "/wiki/spaces/ENG/overview", **options: str
) -> Iterator[Source]:
    with serving(wiki), means(tmp_path, confluence=CLOUD) as given:
        yield opened(given, "confluence", f"{wiki.url}{place}", **options)


def test_cloud_lists_all_pages_and_posts_without_reading_them(tmp_path: Path) -> None:
    wiki = CloudWiki(nodes=NODES)
    with cloud(tmp_path, wiki) as source:
        originals, skipped, unlisted = listed(source)
        assert [one.id for one in originals] == ["ENG/1", "ENG/2", "ENG/3", "ENG/4"]
        assert (skipped, unlisted) == ([], [])
        leave = originals[1]
        assert (leave.version, leave.author, leave.url) == (
            "7",
            "Ines",
            f"{wiki.url}/wiki/spaces/ENG/pages/2",
        )
        assert leave.updated_at is not None and leave.updated_at.year == 2026
        assert not wiki.asked("/api/v2/pages/") and not wiki.asked("restriction")
        assert len(wiki.asked("users-bulk")) == 1
        assert (
            wiki.calls[0].headers["authorization"]
            == "Basic " + b64encode(b"bot@acme.example:cloud-secret").decode()
        )
        again, _, _ = listed(source)
        assert [(one.id, one.version) for one in again] == [(one.id, one.version) for one in originals]


def test_a_page_is_read_as_it_is_shown(tmp_path: Path) -> None:
    with cloud(tmp_path, CloudWiki(nodes=NODES)) as source:
        original = listed(source)[0][2]
        parsed = parse(original.read(), original.name, original.media_type)
    assert parsed.title == "Trips"
    assert "Handbook › Leave & more" in parsed.text
    assert "## How many" in parsed.text and "| Spain |" in parsed.text


def test_what_is_restricted_is_left_out_with_all_that_lies_below(tmp_path: Path) -> None:
    nodes = [Node("1", "Open"), Node("secret", "Salaries", restricted=True), Node("5", "Below", "secret"), Node("6", "Deeper", "5"),
             Node("7", "In a folder", "f1"), Node("8", "In a folder below", "f2"), Node("9", "In a lost folder", "f3")]  # fmt: skip
    with cloud(tmp_path, CloudWiki(nodes=nodes)) as source:
        originals, skipped, _ = listed(source)
    assert [one.id for one in originals] == ["ENG/1", "ENG/7"]
    assert {one.reason for one in skipped} == {"pages where one is restricted to some people in Confluence"}
    assert len(skipped) == 5


def test_what_the_search_has_not_noticed_yet_is_asked_about(tmp_path: Path) -> None:
    nodes = [
        Node("1", "New", indexed=False),
        Node("2", "New and closed", indexed=False, restricted=True),
        Node("3", "Old"),
    ]
    wiki = CloudWiki(nodes=nodes)
    with cloud(tmp_path, wiki) as source:
        originals, skipped, _ = listed(source)
    assert [one.id for one in originals] == ["ENG/1", "ENG/3"] and len(skipped) == 1
    assert len(wiki.asked("restriction")) == 2


def test_labels_choose(tmp_path: Path) -> None:
    nodes = [Node("1", "A", labels=("public", "x")), Node("2", "B", labels=("draft",)), Node("3", "C")]
    with cloud(tmp_path, CloudWiki(nodes=nodes), labels="public, faq") as source:
        assert [one.id for one in listed(source)[0]] == ["ENG/1"]


@pytest.mark.parametrize("place", ["/confluence/display/ENG/Home", "/confluence/spaces/ENG"])
def test_data_center(tmp_path: Path, place: str) -> None:
    wiki = DataCenterWiki(nodes=[*NODES, Node("5", "Closed", restricted=True), Node("6", "Below", "5")])
    with serving(wiki), means(tmp_path, confluence=DATA_CENTER) as given:
        originals, skipped, _ = listed(opened(given, "confluence", f"{wiki.url}{place}"))
        assert [one.id for one in originals] == ["ENG/1", "ENG/2", "ENG/3", "ENG/4"] and len(skipped) == 2
        assert originals[1].url == f"{wiki.url}/confluence/display/ENG/2" and originals[1].author == "Ines"
        assert b"25 days" in originals[1].read()
        assert wiki.calls[0].headers["authorization"] == "Bearer personal-secret"


def test_all_spaces_or_those_that_are_named(tmp_path: Path) -> None:
    wiki = DataCenterWiki(nodes=NODES[:1])
    with serving(wiki), means(tmp_path, confluence=DATA_CENTER) as given:
        everything = listed(opened(given, "confluence", f"{wiki.url}/confluence"))[0]
        named = listed(opened(given, "confluence", f"{wiki.url}/confluence", spaces="OPS"))[0]
    assert [one.id for one in everything] == ["ENG/1", "OPS/1"]
    assert [one.id for one in named] == ["OPS/1"]


def test_personal_spaces_are_nobody_elses(tmp_path: Path) -> None:
    class Personal(CloudWiki):
        def answer(self, call: Call) -> Any:
            answer = super().answer(call)
            for space in (
                answer["results"] if call.path.endswith("/spaces") and "keys" not in call.query else ()
            ):
                space["type"] = "personal" if space["key"] == "OPS" else "collaboration"
            return answer

    with cloud(tmp_path, Personal(nodes=NODES[:1]), "/wiki") as source:
        assert [one.id for one in listed(source)[0]] == ["ENG/1"]


def test_pages_whose_authors_may_not_be_seen_have_none(tmp_path: Path) -> None:
    wiki = CloudWiki(nodes=NODES, faults={"users-bulk": [(403, {})]})
    with cloud(tmp_path, wiki) as source:
        assert {one.author for one in listed(source)[0]} == {None}


def test_one_space_of_several_that_fails_is_left_as_it_is(tmp_path: Path) -> None:
    wiki = CloudWiki(nodes=NODES[:1])
    with cloud(tmp_path, wiki, "/wiki", spaces="GONE,ENG") as source:
        originals, _, unlisted = listed(source)
    assert [one.id for one in originals] == ["ENG/1"]
    assert [one.prefix for one in unlisted] == ["GONE/"]


def test_a_pause_that_is_asked_for_is_made(tmp_path: Path) -> None:
    wiki = CloudWiki(
        nodes=NODES, faults={"/pages": [(429, {"Retry-After": "0"}), (503, {"Retry-After": "0"})]}
    )
    with cloud(tmp_path, wiki) as source:
        assert len(listed(source)[0]) == 4


@pytest.mark.parametrize(
    ("status", "headers", "error", "words"),
    [
        (401, {}, ConfigError, "CONFLUENCE_API_TOKEN"),
        (403, {}, SourceUnavailable, "does not show"),
        (404, {}, SourceUnavailable, "does not show"),
        (500, {}, SourceUnavailable, "fault of its own"),
        (302, {}, SourceUnavailable, "usually"),
        (429, {"Retry-After": "7200"}, SourceUnavailable, "7200 seconds"),
    ],
)
def test_a_listing_that_breaks_off_says_why(
    tmp_path: Path, status: int, headers: dict[str, str], error: type[Exception], words: str
) -> None:
    wiki = CloudWiki(nodes=NODES, faults={"/blogposts": [(status, headers)]})
    with cloud(tmp_path, wiki) as source, pytest.raises(error, match=words) as raised:
        listed(source)
    assert "secret" not in str(raised.value)


def test_a_page_that_goes_while_it_is_read_is_tried_again_later(tmp_path: Path) -> None:
    wiki = CloudWiki(nodes=list(NODES))
    with cloud(tmp_path, wiki) as source:
        originals = listed(source)[0]
        wiki.nodes.clear()
        with pytest.raises(SourceUnavailable):
            originals[0].read()


def test_a_next_page_elsewhere_is_not_followed(tmp_path: Path) -> None:
    class Luring(CloudWiki):
        def answer(self, call: Call) -> Any:
            answer = super().answer(call)
            if call.path.endswith("/pages"):
                answer["_links"]["next"] = "https://evil.example/collect"
            return answer

    with cloud(tmp_path, Luring(nodes=NODES)) as source, pytest.raises(SourceUnavailable, match="next page"):
        listed(source)


@pytest.mark.parametrize(
    ("settings", "place", "missing"),
    [
        (
            ConfluenceSettings(email="", api_token=None),
            "https://wiki.corp.example/display/ENG",
            "CONFLUENCE_API_TOKEN",
        ),
        (DATA_CENTER, "https://acme.atlassian.net/wiki/spaces/ENG", "CONFLUENCE_EMAIL"),
        (CLOUD, "ENG", "is not the address"),
    ],
)
def test_a_missing_setting_is_named(
    tmp_path: Path, settings: ConfluenceSettings, place: str, missing: str
) -> None:
    with means(tmp_path, confluence=settings) as given, pytest.raises(ConfigError, match=missing):
        opened(given, "confluence", place)
