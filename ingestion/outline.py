"""Markdown as headings, sections and blocks, by a CommonMark parser: what looks like a heading in code is none. Pure."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingestion.anchors import Slugs
from ingestion.formats import Anchor, Markup

BlockKind = Literal["text", "table", "code"]

_BLOCKS = MarkdownIt("commonmark").enable("table")
_BLOCKS.core.ruler.disable(["inline", "text_join"])  # blocks are all that is asked for, three times as fast
_INLINE = MarkdownIt("commonmark")

_BEGINNING = 50_000  # characters
_LONGEST_TITLE = 300  # characters
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Heading:
    """`slug` is the anchor that GitHub gives it, unique in the document. `line` counts from 0."""

    level: int
    title: str
    slug: str
    line: int


Path = tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, quote, table or code block, as written; `line` is its first one, counted from 0."""

    kind: BlockKind
    text: str
    line: int


@dataclass(slots=True)
class Section:
    """What stands between two headings. `path` runs from the outermost heading inwards; empty before the first.

    `fragment` is that of the last anchor at or before its beginning. Sections of different parts never share a chunk.
    """

    path: Path
    blocks: list[Block] = field(default_factory=list)
    fragment: str | None = None
    part: int = 0


def first_heading(text: str, *, top: bool = False) -> str | None:
    """The title of the first heading near the beginning; with `top`, of the first one of the highest level."""
    tokens = _BLOCKS.parse(text.lstrip("\n")[:_BEGINNING])
    for token, inline in pairwise(tokens):
        if _is_heading(token) and (token.tag == "h1" or not top) and (title := _words(inline.content)):
            return title[:_LONGEST_TITLE].rstrip()
    return None


def outline(text: str, markup: Markup, anchors: Sequence[Anchor] = ()) -> list[Section]:
    """The sections of a document; a document of pages, slides or sheets is cut where each begins, also within a section."""
    if markup == "plain":
        return paragraphs(text)
    if markup != "document":
        found = sections(text)
        _anchor(found, [(text.count("\n", 0, anchor.start), anchor.fragment) for anchor in anchors])
        return found
    slugs, parts = Slugs(), [Section(())]
    cuts = [0, *(anchor.start for anchor in anchors), len(text)]
    fragments = [None, *(anchor.fragment for anchor in anchors)]
    line = 0
    for number, ((start, end), fragment) in enumerate(zip(pairwise(cuts), fragments, strict=True)):
        found = sections(text[start:end], slugs=slugs, path=parts[-1].path, line=line)
        parts += [replace(section, fragment=fragment, part=number) for section in found]
        line += text.count("\n", start, end)
    return parts


def sections(text: str, *, slugs: Slugs | None = None, path: Path = (), line: int = 0) -> list[Section]:
    """The sections of a Markdown text, in order; every line but those of headings is in exactly one block.

    The text stands below `path` and begins in `line` of its document.
    """
    lines = text.split("\n")
    slugs = slugs or Slugs()
    found = [Section(path)]
    done = 0  # lines
    tokens = _BLOCKS.parse(text)
    for place, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        start, end = token.map
        _add(
            found[-1], "text", lines[done:start], line + done
        )  # link definitions: the parser makes nothing of them
        if _is_heading(token):
            heading = _heading(token, tokens[place + 1], slugs, line + start)
            found.append(Section(_path(found[-1].path, heading)))
        else:
            _add(found[-1], _kind(token), lines[start:end], line + start)
        done = max(done, end)
    _add(found[-1], "text", lines[done:], line + done)
    return found


def paragraphs(text: str) -> list[Section]:
    """A plain text as one section of paragraphs."""
    section = Section(())
    done = line = 0
    for gap in [*_BLANK_LINES.finditer(text), None]:
        end = gap.start() if gap else len(text)
        _add(section, "text", [text[done:end]], line)
        if gap:
            line += text.count("\n", done, gap.end())
            done = gap.end()
    return [section]


def _anchor(found: Sequence[Section], anchors: Sequence[tuple[int, str]]) -> None:
    """Give each section the anchor that stands at its heading, or before it."""
    starts = [line for line, _ in anchors]
    for section in found:
        if section.path and (before := bisect_right(starts, section.path[-1].line)):
            section.fragment = anchors[before - 1][1]


def _is_heading(token: Token) -> bool:
    return token.type == "heading_open" and token.level == 0


def _heading(token: Token, inline: Token, slugs: Slugs, line: int) -> Heading:
    title = _words(inline.content)
    return Heading(int(token.tag[1]), title, slugs.next(title), line)


def _words(markdown: str) -> str:
    """A heading as it is read: emphasis, links and code without their signs."""
    (inline,) = _INLINE.parseInline(markdown)
    shown = (
        child.content for child in inline.children or () if child.type in {"text", "code_inline", "image"}
    )
    return " ".join("".join(shown).split())


def _path(path: Path, heading: Heading) -> Path:
    return (*(outer for outer in path if outer.level < heading.level), heading)


def _kind(token: Token) -> BlockKind:
    match token.type:
        case "table_open":
            return "table"
        case "fence":
            return "code"
        case _:
            return "text"


def _add(section: Section, kind: BlockKind, lines: list[str], line: int) -> None:
    """Without blank lines around it; the first line keeps its indent, which Markdown reads."""
    text = "\n".join(lines)
    stripped = text.rstrip()
    if stripped:
        blank = stripped.rfind("\n", 0, len(stripped) - len(stripped.lstrip())) + 1
        section.blocks.append(Block(kind, stripped[blank:], line + stripped.count("\n", 0, blank)))
