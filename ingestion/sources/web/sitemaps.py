"""Sitemaps: the pages of a site as the site itself lists them. Pure.

https://www.sitemaps.org/protocol.html: at most 50,000 addresses and 50 MB each, gzip or not, or an index of others.
"""

from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ingestion.fetching.inflating import Damaged, TooLarge, inflated
from rag.errors import DocumentUnreadable

MAX_BYTES = 50_000_000
MAX_PAGES = 50_000

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Sitemap:
    """`pages`: address and, where it is said, the last modification as it is written; `others`: of an index."""

    pages: tuple[tuple[str, str | None], ...]
    others: tuple[str, ...]


def parse(body: bytes) -> Sitemap:
    """Raises DocumentUnreadable when it is not a sitemap, or larger than one may be."""
    pages, others = list[tuple[str, str | None]](), list[str]()
    try:
        content = inflated([body], MAX_BYTES) if body.startswith(_GZIP) else body
        for _, element in iterparse(BytesIO(content), events=("end",), forbid_dtd=True):
            location = _text(element, "loc")
            match _name(element):
                case "url" if location and len(pages) < MAX_PAGES:
                    pages.append((location, _text(element, "lastmod")))
                case "sitemap" if location and len(others) < MAX_PAGES:
                    others.append(location)
                case "loc" | "lastmod":
                    continue
            element.clear()
    except TooLarge:
        raise DocumentUnreadable(f"is larger than {MAX_BYTES // 1_000_000} MB") from None
    except (ParseError, DefusedXmlException, Damaged, ValueError, LookupError) as error:
        raise DocumentUnreadable("is not a sitemap") from error
    return Sitemap(tuple(pages), tuple(others))


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2].lower()


def _text(element: Element, name: str) -> str | None:
    found = next((child.text for child in element if _name(child) == name), None)
    return found.strip() or None if found else None
