"""Formats: one file each, `parse(text, name) -> Parsed`, or from bytes for those that are no text."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Literal

Markup = Literal["markdown", "html", "plain"]
"""What the original was. Decides how a link lands on a passage (a heading's anchor, or the passage's words), and
whether `#` begins a heading: in plain text it does not."""

_LONGEST_TITLE = 300  # characters


@dataclass(frozen=True, slots=True)
class Parsed:
    """An original as text. `text` is Markdown, except where `markup` is plain."""

    title: str
    text: str
    markup: Markup
    updated_at: datetime | None = None
    author: str | None = None


def one_line(text: str) -> str:
    """`text` fit to be a title or a name: on one line, not endless."""
    return " ".join(text.split())[:_LONGEST_TITLE]


def title_of_name(name: str) -> str:
    """A title made from a path: `hr/parental-leave.md` → `Parental leave`; an index page is called as its folder."""
    path = PurePosixPath(name)
    stem = path.parent.name if path.stem.lower() in {"readme", "index"} and path.parent.name else path.stem
    words = one_line(re.sub(r"[-_]+", " ", stem)) or name
    return words[0].upper() + words[1:]


def to_datetime(value: object) -> datetime | None:
    """A date as metadata give it (a date, ISO 8601, or as in mail and HTTP headers); None when it is none of these."""
    match value:
        case datetime():
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        case date():
            return datetime.combine(value, time(), UTC)
        case str():
            return _parsed_date(value.strip())
        case _:
            return None


def _parsed_date(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return to_datetime(read(text))
        except (ValueError, OverflowError):
            continue
    return None
