"""Rows of cells as a Markdown table."""

from collections.abc import Iterable, Sequence

from rag.errors import DocumentUnreadable

MAX_CELLS = 500_000


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """A table whose header is the first row; empty rows and columns are left out. Empty where no cell holds text.

    Raises DocumentUnreadable for what is a database rather than a document.
    """
    filled: list[list[str]] = []
    count = 0
    for row in rows:
        count += len(row)
        if count > MAX_CELLS:
            raise DocumentUnreadable(f"has a table of more than {MAX_CELLS:,} cells")
        if any(cells := list(map(_cell, row))):
            filled.append(cells)
    if not filled:
        return ""
    width = max(map(len, filled))
    padded = [row + [""] * (width - len(row)) for row in filled]
    columns = [column for column in zip(*padded, strict=True) if any(column)]
    header, *body = zip(*columns, strict=True)
    return "\n".join([_line(header), _line(["---"] * len(columns)), *map(_line, body)])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
