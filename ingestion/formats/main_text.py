"""The part of a web page that people came for: without what the page hides, and without what stands around it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

_NOT_TEXT = frozenset(
    "script style template noscript iframe object svg canvas form button select nav dialog".split()  # noqa: SIM905  # a list of 12 lines otherwise
)
_NOT_TEXT_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "dialog"})
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)"
    r"|font-size\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:;|$)|(?:left|top|text-indent)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)


def _names(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])", re.IGNORECASE)


_FURNITURE = _names(
    "nav|navbar|navigation|menu|sidebar|side-bar|breadcrumbs?|toc|table-of-contents|tableofcontents|pagination"
    "|site-header|site-footer|page-footer|printfooter|cookies?|share|sharing|social|related|navbox|catlinks|sitesub"
    "|headerlink|anchorjs-link|mw-editsection|content__button|edit-this-page"
    "|skip-link|sr-only|visually-hidden|screen-reader-text"
)
_NOTES = _names("admonition|note|footnote|callout|alert|tip|hint|important|caution|warning|danger")
_NAMED_BY_PLACE = frozenset({"div", "ul", "ol", "table", "aside", "header", "footer"})
"""Elements whose id says what they are. Those of sections, headings and terms are their words: `id="navigation"`."""
_NAMED_BY_CONTENT = frozenset({"html", "body", "main", "article", "h1", "h2", "b", "code", "kbd"})
"""Elements whose class says nothing about their place: `<b class="menu">File</b>`."""

_MAIN: tuple[Callable[[Tag], Iterable[Tag]], ...] = (
    lambda body: [article for main in _only(body.find_all("main")) for article in main.find_all("article")],
    lambda body: body.find_all("main"),
    lambda body: body.find_all(role="main"),
    lambda body: body.find_all("article"),
    lambda body: body.find_all(id="main-content"),
    lambda body: body.find_all(id="content"),
    lambda body: body.find_all(class_="markdown-body"),
)
_ENOUGH = 0.25
"""A part marked as main that holds less than this share of the page's text is a teaser, not the page."""

_MENU_LINKS = 8
_MENU_SHARE = 0.8  # of its text
_MENUS = frozenset({"ul", "ol", "div", "table", "td"})


def main_part(page: BeautifulSoup) -> Tag:
    """The part that the page is about. Takes all else that people do not read out of the page."""
    body = page.body or page
    _drop(_outermost(body.find_all(True), lambda tag: _is_hidden(tag) or _is_furniture(tag)))
    enough = _ENOUGH * len(body.get_text())
    for candidates in _MAIN:
        for part in _only(candidates(body)):
            if len(part.get_text()) >= enough:
                return part
    _drop_menus(body)
    return body


def _only(parts: Iterable[Tag]) -> list[Tag]:
    found = list(parts)
    return found if len(found) == 1 else []


def _drop(tags: Iterable[Tag]) -> None:
    for tag in list(tags):
        tag.decompose()


def _outermost(tags: Iterable[Tag], is_meant: Callable[[Tag], bool]) -> Iterator[Tag]:
    """Those meant, but none inside another. In one pass over `tags` in their order: depth costs nothing."""
    inside: set[int] = set()
    for tag in tags:
        if id(tag.parent) in inside:
            inside.add(id(tag))
        elif is_meant(tag):
            inside.add(id(tag))
            yield tag


def _is_hidden(tag: Tag) -> bool:
    attributes = tag.attrs
    return (
        tag.name in _NOT_TEXT
        or "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or ("style" in attributes and bool(_HIDING.search(str(attributes["style"]))))
    )


def _is_furniture(tag: Tag) -> bool:
    """What stands around the text: by its role, its place, or its name."""
    role, classes = tag.get("role"), " ".join(map(str, tag.get_attribute_list("class")))
    if role in _NOT_TEXT_ROLES or (tag.name in {"header", "footer"} and _is_around(tag)):
        return True
    if tag.name == "aside" and role != "note" and not _NOTES.search(classes):
        return True
    if tag.name in _NAMED_BY_CONTENT:
        return False
    by_place = tag.name in _NAMED_BY_PLACE and not re.match(r"section\b", classes)
    return bool(_FURNITURE.search(f"{classes} {tag.get('id') or ''}" if by_place else classes))


def _is_around(tag: Tag) -> bool:
    """Whether it is in the body, or in a part of it; or an article's footer."""
    parent = tag.parent
    if parent is not None and parent.name == "article":
        return tag.name == "footer"
    if parent is not None and parent.name == "div":
        parent = parent.parent
    return parent is not None and parent.name == "body"


@dataclass(slots=True)
class _Text:
    """Characters of text, those of them in links, and how many links there are."""

    characters: int = 0
    linked: int = 0
    links: int = 0


def _drop_menus(body: Tag) -> None:
    """Drop what is nearly all links: menus that nothing marks as such. If that is most of the page, it is what the page is for."""
    tags = body.find_all(True)
    texts = _texts(tags)
    menus = list(_outermost(tags, lambda tag: tag.name in _MENUS and _is_menu(texts[id(tag)])))
    if sum(texts[id(menu)].characters for menu in menus) < (1 - _ENOUGH) * texts[id(body)].characters:
        _drop(menus)


def _is_menu(text: _Text) -> bool:
    return text.links >= _MENU_LINKS and text.linked > _MENU_SHARE * text.characters


def _texts(tags: Iterable[Tag]) -> dict[int, _Text]:
    """The text of each element and of the one around all, by their ids; counted once, from the innermost out."""
    texts: defaultdict[int, _Text] = defaultdict(_Text)
    for tag in reversed(list(tags)):
        own, around = texts[id(tag)], texts[id(tag.parent)]
        own.characters += _own_characters(tag)
        if tag.name == "a" and "href" in tag.attrs:
            own.linked, own.links = own.characters, 1
        around.characters += own.characters
        around.linked += own.linked
        around.links += own.links
    return texts


def _own_characters(tag: Tag) -> int:
    return sum(len(child.strip()) for child in tag.contents if type(child) is NavigableString)
