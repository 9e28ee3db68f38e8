"""Web pages: what people came for, as Markdown, without navigation and without what the page hides.

What is hidden from people must stay out: instructions to a model are put there.
"""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from ingestion.formats import Parsed, one_line, title_of_name, to_datetime
from ingestion.formats.main_text import main_part
from ingestion.formats.tags import markdown_of

_UPDATED = ("article:modified_time", "last-modified", "dcterms.modified", "date", "article:published_time")
_AUTHOR = ("author", "article:author", "dcterms.creator", "dc.creator")


def parse(text: str, name: str) -> Parsed:
    """Title from the heading that the page's title repeats, else the title, else the first heading, else the name."""
    page = BeautifulSoup(re.sub(r"^\s*<\?xml[^>]*>", "", text), "lxml")
    main = main_part(page)
    title = _title(page, main) or title_of_name(name)
    text, anchors = markdown_of(main)
    return Parsed(
        title=title,
        text=text,
        markup="html",
        updated_at=next(filter(None, map(to_datetime, _metas(page, _UPDATED))), None),
        author=next(_metas(page, _AUTHOR), None),
        anchors=anchors,
    )


def _title(page: BeautifulSoup, main: Tag) -> str | None:
    title = one_line(page.title.get_text()) if page.title else ""
    heading = one_line(main.h1.get_text(" ").rstrip("¶# ")) if main.h1 else ""
    return heading if heading and (not title or heading.lower() in title.lower()) else title or None


def _metas(page: BeautifulSoup, names: tuple[str, ...]) -> Iterator[str]:
    fields = {
        str(meta.get("name") or meta.get("property") or meta.get("http-equiv") or "").lower(): meta.get(
            "content"
        )
        for meta in page.find_all("meta")
    }
    for name in names:
        if value := one_line(str(fields.get(name) or "")):
            yield value
