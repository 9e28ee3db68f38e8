"""A chunk's Markdown as quotable pieces: sentences, list items, whole lists of steps, table rows, code. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_WHOLE_LIST_CHARS = 700  # a list of steps, or a list with its introduction, is quoted whole up to this length
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_SENTENCE_END = re.compile(
    r"""[.!?…]["'”’)\]*_]*\s+(?=["'“‘(\[*_]*[A-Z0-9À-ÞΑ-ΩА-Я])"""  # a new sentence begins like one
    r"""|[。！？]"""
)
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|approx|no|nr|st|mr|mrs|ms|dr|inc|ltd|fig|cf|[A-Z])\.$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quotable:
    """A piece that can stand in an answer by itself. `markdown` is shown, `plain` is compared with the question;
    `block` pieces (lists, code) need lines of their own.
    """

    markdown: str
    plain: str
    block: bool = False


def quotables(markdown: str) -> list[Quotable]:
    """The quotable pieces of a chunk, in reading order."""
    root = SyntaxTreeNode(_MARKDOWN.parse(markdown))
    lines = markdown.splitlines()
    found: list[Quotable] = []
    introduction: str | None = None
    for node in root.children:
        source = _source(node, lines)
        if node.type in ("bullet_list", "ordered_list"):
            found.extend(_list(node, source, introduction, lines))
        elif node.type == "table":
            found.extend(_rows(node))
        elif node.type in ("fence", "code_block"):
            shown = f"{introduction}\n{source}" if introduction else source
            found.append(Quotable(shown, f"{introduction or ''} {node.content}".strip(), block=True))
        elif node.type in ("paragraph", "blockquote"):
            found.extend(_sentences(source.lstrip("> ")))
        introduction = source if node.type == "paragraph" and source.rstrip().endswith(":") else None
    return found


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, whitespace made single."""
    text = " ".join(text.split())
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    found: list[str] = []
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        piece = text[start:end].strip()
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


def plain_text(markdown: str) -> str:
    """Inline Markdown without its marks: link labels stay, addresses go."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"[*_`~]{1,3}", "", text).split())


def _sentences(paragraph: str) -> Iterator[Quotable]:
    for sentence in sentences(paragraph):
        if not sentence.endswith(":"):
            yield Quotable(sentence, plain_text(sentence))


def _list(
    node: SyntaxTreeNode, source: str, introduction: str | None, lines: list[str]
) -> Iterator[Quotable]:
    whole = f"{introduction}\n\n{source}" if introduction else source
    if len(whole) <= _WHOLE_LIST_CHARS and (node.type == "ordered_list" or introduction):
        yield Quotable(whole, plain_text(whole), block=True)
        return
    for item in node.children:
        text = " ".join(_source(item, lines).split())
        content = re.sub(r"^(?:[-*+]|\d+[.)])\s+", "", text)
        yield Quotable(content, plain_text(f"{introduction or ''} {content}".strip()))


def _rows(table: SyntaxTreeNode) -> Iterator[Quotable]:
    """Each row of the body with the headers of its cells: a row alone says nothing."""
    header, *bodies = table.children
    names = [_cell(cell) for cell in header.children[0].children]
    for body in bodies:
        for row in body.children:
            cells = [_cell(cell) for cell in row.children]
            pairs = [
                f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=False) if cell
            ]
            text = "; ".join(pairs)
            yield Quotable(text, plain_text(text))


def _cell(node: SyntaxTreeNode) -> str:
    return " ".join(child.content for child in node.children).strip()


def _source(node: SyntaxTreeNode, lines: list[str]) -> str:
    start, end = node.map or (0, 0)
    return "\n".join(lines[start:end]).strip()
