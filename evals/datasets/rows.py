"""JSON lines, read so that every fault names its file and line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from evals.datasets.dataset import DatasetUnusable, Query
from rag.domain import Turn

_AUTHORS: Mapping[str, Literal["asker", "bot"]] = {
    "asker": "asker",
    "user": "asker",
    "bot": "bot",
    "agent": "bot",
    "assistant": "bot",
}
"""Who speaks in a history, in the words of this project and of the published datasets."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file of JSON lines. Its methods raise DatasetUnusable naming `place` and the field."""

    place: str
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.fault(f"`{name}` must be a text")
        return value

    def filled(self, name: str) -> str:
        text = self.text(name)
        if not text.strip():
            raise self.fault(f"`{name}` is empty")
        return text

    def optional(self, name: str) -> str:
        return self.text(name) if self.values.get(name) is not None else ""

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fault(f"`{name}` must be a list of texts")
        return tuple(value)

    def truth(self, name: str) -> bool | None:
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.fault(f"`{name}` must be true or false")
        return value

    def date(self, name: str) -> datetime | None:
        """A day or a time; one without a zone is taken for UTC."""
        if not (text := self.optional(name)):
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise self.fault(f"`{name}` must be a date like 2026-03-01") from None
        return at.replace(tzinfo=at.tzinfo or UTC)

    def inner(self, name: str) -> "Row":
        """The object in a field; an empty one where the field is missing."""
        value = self.values.get(name) or {}
        if not isinstance(value, dict):
            raise self.fault(f"`{name}` must be an object")
        return Row(self.place, value)

    def rows(self, name: str) -> Sequence["Row"]:
        """The objects in a field that is a list of them."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.fault(f"`{name}` must be a list of objects")
        return [Row(self.place, item) for item in value]

    def fault(self, complaint: str) -> DatasetUnusable:
        return DatasetUnusable(f"{self.place}: {complaint}.")


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file that hold anything, each with its place for a complaint.

    Raises DatasetUnusable when the file is missing or no UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DatasetUnusable(
            f"{path}: cannot be read ({(error.strerror or 'no reason given').lower()})."
        ) from None
    except UnicodeDecodeError:
        raise DatasetUnusable(f"{path}: is not UTF-8.") from None
    # Not splitlines: a text may hold U+2028 and the like unescaped.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", line


def json_rows(path: Path, *, key: str = "_id") -> Iterator[Row]:
    """The objects of a file of JSON lines, in order, each `key` once. Raises DatasetUnusable."""
    seen: set[str] = set()
    for place, line in lines(path):
        try:
            values = json.loads(line)
        except ValueError:
            raise DatasetUnusable(f"{place}: is not JSON.") from None
        if not isinstance(values, dict):
            raise DatasetUnusable(f"{place}: must be a JSON object.")
        row = Row(place, values)
        row_id = row.filled(key)
        if row_id in seen:
            raise row.fault(f"`{key}` {row_id} stands in an earlier line, too")
        seen.add(row_id)
        yield row


def query(row: Row) -> Query:
    """A row of BEIR's queries.jsonl, with what this project adds under `metadata`. Raises DatasetUnusable."""
    metadata = row.inner("metadata")
    return Query(
        id=row.filled("_id"),
        text=row.filled("text"),
        history=tuple(_turn(turn) for turn in metadata.rows("history")),
        type=metadata.optional("type"),
        split=metadata.optional("split"),
        answerable=metadata.truth("answerable"),
        answers=metadata.texts("answers"),
        lang=metadata.optional("lang"),
        mini=bool(metadata.truth("mini")),
    )


def _turn(row: Row) -> Turn:
    author = row.optional("author") or row.text("role")
    return Turn(_AUTHORS.get(author, "other"), row.text("text"))
