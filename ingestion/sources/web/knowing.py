"""What is known of a page without its content: enough to list it and to crawl on from it. Pure."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from mimetypes import guess_extension
from pathlib import PurePosixPath
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from ingestion.fetching import Response
from ingestion.formats import to_datetime
from ingestion.sources.web.addresses import normalised
from ingestion.sources.web.asking import validators
from ingestion.sources.web.pages import NOINDEX, UNLISTED, orders_of, said

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_NOT_TEXT = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript")
_LONGEST_ID = 500  # characters; document ids are a key in database and index
_FRESH = timedelta(minutes=1)
"""A page modified less than this before it was sent was made for the request: its text may be older."""


@dataclass(frozen=True, slots=True)
class Page:
    """`id`: the address it goes by, `url`: the one where it was found. `refusal`: why it is no document, or None.
    `validators`: what to show the server next time; `listed_as`: the last modification as a sitemap gave it.
    """

    id: str
    url: str
    version: str
    name: str
    media_type: str | None
    links: tuple[str, ...] = ()
    refusal: str | None = None
    updated_at: str | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
    listed_as: str | None = None

    @classmethod
    def remembered(cls, facts: Mapping[str, Any] | None) -> Self | None:
        """What was known at the last sync; None if that was nothing, or another version of us wrote it."""
        try:
            return cls(**{**facts, "links": tuple(facts["links"])}) if facts else None
        except (KeyError, TypeError):
            return None


def page_of(response: Response, *, in_scope: Callable[[str], bool], listed_as: str | None) -> Page:
    """The page that was sent. Of its links, those in scope are kept; a canonical address that is not is disregarded."""
    url = normalised(response.url) or response.url
    media_type = _media_type(response)
    is_html = media_type in _HTML or (media_type is None and response.body.lstrip()[:1] == b"<")
    hints = said(response.body, response.headers) if is_html else None
    base = normalised(hints.base, url) if hints and hints.base else url
    links = {normalised(link, base) for link in hints.links} if hints else set()
    canonical = normalised(hints.canonical, base) if hints and hints.canonical else None
    own = canonical if canonical and in_scope(canonical) and not _is_everything(canonical, url) else url
    return Page(
        id=own,
        url=url,
        version=hashlib.sha256(response.body).hexdigest()[:32],
        name=_name(own, media_type, is_html=is_html),
        media_type=media_type,
        links=tuple(sorted(link for link in links if link and in_scope(link))),
        refusal=_too_long(own) or (hints.refusal if hints else _no_document(response, media_type)),
        updated_at=_updated_at(response),
        validators=validators(response),
        listed_as=listed_as,
    )


def _media_type(response: Response) -> str | None:
    header = Message()
    header["content-type"] = response.headers.get("content-type", "")
    return header.get_content_type() if "/" in header["content-type"] else None


def _is_everything(canonical: str, url: str) -> bool:
    """Whether a page says that it is the front page: a mistake made in templates, which would make one of them all."""
    return urlsplit(canonical).path == "/" and urlsplit(url).path not in {"/", "/index.html", "/index.php"}


def _name(url: str, media_type: str | None, *, is_html: bool) -> str:
    """As a file of its kind would be called; the host stands for the folder of the front page."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    name = f"{parts.hostname}{path}index" if path.endswith("/") else f"{parts.hostname}{path}"
    if is_html:
        return name if name.lower().endswith((".html", ".htm")) else f"{name}.html"
    if PurePosixPath(path).suffix or media_type is None:
        return name
    return name + (guess_extension(media_type) or "")


def _no_document(response: Response, media_type: str | None) -> str | None:
    if orders_of(response.headers) & UNLISTED:
        return NOINDEX
    return f"{media_type} is not read" if media_type and media_type.startswith(_NOT_TEXT) else None


def _too_long(url: str) -> str | None:
    return f"addresses of more than {_LONGEST_ID} characters are not read" if len(url) > _LONGEST_ID else None


def _updated_at(response: Response) -> str | None:
    modified = to_datetime(response.headers.get("last-modified"))
    sent = to_datetime(response.headers.get("date"))
    if modified is None or (sent is not None and sent - modified < _FRESH):
        return None
    return modified.isoformat()
