"""HTML elements as Markdown."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from ingestion.decoding import visible
from ingestion.formats import Anchor, one_line

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WIDEST = 100  # columns or rows that one cell may span
_MOST_COLUMNS = 200  # that spanning cells may make
_MARK = re.compile("\x02(\\d{1,9})\x03")  # characters that no text holds once it is `visible`


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

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  # the library names them
        return f" {' '.join(text.split()).replace('|', chr(92) + '|')} |"

    convert_th = convert_td


def markdown_of(part: Tag) -> tuple[str, tuple[Anchor, ...]]:
    """The element's content, and an anchor for each heading that has an id. Changes the element."""
    for image in part.find_all("img"):
        image.replace_with(one_line(str(image.get("alt") or "")))
    for table in reversed(part.find_all("table")):  # inner ones before those around them
        if table.find_parent("table"):
            table.replace_with(
                " "
                + "; ".join(
                    ", ".join(map(_words, row.find_all(["td", "th"]))) for row in table.find_all("tr")
                )
            )
        else:
            _square(table)
    ids = _marked(part)
    try:
        text = str(_Converter().convert_soup(part))
    except RecursionError:  # nested a thousand deep: its words without their form
        text = part.get_text("\n", strip=True)
    return _anchored(text, ids)


def markdown_of_html(html: str) -> str:
    """A piece of HTML that a converter made, all of it; links within it are words, since its ids are lost."""
    part = BeautifulSoup(html, "lxml")
    for link in part.select('a[href^="#"]'):
        if link.get_text(strip=True) == "↑":  # back from a footnote
            link.decompose()
        else:
            link.unwrap()
    return markdown_of(part)[0]


def _marked(part: Tag) -> list[str]:
    """The ids of headings, in order; each heading's text begins with the mark of its number."""
    ids: list[str] = []
    for heading in part.find_all(_HEADINGS):
        found = _id(heading)
        for link in heading.find_all("a"):
            if link.get_text(strip=True) in {"", "¶", "#", "🔗"}:
                link.decompose()
            else:
                link.unwrap()
        if found and heading.get_text(strip=True):
            heading.insert(0, f"\x02{len(ids)}\x03")
            ids.append(found)
    return ids


def _id(heading: Tag) -> str:
    """The heading's own id, that of an anchor in it, or that of the section which it opens."""
    link = heading.find("a", attrs={"id": True}) or heading.find("a", attrs={"name": True})
    around = heading.parent if heading.parent and heading.parent.name in {"section", "div"} else None
    opens = around is not None and around.find(_HEADINGS) is heading and around.name == "section"
    named = (
        heading.get("id")
        or (link and (link.get("id") or link.get("name")))
        or (opens and around and around.get("id"))
    )
    return one_line(str(named or ""))


def _anchored(text: str, ids: list[str]) -> tuple[str, tuple[Anchor, ...]]:
    """The text without marks, and where they stood: at the beginning of their lines."""
    pieces = _MARK.split(text.strip("\n"))
    shown = visible(pieces[0])
    texts, anchors, length = [shown], [], len(shown)
    for number, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if int(number) < len(ids):
            anchors.append(Anchor(_line_start(texts, length), ids[int(number)]))
        shown = visible(piece)
        texts.append(shown)
        length += len(shown)
    return "".join(texts), tuple(anchors)


def _line_start(texts: list[str], length: int) -> int:
    for text in reversed(texts):
        found = text.rfind("\n")
        length -= len(text)
        if found >= 0:
            return length + found + 1
    return 0


def _square(table: Tag) -> None:
    """Give each row its own copy of the cells that span rows or columns."""
    spanning: dict[int, tuple[int, str]] = {}  # column → rows still to fill, text
    for row in table.find_all("tr"):
        column = 0
        for cell in list(row.find_all(["td", "th"], recursive=False)):
            column = _fill(row, cell, column, spanning)
            column = _spread(cell, column, spanning)
        _fill(row, None, column, spanning)


def _fill(row: Tag, before: Tag | None, column: int, spanning: dict[int, tuple[int, str]]) -> int:
    """Put what reaches down from above in front of `before` (or at the end); the column after it."""
    while column in spanning:
        left, text = spanning.pop(column)
        cell = _new_cell(text)
        if before is None:
            row.append(cell)
        else:
            before.insert_before(cell)
        if left > 1:
            spanning[column] = (left - 1, text)
            # popped and put again, it is not found twice in this row: the column moves on
        column += 1
    return column


def _spread(cell: Tag, column: int, spanning: dict[int, tuple[int, str]]) -> int:
    """Repeat the cell over the columns that it spans; the column after it."""
    width = min(_span(cell, "colspan"), max(_MOST_COLUMNS - column, 1))
    height = _span(cell, "rowspan") if column < _MOST_COLUMNS else 1
    text = _words(cell)
    for each in range(width):
        if height > 1:
            spanning[column + each] = (height - 1, text)
        if each:
            cell.insert_after(_new_cell(text))
    del cell["colspan"], cell["rowspan"]
    return column + width


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1")
    return min(max(int(value), 1), _WIDEST) if value.isdecimal() else 1


def _new_cell(text: str) -> Tag:
    cell = Tag(name="td")
    cell.string = text
    return cell


def _words(tag: Tag) -> str:
    return " ".join(_strings(tag))


def _strings(tag: Tag) -> Iterator[str]:
    for text in tag.stripped_strings:
        yield from text.split()
