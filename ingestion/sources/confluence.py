"""The pages and posts of Confluence spaces, as everybody who may see the space sees them.

What is restricted to some people, by itself or by a page above it, is left out: the readers of the source are others.
Where that cannot be found out, it is left out as well.
"""

import re
from collections.abc import Iterator
from functools import partial
from html import escape
from urllib.parse import unquote, urlsplit

from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped, Unlisted
from ingestion.sources.confluence_api import Confluence, Page, connect
from ingestion.sources.rest import NotThere
from rag.errors import ConfigError, SourceUnavailable

RESTRICTED = "is restricted to some people in Confluence"
_SPACE = re.compile(r"^(?P<base>.*?)/(?:spaces|display)/(?P<space>[^/]+)")


class ConfluencePages:
    """`location` is an address of Confluence, or of a space or anything in it; the option `spaces` names some by key,
    `labels` takes only what has one of them; both separated by commas. Without a space: all but personal ones.
    """

    def __init__(self, registered: RegisteredSource, means: Means) -> None:
        base, space = _parted(registered.location)
        self._service = connect(base, means.settings.confluence, means.fetcher)
        self._spaces = _listed(registered.options.get("spaces", "")) or ([space] if space else [])
        self._labels = frozenset(_listed(registered.options.get("labels", "")))

    def count(self) -> int | None:
        return None

    def originals(self) -> Iterator[Original | Skipped | Unlisted]:
        spaces = self._spaces or self._service.spaces()
        for space in spaces:
            try:
                pages = self._service.pages(space)
            except SourceUnavailable as error:
                if len(spaces) == 1:
                    raise
                yield Unlisted(f"{space}/", f"could not be listed: {error}")
                continue
            yield from self._of(space, pages)

    def _of(self, space: str, pages: list[Page]) -> Iterator[Original | Skipped]:
        known = {page.id: page for page in pages}
        restrictions = _Restrictions(self._service, known)
        for page in pages:
            if self._labels and not self._labels & (page.labels or frozenset()):
                continue
            if restrictions.hide(page):
                yield Skipped(f"{space}/{page.id}", f"pages where one {RESTRICTED}")
                continue
            path = [known[parent].title for parent in page.parents if parent in known]
            yield Original(
                id=f"{space}/{page.id}",
                name=f"{page.id}.html",
                url=page.url,
                version=page.version,
                read=partial(_read, self._service, page, path),
                media_type="text/html",
                updated_at=page.updated_at,
                author=page.author,
            )


class _Restrictions:
    """Whether a page is hidden from some. Each page that was not told of is asked about once."""

    def __init__(self, service: Confluence, known: dict[str, Page]) -> None:
        self._service = service
        self._told = {page.id: page.restricted for page in known.values()}

    def hide(self, page: Page) -> bool:
        return any(self._is_restricted(page_id) for page_id in (page.id, *page.parents))

    def _is_restricted(self, page_id: str) -> bool:
        told = self._told.get(page_id)
        if told is None:
            told = self._told[page_id] = self._ask(page_id)
        return told

    def _ask(self, page_id: str) -> bool:
        try:
            return self._service.is_restricted(page_id)
        except NotThere:
            return True


def _read(service: Confluence, page: Page, path: list[str]) -> bytes:
    """The page as HTML with its title, and a line that says under which pages it lies."""
    title = escape(page.title)
    above = f"<p>{escape(' › '.join(path))}</p>" if path else ""
    body = service.html(page)
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{above}{body}</body></html>".encode()
    )


def _parted(location: str) -> tuple[str, str]:
    """The address of Confluence itself and the key of the space, if one is meant."""
    parts = urlsplit(location)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigError(f"{location or 'Nothing'} is not the address of a Confluence.")
    found = _SPACE.match(parts.path)
    path, space = (found["base"], unquote(found["space"])) if found else (parts.path.rstrip("/"), "")
    return f"{parts.scheme}://{parts.netloc}{path}", space


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
