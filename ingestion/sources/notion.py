"""Pages of a Notion workspace, as far as they are shared with the integration whose token we have.

The search lists every page that is shared, a hundred at a time and without its text; what is below a given page or
database is told from the parents. Archived pages and those in the trash are not listed, and so disappear.

Notion gives the time of the last edit to the minute. A page edited within the last minutes is therefore read again by
the next sync: it may have been edited once more after it was read.

https://developers.notion.com/docs/upgrade-guide-2025-09-03
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original
from ingestion.sources.notion_blocks import Block, markdown, properties, title_of
from ingestion.sources.rest import Json, NotThere, Rest
from rag.errors import ConfigError, DocumentUnreadable, SourceGone, SourceUnavailable

VERSION = "2025-09-03"
_PAGE = 100
_MOST_LISTS, _MOST_BLOCKS, _DEEPEST = 2000, 10_000, 10
_FRESH = timedelta(minutes=3)
_ID = re.compile(r"([0-9a-f]{32})$")
_PLACES = ("pages", "databases", "data_sources")
_LEAVES = frozenset({"child_page", "child_database", "unsupported"})


class NotionPages:
    """`location` is the address or id of a page, database or data source: it and all below. Empty: all that is shared."""

    def __init__(self, registered: RegisteredSource, means: Means) -> None:
        settings = means.settings.notion
        if settings.token is None:
            raise ConfigError("NOTION_TOKEN is missing; see .env.example.")
        self._root = _id_in(registered.location)
        self._memory = means.memory
        self._api = f"{settings.api_url}v1"
        headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}", "Notion-Version": VERSION}
        self._rest = Rest(means.fetcher, "Notion", "NOTION_TOKEN", headers)

    def count(self) -> int | None:
        return None

    def originals(self) -> Iterator[Original]:
        found = {_bare(one["id"]): one for one in self._listed("/search", {})}
        if self._root:
            self._look_up_the_root(found)
        above = {each: self._parent(one) for each, one in found.items()}
        now = datetime.now(UTC)
        for each, one in sorted(found.items()):
            if one.get("object") == "page" and not _is_gone(one) and self._is_below_the_root(each, above):
                yield self._original(one, now)

    def _look_up_the_root(self, found: dict[str, Json]) -> None:
        """Add what was named, and of a database all that it consists of: the search may not know the newest yet."""
        root = self._fetched_root()
        self._memory.put({"root": self._root})
        found[self._root] = root
        if root["object"] == "page":
            return
        tables = (
            [self._root]
            if root["object"] == "data_source"
            else [_bare(one["id"]) for one in root["data_sources"]]
        )
        for table in tables:
            found.setdefault(
                table, {"id": table, "object": "data_source", "parent": {"database_id": self._root}}
            )
            found |= {_bare(row["id"]): row for row in self._listed(f"/data_sources/{table}/query", {})}

    def _fetched_root(self) -> Json:
        for place in _PLACES:
            try:
                return self._rest.get(f"{self._api}/{place}/{self._root}")
            except NotThere:
                continue
        if self._memory.get("root") == self._root:
            raise SourceGone(
                "Notion no longer shows the page to the bot: it was deleted, or is not shared any more."
            )
        raise SourceUnavailable(
            "Notion shows no such page or database to the bot: share it with the integration"
        )

    def _is_below_the_root(self, each: str, above: dict[str, str]) -> bool:
        if not self._root:
            return True
        seen: set[str] = set()
        while each and each != self._root and each not in seen:
            seen.add(each)
            each = above[each] if each in above else self._remembered_parent(each)
        return each == self._root

    def _parent(self, one: Json) -> str:
        """The id of the page, table, database or block that it lies in; empty at the top."""
        parent = one.get("parent") or {}
        kinds = ("data_source_id", "database_id", "page_id", "block_id")
        return next((_bare(parent[kind]) for kind in kinds if parent.get(kind)), "")

    def _remembered_parent(self, each: str) -> str:
        """Of a block or database between two pages. Blocks are seldom moved: asked once, and then remembered."""
        key = f"parent:{each}"
        known = self._memory.get(key)
        if known is None:
            known = self._asked_parent(each)
            self._memory.put({key: known})
        return str(known)

    def _asked_parent(self, each: str) -> str:
        for place in ("blocks", "databases"):
            try:
                return self._parent(self._rest.get(f"{self._api}/{place}/{each}"))
            except NotThere:
                continue
        return ""

    def _original(self, page: Json, now: datetime) -> Original:
        edited = datetime.fromisoformat(str(page["last_edited_time"]))
        version = edited.isoformat()
        each = _bare(page["id"])
        return Original(
            id=each,
            name=f"{each}.md",
            url=str(page["url"]),
            version=version if now - edited > _FRESH else f"{version} seen {now.isoformat()}",
            read=partial(self._read, page),
            media_type="text/markdown",
            updated_at=edited,
            author=self._name((page.get("last_edited_by") or {}).get("id")),
        )

    def _name(self, user_id: str | None) -> str | None:
        """The name of a user, asked once; an integration need not be allowed to see them."""
        if not user_id:
            return None
        key = f"user:{user_id}"
        known = self._memory.get(key)
        if known is None:
            try:
                known = self._rest.get(f"{self._api}/users/{user_id}").get("name") or ""
            except NotThere:
                known = ""
            self._memory.put({key: known})
        return str(known) or None

    def _read(self, page: Json) -> bytes:
        given = page.get("properties") or {}
        blocks = self._blocks(str(page["id"]), _Allowance(), 0)
        parts = [f"# {title_of(given) or 'Untitled'}", properties(given), markdown(blocks)]
        return "\n\n".join(filter(None, parts)).encode()

    def _blocks(self, parent: str, allowance: "_Allowance", depth: int) -> tuple[Block, ...]:
        """The blocks inside a page or block, with theirs."""
        return tuple(
            self._block(row, allowance, depth)
            for row in self._listed(f"/blocks/{parent}/children", None)
            if not _is_gone(row)
        )

    def _block(self, row: Json, allowance: "_Allowance", depth: int) -> Block:
        allowance.take()
        kind = str(row["type"])
        content = row.get(kind) or {}
        if kind == "child_page":
            content = {**content, "url": f"https://www.notion.so/{_bare(row['id'])}"}
        children: tuple[Block, ...] = ()
        if row.get("has_children") and kind not in _LEAVES and depth < _DEEPEST:
            source = (content.get("synced_from") or {}).get("block_id") or row["id"]
            try:
                children = self._blocks(str(source), allowance, depth + 1)
            except NotThere:
                children = ()  # synced from a page that is not shared with us
        return Block(kind, content, children)

    def _listed(self, path: str, body: Json | None) -> Iterator[Json]:
        """The results of every page of a list: asked with POST where there is a body, else with GET."""
        cursor: str | None = None
        for _ in range(_MOST_LISTS):
            at = {"start_cursor": cursor} if cursor else {}
            answer = self._page(path, body, {"page_size": _PAGE, **at})
            yield from answer["results"]
            cursor = answer.get("next_cursor")
            if not answer.get("has_more") or not cursor:
                return
        raise SourceUnavailable("Notion lists more than can be right")

    def _page(self, path: str, body: Json | None, at: dict[str, Any]) -> Json:
        if body is not None:
            return self._rest.post(f"{self._api}{path}", {**body, **at})
        query = "&".join(f"{name}={value}" for name, value in at.items())
        return self._rest.get(f"{self._api}{path}?{query}")


class _Allowance:
    """How many blocks of one page are still read."""

    def __init__(self) -> None:
        self._left = _MOST_BLOCKS

    def take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise DocumentUnreadable(f"has more than {_MOST_BLOCKS:,} blocks")


def _is_gone(one: Json) -> bool:
    return bool(one.get("in_trash") or one.get("archived"))


def _bare(identifier: object) -> str:
    return str(identifier).replace("-", "").lower()


def _id_in(location: str) -> str:
    """The id at the end of an address, or in its `p` where a page is shown over another; without its dashes.

    Raises ConfigError where there is none.
    """
    if not location:
        return ""
    parts = urlsplit(location)
    for text in (*parse_qs(parts.query).get("p", ()), parts.path.rstrip("/")):
        if found := _ID.search(_bare(text)):
            return found[1]
    raise ConfigError(f"{location} is not the address of a page in Notion: it ends without an id.")
