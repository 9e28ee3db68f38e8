"""Markdown as headings, sections and blocks, by a CommonMark parser: what looks like a heading in code is none. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingestion.anchors import Slugs

BlockKind = Literal["text", "table", "code"]

_BLOCKS = MarkdownIt("commonmark").enable("table")
_BLOCKS.core.ruler.disable(["inline", "text_join"])  # blocks are all that is asked for, three times as fast
_INLINE = MarkdownIt("commonmark")

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Heading:
    """`slug` is the anchor that GitHub gives it, unique in the document."""

    level: int
    title: str
    slug: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, quote, table or code block, as written."""

    kind: BlockKind
    text: str


@dataclass(slots=True)
class Section:
    """What stands between two headings. `path` runs from the outermost heading inwards; empty before the first."""

    path: tuple[Heading, ...]
    blocks: list[Block] = field(default_factory=list)


def headings(text: str) -> Iterator[Heading]:
    """All headings, in order. Lines end in a plain newline."""
    slugs = Slugs()
    tokens = _BLOCKS.parse(text)
    for token, inline in pairwise(tokens):
        if _is_heading(token):
            yield _heading(token, inline, slugs)


def sections(text: str) -> list[Section]:
    """The sections of a Markdown text, in order; every line but those of headings is in exactly one block."""
    lines = text.split("\n")
    slugs = Slugs()
    found = [Section(())]
    done = 0  # lines
    tokens = _BLOCKS.parse(text)
    for place, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        start, end = token.map
        _add(found[-1], "text", lines[done:start])  # link definitions: the parser makes nothing of them
        if _is_heading(token):
            found.append(Section(_path(found[-1].path, _heading(token, tokens[place + 1], slugs))))
        else:
            _add(found[-1], _kind(token), lines[start:end])
        done = max(done, end)
    _add(found[-1], "text", lines[done:])
    return found


def paragraphs(text: str) -> list[Section]:
    """A plain text as one section of paragraphs."""
    blocks = [Block("text", part) for part in map(_trimmed, _BLANK_LINES.split(text)) if part]
    return [Section((), blocks)]


def _is_heading(token: Token) -> bool:
    return token.type == "heading_open" and token.level == 0


def _heading(token: Token, inline: Token, slugs: Slugs) -> Heading:
    title = _words(inline.content)
    return Heading(int(token.tag[1]), title, slugs.next(title))


def _words(markdown: str) -> str:
    """A heading as it is read: emphasis, links and code without their signs."""
    (inline,) = _INLINE.parseInline(markdown)
    shown = (
        child.content for child in inline.children or () if child.type in {"text", "code_inline", "image"}
    )
    return " ".join("".join(shown).split())


def _path(path: tuple[Heading, ...], heading: Heading) -> tuple[Heading, ...]:
    return (*(outer for outer in path if outer.level < heading.level), heading)


def _kind(token: Token) -> BlockKind:
    match token.type:
        case "table_open":
            return "table"
        case "fence":
            return "code"
        case _:
            return "text"


def _add(section: Section, kind: BlockKind, lines: list[str]) -> None:
    text = _trimmed("\n".join(lines))
    if text:
        section.blocks.append(Block(kind, text))


def _trimmed(text: str) -> str:
    """Without blank lines around it; the first line keeps its indent, which Markdown reads."""
    stripped = text.rstrip()
    start = len(stripped) - len(stripped.lstrip())
    return stripped[stripped.rfind("\n", 0, start) + 1 :]
