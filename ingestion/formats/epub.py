"""E-books: the chapters in the order in which they are read."""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from ingestion.decoding import decode, visible
from ingestion.formats import Parsed, html, telling, title_of_name, to_datetime
from ingestion.formats.archive import Archive
from ingestion.formats.xml import Element, local, read_xml, text_of
from rag.errors import DocumentUnreadable

_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}


def parse(data: bytes, name: str) -> Parsed:
    """Title and author from the book's metadata, else the name."""
    archive = Archive(data)
    place = _package_place(archive)
    package = read_xml(archive.read(place))
    meta = _metadata(package)
    if "META-INF/encryption.xml" in archive.names and b"adobe" in archive.read("META-INF/rights.xml"):
        raise DocumentUnreadable("is protected against copying")
    texts = (_chapter(archive, chapter) for chapter in _chapters(package, posixpath.dirname(place)))
    return Parsed(
        title=telling(meta.get("title")) or title_of_name(name),
        text="\n\n".join(filter(None, texts)),
        markup="document",
        updated_at=to_datetime(meta.get("dcterms:modified") or meta.get("date")),
        author=telling(meta.get("creator")),
    )


def _package_place(archive: Archive) -> str:
    container = read_xml(archive.read("META-INF/container.xml"))
    root = next((each for each in container.iter("{*}rootfile")), None)
    if root is None:
        raise DocumentUnreadable("is damaged or incomplete")
    return unquote(root.get("full-path") or "")


def _metadata(package: Element) -> dict[str, str]:
    """The first of each name; EPUB 3's refinements under their property."""
    meta: dict[str, str] = {}
    for section in package:
        if local(section) == "metadata":
            for each in section:
                meta.setdefault(each.get("property") or local(each), text_of(each))
    return meta


def _chapters(package: Element, folder: str) -> Iterator[str]:
    items = {item.get("id"): item for item in package.iter("{*}item")}
    for each in package.iter("{*}itemref"):
        item = items.get(each.get("idref"))
        if (
            item is not None
            and item.get("media-type") in _PAGES
            and "nav" not in (item.get("properties") or "").split()
        ):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _chapter(archive: Archive, place: str) -> str:
    data = archive.read(place)
    return html.parse(visible(decode(data)), place).text.strip() if data.strip() else ""
