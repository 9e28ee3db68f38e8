"""Formats: one file each. `parse(text, name) -> Parsed` for those that are text, `parse(data, name)` for the others.

    kinds            which of them it is: by the content; name and media type where that leaves a choice
    markdown, plain, html, rst, delimited (csv), records (json), notebook (ipynb), mail (eml, mhtml): text
    docx, pptx, xlsx     on `office`, the parts of an Office file without what is dangerous in them
    opendocument, epub   on `archive`, zip files within limits, and `xml`, without entities
    pdf                  on `layout`, from placed lines to paragraphs, tables and headings
    outlook (msg), word97 (doc), rtf
    tags, tables         HTML elements and rows of cells as Markdown

None of them reaches the network or the disk, follows a reference, or computes a formula.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Literal

from ingestion.decoding import visible

Markup = Literal["markdown", "html", "document", "plain"]
"""What the original was. Decides how a link lands on a passage: at a heading as code hosts anchor it (markdown), at the
passage's words (html, plain), or at a page, slide or sheet (document); and whether `#` begins a heading: not in plain text."""

_LONGEST_TITLE = 300  # characters
_NO_TITLE = re.compile(
    r"\W*(?:untitled|anonymous|unspecified|unknown|title|no title|new|(?:microsoft )?(?:word|excel|powerpoint)"
    r"|(?:word|pdf|google|microsoft word)? ?document|(?:powerpoint )?presentation|slide|book|workbook|mappe|scan)"
    r"[\W\d]*|microsoft (?:word|excel|powerpoint) - .*|.*\.(?:docx?|pptx?|xlsx?|pdf|tex|dvi|indd|qxd|odt|rtf|html?|txt)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """From character `start` of the text on, `url#fragment` opens the place: a page, a slide, a sheet, a heading."""

    start: int
    fragment: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """An original as text. `text` is Markdown, except where `markup` is plain; its lines are those of the original
    where `markup` is markdown or plain. `anchors` are in the order of the text.
    """

    title: str
    text: str
    markup: Markup
    updated_at: datetime | None = None
    author: str | None = None
    anchors: tuple[Anchor, ...] = ()


def assembled(parts: Iterable[tuple[str, str]]) -> tuple[str, tuple[Anchor, ...]]:
    """One text of parts, each a fragment and its text, and the anchors of those that hold any text."""
    texts: list[str] = []
    anchors: list[Anchor] = []
    start = 0
    for fragment, part in parts:
        if text := visible(part).strip("\n"):
            anchors.append(Anchor(start, fragment))
            texts.append(text)
            start += len(text) + 2
    return "\n\n".join(texts), tuple(anchors)


def rewritten(parsed: Parsed, rewrite: Callable[[str], str]) -> Parsed:
    """`parsed` with its text rewritten, stretch by stretch, so that the anchors still stand where they stood."""
    cuts = [0, *(anchor.start for anchor in parsed.anchors), len(parsed.text)]
    texts = [rewrite(parsed.text[start:end]) for start, end in pairwise(cuts)]
    anchors: list[Anchor] = []
    done = len(texts[0])
    for anchor, text in zip(parsed.anchors, texts[1:], strict=True):
        anchors.append(Anchor(done, anchor.fragment))
        done += len(text)
    return replace(parsed, text="".join(texts), anchors=tuple(anchors))


def one_line(text: str) -> str:
    """`text` fit to be a title or a name: on one line, not endless."""
    return " ".join(text.split())[:_LONGEST_TITLE].rstrip()


def telling(text: object) -> str | None:
    """A title or author as metadata give it; None where a program wrote it, not a person ("Untitled", a file name)."""
    line = one_line(visible(str(text or "")))
    return line if any(map(str.isalpha, line)) and not _NO_TITLE.fullmatch(line) else None


def title_of_name(name: str) -> str:
    """A title made from a path: `hr/parental-leave.md` → `Parental leave`; an index page is called as its folder."""
    path = PurePosixPath(name)
    stem = path.parent.name if path.stem.lower() in {"readme", "index"} and path.parent.name else path.stem
    words = one_line(re.sub(r"[-_]+", " ", stem)) or one_line(name) or "Untitled"
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
