"""JSON: records as a table where they are flat, else one line a value, under headings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingestion.formats import Parsed, one_line, telling, title_of_name
from ingestion.formats.tables import markdown_table

_DEEPEST_HEADING = 4
_WIDEST = 12  # columns of a table
_LONGEST = 200  # characters of a table's cell


def read(text: str) -> Any:
    """The value of JSON, or the list of those of JSON lines; None when it is neither. Numbers as they are written."""
    start = text.lstrip()[:1]
    if start not in {"{", "["}:
        return None
    try:
        return _loads(text)
    except (ValueError, RecursionError):
        pass
    lines = list(filter(str.strip, text.split("\n")))
    try:
        return [_loads(line) for line in lines] if len(lines) > 1 and start == "{" else None
    except (ValueError, RecursionError):
        return None


def parse(value: Any, name: str) -> Parsed:
    """Title from a field of that name, else the name."""
    titles = (value.get(key) for key in ("title", "name")) if isinstance(value, Mapping) else ()
    named = next((title for each in titles if isinstance(each, str) and (title := telling(each))), None)
    text = "\n\n".join(_blocks(value, 1))
    return Parsed(title=named or title_of_name(name), text=text, markup="document")


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _blocks(value: Any, level: int) -> Iterator[str]:
    match value:
        case [_, *_] if _are_flat(value):
            yield markdown_table(_table(value))
        case [*items] if any(map(_is_container, items)):
            for item in items:
                yield "\n".join(f"- {line}" for line in _lines(item, ""))
        case [*items]:
            yield "\n".join(f"- {_word(item)}" for item in items)
        case {} if level <= _DEEPEST_HEADING:
            yield from _sections(value, level)
        case _:
            yield "\n".join(f"- {line}" for line in _lines(value, ""))


def _sections(fields: Mapping[str, Any], level: int) -> Iterator[str]:
    plain = {key: value for key, value in fields.items() if not _is_container(value)}
    if plain:
        yield "\n".join(f"- {line}" for line in _lines(plain, ""))
    for key, value in fields.items():
        if key not in plain and value:
            yield f"{'#' * (level + 1)} {one_line(key)}"
            yield from _blocks(value, level + 1)


def _lines(value: Any, path: str) -> Iterator[str]:
    """Each value with the path that leads to it."""
    match value:
        case {}:
            for key, inner in value.items():
                yield from _lines(inner, f"{path}.{one_line(key)}" if path else one_line(key))
        case [*items] if any(map(_is_container, items)):
            for inner in items:
                yield from _lines(inner, path)
        case [*items]:
            yield from _named(path, ", ".join(map(_word, items)))
        case _:
            yield from _named(path, _word(value))


def _named(path: str, word: str) -> Iterator[str]:
    if word:
        yield f"{path}: {word}" if path else word


def _is_container(value: Any) -> bool:
    return isinstance(value, (list, dict))


def _are_flat(items: Sequence[Any]) -> bool:
    """Whether these are records that share their fields, all of them short values."""
    if not all(isinstance(item, dict) and item for item in items):
        return False
    keys = {key for item in items for key in item}
    shared = sum(map(len, items)) >= len(keys) * len(items) / 2
    short = all(
        len(_word(value)) <= _LONGEST and not _is_container(value)
        for item in items
        for value in item.values()
    )
    return len(keys) <= _WIDEST and shared and short


def _table(records: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    keys = list(dict.fromkeys(key for record in records for key in record))
    yield keys
    for record in records:
        yield [_word(record.get(key)) for key in keys]


def _word(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return " ".join(str(value).split())
