"""Web pages: what people came for, as Markdown, without navigation and without what the page hides.

What is hidden from people must stay out: instructions to a model are put there.
"""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from ingestion.formats import Parsed, one_line, title_of_name, to_datetime

_NOT_TEXT = (
    "script, style, template, noscript, iframe, object, svg, canvas, form, button, select, nav, aside, dialog, "
    "[hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [role=search], "
    "[role=complementary], [role=dialog]"
)
_AROUND = "body > header, body > footer, body > div > header, body > div > footer"
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)"
    r"|font-size\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:;|$)|(?:left|top|text-indent)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|side-bar|breadcrumbs?|toc|table-of-contents|cookies?|skip-link"
    r"|site-header|site-footer|page-footer|pagination|headerlink|anchorjs-link)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MAIN = ("main", "[role=main]", "article", "#main-content", "#content", ".markdown-body")
_ENOUGH = 0.25
"""A part marked as main that holds less than this share of the page's text is a teaser, not the page."""

_UPDATED = ("article:modified_time", "last-modified", "dcterms.modified", "date", "article:published_time")
_AUTHOR = ("author", "article:author", "dcterms.creator", "dc.creator")


class _Converter(MarkdownConverter):
    class Options:
        heading_style = "atx"
        bullets = "-"
        escape_asterisks = False  # people search for what they read, not for its escapes
        escape_underscores = False
        table_infer_header = True

        @staticmethod
        def code_language_callback(element: Tag) -> str:
            names = " ".join(
                str(name)
                for tag in (element, element.code)
                if tag
                for name in tag.get_attribute_list("class")
            )
            found = re.search(r"(?:language|lang|highlight-source)-([\w+#]{1,20})", names)
            return found[1] if found else ""


def parse(text: str, name: str) -> Parsed:
    """Title from the heading that the page's title repeats, else the title, else the first heading, else the name."""
    page = BeautifulSoup(re.sub(r"^\s*<\?xml[^>]*>", "", text), "lxml")
    main = _main(page)
    return Parsed(
        title=_title(page, main) or title_of_name(name),
        text=_to_markdown(main),
        markup="html",
        updated_at=next(filter(None, map(to_datetime, _metas(page, _UPDATED))), None),
        author=next(_metas(page, _AUTHOR), None),
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


def _main(page: BeautifulSoup) -> Tag:
    """The part that the page is about."""
    body = page.body or page
    for tag in [*body.select(_NOT_TEXT), *page.select(_AROUND)]:
        tag.decompose()
    for tag in body.find_all(_is_hidden_or_furniture):
        tag.decompose()
    whole = len(body.get_text())
    for selector in _MAIN:
        parts = body.select(selector)
        if len(parts) == 1 and len(parts[0].get_text()) >= _ENOUGH * whole:
            return parts[0]
    return body


def _is_hidden_or_furniture(tag: Tag) -> bool:
    if _HIDING.search(str(tag.get("style") or "")):
        return True
    names = " ".join([*map(str, tag.get_attribute_list("class")), str(tag.get("id") or "")])
    return tag.name not in {"html", "body", "main", "article", "h1", "h2"} and bool(_FURNITURE.search(names))


def _to_markdown(part: Tag) -> str:
    for link in part.select("h1 a, h2 a, h3 a, h4 a, h5 a, h6 a"):
        if link.get_text(strip=True) in {"", "¶", "#", "🔗"}:
            link.decompose()
        else:
            link.unwrap()
    for image in part.find_all("img"):
        image.replace_with(one_line(str(image.get("alt") or "")))
    try:
        return str(_Converter().convert_soup(part))
    except RecursionError:  # nested a thousand deep: its words without their form
        return part.get_text("\n", strip=True)
