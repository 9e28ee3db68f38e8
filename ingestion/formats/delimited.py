"""Tables as text: comma, semicolon, tab or bar between the cells."""

import csv
from collections import Counter
from io import StringIO

from ingestion.formats import Parsed, title_of_name
from ingestion.formats.tables import markdown_table

_DELIMITERS = ",;\t|"
_SAMPLE = 50  # rows

csv.field_size_limit(1 << 31 - 1)


def parse(text: str, name: str) -> Parsed:
    """The rows as one table, its header the first one; lines that hold no delimiter stay lines."""
    delimiter = _delimiter(text)
    if delimiter is None:
        return Parsed(title=title_of_name(name), text=text, markup="plain")
    rows = csv.reader(StringIO(text), delimiter=delimiter)
    return Parsed(title=title_of_name(name), text=markdown_table(rows), markup="document")


def _delimiter(text: str) -> str | None:
    """The one that cuts the first rows into equally many cells, most often and finest."""
    sample = text[:200_000].split("\n")[:_SAMPLE]
    found = {delimiter: _regularity(sample, delimiter) for delimiter in _DELIMITERS}
    best = max(found, key=lambda delimiter: found[delimiter])
    return best if found[best] > (0, 0) else None


def _regularity(lines: list[str], delimiter: str) -> tuple[float, int]:
    """The share of rows with the commonest number of cells, and that number; nothing where it is one."""
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    widths.pop(1, None)
    if not widths:
        return 0, 0
    width, rows = widths.most_common(1)[0]
    return rows / len(lines), width
