"""What a page says of itself: where it leads, which address it goes by, whether it wants to be read. Pure.

The text is not made here (see `ingestion.parsing`); only enough is looked at to crawl on. Nothing is kept of the page
but what is returned.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree

from ingestion.decoding import decode
from rag.errors import DocumentUnreadable

NOINDEX = "pages marked noindex are not read"
LOGIN = "pages that ask for a login are not read"
SCRIPTED = "pages that show their text only with JavaScript are not read"

UNLISTED = frozenset({"noindex", "none"})
"""Orders to robots that keep a page from being a document."""

_MOST_LINKS = 2_000
_MOST_BYTES = 2_000_000
"""How far into a page is looked. Longer ones are lists without end, or made to keep us busy."""

_STEP = 65_536  # characters
_FEW_WORDS = 300  # characters; less text than this on a page that runs scripts is no page
_LOGIN_WORDS = 1_200  # characters; what a login page says around its form
_UNSEEN = frozenset({"script", "style", "template", "noscript", "title", "textarea", "select"})
_ROOTS = frozenset({"root", "app", "__next", "__nuxt", "___gatsby", "svelte", "app-root", "main-app"})
"""Where script frameworks put the page that the reader gets to see."""


@dataclass(frozen=True, slots=True)
class Said:
    """`links` are as they stand on the page, relative to `base` (itself relative to the page's address); `refusal`: why
    it is no document, or None.
    """

    links: tuple[str, ...]
    base: str
    canonical: str | None
    refusal: str | None


def said(body: bytes, headers: Mapping[str, str]) -> Said:
    """What the page's HTML and its response's headers say."""
    page = _Page()
    target = cast("Any", page)  # the stubs want methods that the parser can do without
    parser = etree.HTMLParser(target=target, no_network=True)
    with suppress(etree.LxmlError, DocumentUnreadable):  # what was understood until then stands
        text = decode(body[:_MOST_BYTES])
        for start in range(0, len(text), _STEP):
            parser.feed(text[start : start + _STEP])
        parser.close()
    orders = page.orders | orders_of(headers)
    links = () if orders & {"nofollow", "none"} else tuple(dict.fromkeys(page.links))
    refusal = NOINDEX if orders & UNLISTED else page.refusal
    return Said(links[:_MOST_LINKS], page.base, page.canonical, refusal)


def orders_of(headers: Mapping[str, str]) -> frozenset[str]:
    """What X-Robots-Tag asks of everybody: `googlebot: noindex` does not."""
    orders = headers.get("x-robots-tag", "").lower().split(",")
    return frozenset(order.strip() for order in orders if ":" not in order)


class _Page:
    """Takes a page's tags and text as the parser comes to them."""

    def __init__(self) -> None:
        self.links: list[str] = []
        self.base = ""
        self.canonical: str | None = None
        self.orders: set[str] = set()
        self._unseen = 0
        self._letters = 0
        self._scripts = False
        self._rooted = False
        self._password = False

    @property
    def refusal(self) -> str | None:
        if self._password and self._letters < _LOGIN_WORDS:
            return LOGIN
        if self._scripts and self._rooted and self._letters < _FEW_WORDS:
            return SCRIPTED
        return None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._unseen += tag in _UNSEEN
        self._scripts |= tag == "script"
        self._rooted |= attributes.get("id") in _ROOTS or tag in _ROOTS
        match tag:
            case "a" | "area" if "nofollow" not in attributes.get("rel", "").lower().split():
                self.links.append(attributes.get("href", "").strip())
            case "base":
                self.base = self.base or attributes.get("href", "").strip()
            case "link" if attributes.get("rel", "").lower() == "canonical":
                self.canonical = self.canonical or attributes.get("href", "").strip() or None
            case "meta" if attributes.get("name", "").lower() == "robots":
                self.orders |= {order.strip() for order in attributes.get("content", "").lower().split(",")}
            case "input":
                self._password |= attributes.get("type", "").lower() == "password"

    def end(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN

    def data(self, text: str) -> None:
        if self._unseen <= 0:
            self._letters += len(text.strip())

    def close(self) -> None: ...
