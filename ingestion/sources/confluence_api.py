"""What Confluence says of its pages: Cloud through version 2 of its REST API, Data Center through version 1.

Whether a page is restricted to some people is no part of Cloud's version 2; the search of version 1 tells it for a
hundred pages at once, and what that has not noticed yet is asked page by page.

https://developer.atlassian.com/cloud/confluence/rest/v2/intro/
https://developer.atlassian.com/server/confluence/confluence-rest-api-examples/
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from ingestion.fetching import Fetcher
from ingestion.sources.rest import Json, NotThere, Rest
from rag.errors import ConfigError, SourceUnavailable
from rag.settings import ConfluenceSettings

_PAGE, _SEARCHED, _USERS = 250, 100, 200  # asked for at once; the service may give fewer
_MOST_PAGES = 2000
_RESTRICTIONS = "restrictions.read.restrictions.user,restrictions.read.restrictions.group,metadata.labels"
_NOT_OF_TEAMS = frozenset({"personal", "system", "onboarding", "xflow_sample_space"})
_KINDS = ("page", "blogpost")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is listed, without its text. `restricted` is None, and `labels` too, where that was not told."""

    id: str
    kind: str
    title: str
    url: str
    version: str
    updated_at: datetime | None
    author: str | None
    parents: tuple[str, ...]
    """The ids of all that is above it, the nearest last."""

    restricted: bool | None = None
    labels: frozenset[str] | None = None


class Confluence(Protocol):
    def spaces(self) -> list[str]:
        """The keys of all spaces of teams, in order; nobody's personal one."""

    def pages(self, space: str) -> list[Page]:
        """The current pages and posts of one space. Raises NotThere, SourceUnavailable, ConfigError."""

    def is_restricted(self, page_id: str) -> bool:
        """Whether only some people may read it."""

    def html(self, page: Page) -> str:
        """Its text as it is shown, macros done."""


def connect(base: str, settings: ConfluenceSettings, fetcher: Fetcher) -> Confluence:
    """The service at `base`. With CONFLUENCE_EMAIL it is taken for Cloud, as every atlassian.net is.

    Raises ConfigError where a setting is missing.
    """
    cloud = bool(settings.email) or (urlsplit(base).hostname or "").endswith(".atlassian.net")
    if settings.api_token is None or (cloud and not settings.email):
        missing = "CONFLUENCE_API_TOKEN" if settings.api_token is None else "CONFLUENCE_EMAIL"
        raise ConfigError(f"{missing} is missing; see .env.example.")
    token = settings.api_token.get_secret_value()
    if not cloud:
        bearer = {"Authorization": f"Bearer {token}"}
        return DataCenter(base, Rest(fetcher, "Confluence", "CONFLUENCE_API_TOKEN", bearer))
    basic = b64encode(f"{settings.email}:{token}".encode()).decode()
    rest = Rest(
        fetcher,
        "Confluence",
        "CONFLUENCE_EMAIL and CONFLUENCE_API_TOKEN",
        {"Authorization": f"Basic {basic}"},
    )
    return Cloud(base if base.endswith("/wiki") else f"{base}/wiki", rest)


class _Service:
    """What both have in common. `base` is the address that every path begins with, without a slash at its end."""

    def __init__(self, base: str, rest: Rest) -> None:
        self._base = base
        self._rest = rest

    def is_restricted(self, page_id: str) -> bool:
        expand = urlencode({"expand": "restrictions.user,restrictions.group"})
        return _has_readers(
            self._rest.get(f"{self._base}/rest/api/content/{page_id}/restriction/byOperation/read?{expand}")
        )

    def _all(self, path: str, **query: Any) -> Iterator[Json]:
        """The results of every page of a list."""
        url = f"{self._base}{path}?{urlencode(query)}"
        for _ in range(_MOST_PAGES):
            answer = self._rest.get(url)
            yield from answer["results"]
            following = (answer.get("_links") or {}).get("next")
            if not following:
                return
            url = self._joined(str(following))
        raise SourceUnavailable("Confluence lists more than can be right")

    def _joined(self, path: str) -> str:
        """The next page: told from the root of the host by version 2, from the root of Confluence by version 1."""
        if not path.startswith("/"):
            raise SourceUnavailable("Confluence answered what it does not usually answer (next page)")
        root = urlsplit(self._base).path
        return f"{self._base}{path.removeprefix(root) if root and path.startswith(f'{root}/') else path}"


class Cloud(_Service):
    def spaces(self) -> list[str]:
        return [
            str(space["key"])
            for space in self._all("/api/v2/spaces", status="current", limit=_PAGE)
            if space.get("type") not in _NOT_OF_TEAMS
        ]

    def pages(self, space: str) -> list[Page]:
        (number,) = [str(found["id"]) for found in self._all("/api/v2/spaces", keys=space)] or [""]
        if not number:
            raise SourceUnavailable(f"Confluence shows no space {space} to the bot")
        listed = [
            (kind, row)
            for kind in _KINDS
            for row in self._all(f"/api/v2/spaces/{number}/{kind}s", status="current", limit=_PAGE)
        ]
        names = self._names({str(row["version"].get("authorId") or "") for _, row in listed} - {""})
        told = self._told(space)
        above = self._above([row for _, row in listed])
        return [
            replace(
                _page(kind, row, self._base, author=names.get(str(row["version"].get("authorId")))),
                parents=_ancestors(str(row["id"]), above),
                restricted=told.get(str(row["id"]), (None, None))[0],
                labels=told.get(str(row["id"]), (None, None))[1],
            )
            for kind, row in listed
        ]

    def html(self, page: Page) -> str:
        row = self._rest.get(f"{self._base}/api/v2/{page.kind}s/{page.id}?body-format=export_view")
        return str(row["body"]["export_view"]["value"])

    def _told(self, space: str) -> dict[str, tuple[bool | None, frozenset[str] | None]]:
        """By page: whether it is restricted, and its labels, as far as the search has noticed."""
        query = f'space = "{space}" and type in (page, blogpost)'
        found = self._all("/rest/api/content/search", cql=query, expand=_RESTRICTIONS, limit=_SEARCHED)
        return {str(row["id"]): (_is_restricted(row), _labels(row)) for row in found}

    def _above(self, rows: Sequence[Json]) -> dict[str, str]:
        """The parent of each page, and of what is no page (folders, whiteboards) or no longer current above them."""
        above = {str(row["id"]): str(row.get("parentId") or "") for row in rows}
        waiting = [row for row in rows if row.get("parentId")]
        while waiting:
            row = waiting.pop()
            parent = str(row["parentId"])
            if parent in above:
                continue
            try:
                found = self._rest.get(f"{self._base}/api/v2/{row.get('parentType') or 'page'}s/{parent}")
            except NotThere:
                found = {}
            above[parent] = str(found.get("parentId") or "")
            if above[parent]:
                waiting.append(found)
        return above

    def _names(self, ids: set[str]) -> dict[str, str]:
        """The names of people by their ids; none where the bot may not see them."""
        ordered, names = sorted(ids), dict[str, str]()
        try:
            for start in range(0, len(ordered), _USERS):
                asked = {"accountIds": ordered[start : start + _USERS]}
                rows = self._rest.post(f"{self._base}/api/v2/users-bulk", asked)["results"]
                names |= {str(row["accountId"]): str(row.get("displayName") or "") for row in rows}
        except NotThere:
            return names
        return names


class DataCenter(_Service):
    def spaces(self) -> list[str]:
        return [
            str(space["key"])
            for space in self._all("/rest/api/space", type="global", status="current", limit=_SEARCHED)
        ]

    def pages(self, space: str) -> list[Page]:
        expand = f"version,ancestors,{_RESTRICTIONS}"
        return [
            replace(
                _page(kind, row, self._base, author=(row["version"].get("by") or {}).get("displayName")),
                parents=tuple(str(parent["id"]) for parent in row.get("ancestors") or ()),
                restricted=_is_restricted(row),
                labels=_labels(row),
            )
            for kind in _KINDS
            for row in self._all(
                "/rest/api/content",
                spaceKey=space,
                type=kind,
                status="current",
                expand=expand,
                limit=_SEARCHED,
            )
        ]

    def html(self, page: Page) -> str:
        row = self._rest.get(f"{self._base}/rest/api/content/{page.id}?expand=body.export_view")
        return str(row["body"]["export_view"]["value"])


def _page(kind: str, row: Json, base: str, *, author: str | None) -> Page:
    version = row["version"]
    changed = str(version.get("createdAt") or version.get("when") or "")
    return Page(
        id=str(row["id"]),
        kind=kind,
        title=str(row["title"]),
        url=f"{base}{row['_links']['webui']}",
        version=str(version["number"]),
        updated_at=datetime.fromisoformat(changed) if changed else None,
        author=author or None,
        parents=(),
    )


def _ancestors(page_id: str, above: dict[str, str]) -> tuple[str, ...]:
    """The ids above a page, the nearest last."""
    found: list[str] = []
    while (page_id := above.get(page_id, "")) and page_id not in found:
        found.append(page_id)
    return tuple(reversed(found))


def _is_restricted(row: Json) -> bool | None:
    read = (row.get("restrictions") or {}).get("read")
    return _has_readers(read) if isinstance(read, dict) else None


def _has_readers(read: Json) -> bool:
    """Whether readers are named; what cannot be told counts as yes."""
    restrictions = read.get("restrictions") or {}
    parts: Sequence[Any] = [restrictions.get("user"), restrictions.get("group")]
    return any(not isinstance(part, dict) or part.get("results") or part.get("size") for part in parts)


def _labels(row: Json) -> frozenset[str] | None:
    labels = ((row.get("metadata") or {}).get("labels") or {}).get("results")
    return None if labels is None else frozenset(str(label["name"]) for label in labels)
