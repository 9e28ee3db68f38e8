"""Markdown with optional YAML front matter, as Jekyll, Hugo, MkDocs, Docusaurus and Obsidian write it."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from ingestion.formats import Parsed, one_line, title_of_name, to_datetime
from ingestion.outline import first_heading

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_UPDATED = ("updated", "updated_at", "last_updated", "lastmod", "last_modified", "modified", "date")
_AUTHOR = ("owner", "owners", "author", "authors")


def parse(text: str, name: str) -> Parsed:
    """Title from the front matter, else the first top heading, else the name."""
    fields, body = _front_matter(text)
    title = _words(fields.get("title")) or first_heading(body, top=True) or title_of_name(name)
    return Parsed(
        title=title,
        text=body,
        markup="markdown",
        updated_at=next(filter(None, (to_datetime(fields.get(key)) for key in _UPDATED)), None),
        author=next(filter(None, (_words(fields.get(key)) for key in _AUTHOR)), None),
    )


def _front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    """The fields, and the text without them. What is no YAML mapping is text like any other."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    try:
        fields = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError):  # ValueError: a date such as 2024-02-31
        return {}, text
    if not isinstance(fields, dict):
        return {}, text
    # Empty lines in its place: the others keep their numbers, by which code hosts address them.
    body = "\n" * found[0].count("\n") + text[found.end() :]
    return {str(key).lower(): value for key, value in fields.items()}, body


def _words(value: object) -> str | None:
    """A field as a person would read it: a text, a number, or a list of these."""
    match value:
        case str() | int() | float():
            return one_line(str(value)) or None
        case list():
            return ", ".join(filter(None, map(_words, value[:5]))) or None
        case {"name": str(name)}:
            return one_line(name) or None
        case _:
            return None
