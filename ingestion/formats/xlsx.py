"""Excel workbooks: a section per sheet that is shown, `#sheet=Name` as its address; formulas as the values last computed.

A sheet's tables are what empty rows separate; a row of one cell above a table is its caption. Merged cells say their value
in each place that they cover. Hidden sheets, rows and columns stay out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import groupby
from operator import itemgetter
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.formats import Parsed, assembled, title_of_name
from ingestion.formats.office import Package
from ingestion.formats.tables import MAX_CELLS, markdown_table
from ingestion.formats.xml import Element
from rag.errors import DocumentUnreadable

_NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LARGEST_AREA = 2000  # cells
_WIDEST = 500  # columns
_UNSHOWN_FORMAT = ";;;"
_DIGITS = 15  # that Excel itself keeps

Row = list[str]


def parse(data: bytes, name: str) -> Parsed:
    """Title from the workbook's properties, else the name."""
    package = Package(data)
    _prune([root for part, root in package.parts.items() if "/worksheets/" in part])
    book = openpyxl.load_workbook(package.file(), data_only=True, keep_links=False)
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    text, anchors = assembled((f"sheet={sheet.title}", _sheet(sheet)) for sheet in shown)
    return Parsed(
        title=package.title or title_of_name(name),
        text=text,
        markup="document",
        updated_at=package.updated_at,
        author=package.author,
        anchors=anchors,
    )


def _prune(sheets: Iterable[Element]) -> None:
    """Take out cells that have a colour but no content, and merged areas that cover half the sheet: there are millions."""
    cells = 0
    for sheet in sheets:
        for cell in [*sheet.iter(f"{_NAMES}c")]:
            cells += len(cell) > 0
            if not len(cell):
                cell.getparent().remove(cell)
        for area in [*sheet.iter(f"{_NAMES}mergeCell")]:
            if _size(area.get("ref") or "") > _LARGEST_AREA:
                area.getparent().remove(area)
    if cells > MAX_CELLS:
        raise DocumentUnreadable(f"has {cells:,} filled cells: at most {MAX_CELLS:,} are read")


def _size(area: str) -> int:
    try:
        left, top, right, bottom = range_boundaries(area)
        return (right - left + 1) * (bottom - top + 1)  # type: ignore[operator]  # None for whole rows
    except (ValueError, TypeError):
        return _LARGEST_AREA + 1


def _sheet(sheet: Worksheet) -> str:
    parts = [text for rows in _parts(_rows(sheet)) if (text := _part(rows, sheet.title))]
    return "\n\n".join([f"## {sheet.title}", *parts]) if parts else ""


def _rows(sheet: Worksheet) -> Iterator[Row]:
    """The rows that hold cells, and an empty one where some are left out: not the million that a sheet has."""
    merged = _merged(sheet)
    hidden = _hidden_columns(sheet)
    cells = sheet._cells  # noqa: SLF001  # all other ways make up cells that are not there
    before = 0
    for number, places in groupby(sorted(cells), key=itemgetter(0)):
        if sheet.row_dimensions[number].hidden:
            before += number == before + 1
            continue
        texts = {place[1]: merged.get(place) or _text(cells[place]) for place in places}
        if number > before + 1:
            yield []
        before = number
        yield _captioned(
            [texts.get(column, "") for column in range(1, _last(texts) + 1) if column not in hidden]
        )


def _last(texts: Mapping[int, str]) -> int:
    """The last column that says something."""
    return min(max((column for column, text in texts.items() if text), default=0), _WIDEST)


def _captioned(texts: Row) -> Row:
    """A row that says one thing across merged cells says it once."""
    said = set(filter(None, texts))
    return [said.pop()] if len(said) == 1 and len(list(filter(None, texts))) > 1 and all(texts) else texts


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    held: list[Row] = []
    for row in rows:
        if any(row):
            held.append(row)
        elif held:
            yield held
            held = []
    if held:
        yield held


def _part(rows: list[Row], title: str) -> str:
    """A table, below the lines above it that fill one cell only and say more than the sheet's title."""
    above = 0
    while above < len(rows) and len(list(filter(None, rows[above]))) == 1 and len(rows) > 1:
        above += 1
    if above == len(rows):  # a list in one column
        return "\n".join(f"- {next(filter(None, row))}" for row in rows)
    captions = [text for row in rows[:above] if (text := next(filter(None, row))) != title]
    return "\n\n".join([*captions, markdown_table(rows[above:])])


def _merged(sheet: Worksheet) -> dict[tuple[int, int], str]:
    """The texts of merged areas by each place that they cover."""
    texts: dict[tuple[int, int], str] = {}
    for area in sheet.merged_cells.ranges:
        if text := _text(sheet.cell(area.min_row, area.min_col)):
            for row in range(area.min_row, area.max_row + 1):
                texts |= {(row, column): text for column in range(area.min_col, area.max_col + 1)}
    return texts


def _hidden_columns(sheet: Worksheet) -> frozenset[int]:
    """Numbers of the columns; a run of columns that look alike is kept as one."""
    return frozenset(
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min or 0, min(dimension.max or 0, sheet.max_column) + 1)
    )


def _text(cell: Any) -> str:
    """The cell as Excel shows it, nearly: dates as ISO 8601, percentages as such."""
    value = cell.value
    if value is None or not isinstance(cell, Cell) or cell.number_format == _UNSHOWN_FORMAT:
        return ""
    match value:
        case bool():
            return str(value).upper()
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
        case int() | float():
            return _number(value, cell.number_format)
        case _:
            return str(value).strip()


def _number(value: float, number_format: str) -> str:
    if "%" in number_format:
        decimals = len(number_format.partition(".")[2].partition("%")[0].rstrip("\\ "))
        return f"{value * 100:.{min(decimals, _DIGITS)}f}%"
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(value)
