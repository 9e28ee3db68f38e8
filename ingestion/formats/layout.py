"""From lines placed on a page to text as people read it: paragraphs, tables, headings. Pure.

A line that ends where the next word would have fitted was ended on purpose. Lines of several cells that stand below each
other are a table; if its cells are long, they are columns of text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from ingestion.formats.tables import markdown_table


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand close together, from `left` to `right` in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """`bottom` is its distance from the page's lower edge, `size` its height, in points; cells from left to right.

    A line that ends in a hyphen comes as one with the next; `end` is where its last word stands.
    """

    cells: tuple[Cell, ...]
    bottom: float
    size: float
    end: float

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    @property
    def left(self) -> float:
        return self.cells[0].left

    @property
    def right(self) -> float:
        return self.cells[-1].right


@dataclass(frozen=True, slots=True)
class Page:
    lines: tuple[Line, ...]
    height: float


_EDGE = 0.12  # of the page's height, in which headers and footers stand
_REPEATED = 3  # pages
_SHARE = 0.4  # of all pages
_LARGER = 1.14
_LONGEST_HEADING = 150  # characters
_MOST_HEADING_LINES = 2
_LEADING = 1.5  # line heights; a larger step is a gap
_PROSE = 32  # characters of a cell, above which cells are columns of text
_MOST_TEXT_COLUMNS = 3
_SAME_SIZE = 0.12
_MARKER = re.compile(r"(?:[•◦▪‣●○■□–·*-]|\d{1,3}[.)]|\(?[a-z]\))\s+(?=\S)")
_BULLET = re.compile(r"[•◦▪‣●○■□–·](?:\s+|(?=\w))")
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def text_of_pages(pages: Sequence[Page]) -> list[str]:
    """The Markdown of each page, without headers, footers and page numbers that repeat."""
    repeated = _repeated(pages)
    body = _body_size(pages)
    shown = [[line for line in page.lines if _place(line, page) not in repeated] for page in pages]
    sizes = _heading_sizes(shown, body)
    return ["\n\n".join(_blocks(_rows(lines), sizes)) for lines in shown]


def _place(line: Line, page: Page) -> tuple[str, int] | None:
    """What a line at the page's edge says, its numbers apart, and at what height; None elsewhere."""
    if _EDGE * page.height < line.bottom < (1 - _EDGE) * page.height:
        return None
    return re.sub(r"\d+|\b[ivxl]+\b", "#", line.text), round(line.bottom / 4)


def _repeated(pages: Sequence[Page]) -> set[tuple[str, int] | None]:
    found = Counter(place for page in pages for place in {_place(line, page) for line in page.lines} if place)
    enough = max(_REPEATED, _SHARE * len(pages))
    return {place for place, times in found.items() if times >= enough}


def _body_size(pages: Sequence[Page]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0


def _heading_sizes(pages: Sequence[Sequence[Line]], body: float) -> dict[int, int]:
    """The level of each size (rounded) above that of the text: the largest is the first."""
    larger = {round(line.size) for lines in pages for line in lines if line.size > body * _LARGER}
    return {size: min(level, 4) for level, size in enumerate(sorted(larger, reverse=True), 1)}


def _rows(lines: Sequence[Line]) -> list[Line]:
    """The lines, with those that continue a line to its right joined to it."""
    rows: list[Line] = []
    for line in lines:
        last = rows[-1] if rows else None
        if last and abs(last.end - line.bottom) < min(last.size, line.size) / 2 and line.left > last.right:
            rows[-1] = Line((*last.cells, *line.cells), last.bottom, max(last.size, line.size), line.end)
        else:
            rows.append(line)
    return rows


def _blocks(lines: Sequence[Line], sizes: dict[int, int]) -> Iterator[str]:
    prose: list[Line] = []
    for several, group in groupby(lines, lambda line: len(line.cells) > 1):
        found = list(group)
        columns = _columns(found) if several and len(found) > 1 else []
        if len(columns) <= 1:  # one wide gap makes no table
            prose += found
            continue
        yield from _paragraphs(prose, sizes)
        prose = []
        if len(columns) <= _MOST_TEXT_COLUMNS and _is_prose(found):
            for column in _unwoven(found, columns):
                yield from _paragraphs(column, sizes)
        else:
            yield markdown_table(_table(found, columns))
    yield from _paragraphs(prose, sizes)


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """From where to where the columns reach: what no cell bridges is between two of them."""
    columns: list[tuple[float, float]] = []
    for cell in sorted((cell for line in lines for cell in line.cells), key=lambda cell: cell.left):
        if columns and cell.left <= columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], cell.right)
        else:
            columns.append((cell.left, cell.right))
    return columns


def _is_prose(lines: Sequence[Line]) -> bool:
    return median(len(cell.text) for line in lines for cell in line.cells) > _PROSE


def _within(cell: Cell, column: tuple[float, float]) -> bool:
    return column[0] <= cell.left <= column[1]


def _table(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> Iterator[list[str]]:
    for line in lines:
        yield [" ".join(cell.text for cell in line.cells if _within(cell, column)) for column in columns]


def _unwoven(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> Iterator[list[Line]]:
    for column in columns:
        cells = [(tuple(cell for cell in line.cells if _within(cell, column)), line) for line in lines]
        yield [Line(own, line.bottom, line.size, line.bottom) for own, line in cells if own]


def _paragraphs(lines: Sequence[Line], sizes: dict[int, int]) -> Iterator[str]:
    edges = _edges(lines)
    groups = list(_groups(lines))
    for before, group, after in zip([None, *groups], groups, [*groups[1:], None], strict=False):
        text = _joined(group, edges)
        level = sizes.get(round(group[0].size))
        if level and _stands_out(before, group, after) and _is_heading(text, len(group)):
            yield f"{'#' * level} {' '.join(text.split())}"
        else:
            yield _BULLET.sub("- ", text, count=1) if _BULLET.match(text) else text


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each paragraph."""
    held: list[Line] = []
    for line in lines:
        if held and _begins(line, held[-1]):
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _edges(lines: Sequence[Line]) -> dict[int, float]:
    """How far lines reach that begin at the same place, which is rounded."""
    edges: dict[int, float] = {}
    for line in lines:
        at = _edge(line)
        edges[at] = max(edges.get(at, 0), line.right)
    return edges


def _edge(line: Line) -> int:
    return round(line.left / 10)


def _begins(line: Line, before: Line) -> bool:
    """Whether a paragraph, a list's item or a heading begins with the line."""
    if abs(line.size - before.size) > _SAME_SIZE * before.size or _MARKER.match(line.text):
        return True
    step = before.end - line.bottom
    if step < 0:  # further up: the next column
        return before.text.endswith((".", ":", "!", "?")) or not line.text[:1].islower()
    return step > _LEADING * max(line.size, before.size)


def _joined(lines: Sequence[Line], edges: dict[int, float]) -> str:
    text = lines[0].text
    for before, line in pairwise(lines):
        text += _joint(before, line, edges) + line.text
    return text


def _stands_out(before: Sequence[Line] | None, lines: Sequence[Line], after: Sequence[Line] | None) -> bool:
    """Whether smaller text follows, as it does on a heading; large print goes on in its size."""
    size = round(lines[0].size)
    if after:
        return round(after[0].size) < size
    return not before or round(before[0].size) != size


def _is_heading(text: str, lines: int) -> bool:
    """Whether what is set larger reads like a heading, too: short, a beginning, no sentence."""
    return (
        lines <= _MOST_HEADING_LINES
        and len(text) <= _LONGEST_HEADING
        and (text[0].isalnum() and not text[0].islower())
        and any(map(str.isalpha, text))
        and not text.endswith((".", ",", ";"))
    )


def _joint(before: Line, line: Line, edges: dict[int, float]) -> str:
    """A space where the line was full, else the line end that somebody meant."""
    words = line.text.split()
    if not words or not before.text:
        return " "
    width = (line.right - line.left) / max(len(line.text), 1)
    room = edges.get(_edge(before), before.right) - before.right
    if room > (len(words[0]) + 1) * width * 1.1 and not line.text[:1].islower():
        return "\n"
    return "" if _WIDE.match(before.text[-1]) and _WIDE.match(line.text[0]) else " "
