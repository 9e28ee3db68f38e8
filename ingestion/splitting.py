"""A block too long for one chunk, cut into pieces that each make sense alone. Pure.

A table's pieces repeat its header, a code block's are code blocks again, prose is cut at the highest boundary that
fits: between blocks, sentences, words, and inside a word only where one word alone is too long.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from semantic_text_splitter import MarkdownSplitter

from ingestion.outline import Block

Measure = Callable[[str], int]
"""The length of a text in the model's tokens, without the special ones."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document's text with its length in tokens and the lines where it stands, counted from 0, both included."""

    text: str
    tokens: int
    first: int
    last: int


_SLAB = 20_000  # characters; the splitter measures the rest of a text at each cut, so a long one is handed over in parts
_SMALLEST = 4  # tokens; below this nothing is cut off for headers and fences
_FENCE = re.compile(r"^(\s*(?:[-*+>]\s+|\d{1,9}[.)]\s+)*)(`{3,}|~{3,})(.*)$")


def whole(block: Block, measure: Measure) -> Piece:
    """All of the block in one piece."""
    return Piece(block.text, measure(block.text), block.line, block.line + block.text.count("\n"))


def split_block(block: Block, tokens: int, measure: Measure) -> list[Piece]:
    """Pieces of the block in order, at most `tokens` long each as far as single characters allow."""
    match block.kind:
        case "table":
            return list(_split_table(block, tokens, measure))
        case "code":
            return list(_split_code(block, tokens, measure))
        case "text":
            return _split_text(block.text, block.line, tokens, measure)


def _split_table(table: Block, tokens: int, measure: Measure) -> Iterator[Piece]:
    header, rule, *rows = table.text.split("\n")
    top = f"{header}\n{rule}\n"
    above = measure(top)
    room = tokens - above
    if room < max(tokens // 2, _SMALLEST):
        yield from _split_text(table.text, table.line, tokens, measure)
        return
    for piece in _packed(
        rows, table.line + 2, room, measure, lambda row, line: _split_text(row, line, room, measure)
    ):
        yield replace(piece, text=top + piece.text, tokens=above + piece.tokens)


def _split_code(code: Block, tokens: int, measure: Measure) -> Iterator[Piece]:
    first, *lines = code.text.split("\n")
    fence = _FENCE.match(first)
    if fence is None:
        yield from _split_text(code.text, code.line, tokens, measure)
        return
    last = fence[1] + fence[2]
    if lines and lines[-1].strip().startswith(fence[2]):
        lines.pop()
    around = measure(f"{first}\n{last}")
    room = tokens - around
    if room < _SMALLEST:
        yield from _cut(code.text, code.line, tokens, measure)
        return
    for piece in _packed(
        lines, code.line + 1, room, measure, lambda line, number: _cut(line, number, room, measure)
    ):
        yield replace(piece, text=f"{first}\n{piece.text}\n{last}", tokens=around + piece.tokens)


def _packed(
    lines: Iterable[str], start: int, tokens: int, measure: Measure, cut: Callable[[str, int], list[Piece]]
) -> Iterator[Piece]:
    """The lines, the first of which is line `start`, as many together as fit; a line that is too long alone is `cut`."""
    held: list[Piece] = []
    used = 0
    for number, line in enumerate(lines, start):
        length = measure(line)
        for part in [Piece(line, length, number, number)] if length <= tokens else cut(line, number):
            if held and used + part.tokens > tokens:
                yield _together(held)
                held, used = [], 0
            held.append(part)
            used += part.tokens
    if any(piece.text.strip() for piece in held):
        yield _together(held)


def _together(pieces: list[Piece]) -> Piece:
    text = "\n".join(piece.text for piece in pieces)
    return Piece(text, sum(piece.tokens for piece in pieces), pieces[0].first, pieces[-1].last)


def _split_text(text: str, line: int, tokens: int, measure: Measure) -> list[Piece]:
    """Cut text, lists and quotes; code in them that is cut is closed and opened again."""
    if not re.search(r"`{3}|~{3}", text):
        return _cut(text, line, tokens, measure)
    room = tokens - 2 * measure("\n````````\n")
    return list(_fenced(_cut(text, line, max(room, _SMALLEST), measure), measure))


def _cut(text: str, line: int, tokens: int, measure: Measure) -> list[Piece]:
    splitter = MarkdownSplitter.from_callback(measure, max(tokens, 1))
    pieces: list[Piece] = []
    done = 0
    for slab in _slabs(text):
        for part in splitter.chunks(slab):
            start = text.find(part, done)
            line += text.count("\n", done, start)
            last = line + part.count("\n")
            pieces.append(Piece(part, measure(part), line, last))
            line, done = last, start + len(part)
    return pieces


def _slabs(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _SLAB:
        within = text[start : start + _SLAB]
        at = max(within.rfind("\n\n"), 0) or max(within.rfind("\n"), 0) or max(within.rfind(" "), 0) or _SLAB
        yield within[:at]
        start += at
    yield text[start:]


def _fenced(pieces: Iterable[Piece], measure: Measure) -> Iterator[Piece]:
    """The pieces, each with as many fences opened as closed."""
    opened: re.Match[str] | None = None
    for piece in pieces:
        top = f"{opened[2]}{opened[3]}\n" if opened else ""
        for line in piece.text.split("\n"):
            fence = _FENCE.match(line)
            if fence and opened is None:
                opened = fence
            elif fence and opened and fence[2].startswith(opened[2]) and not fence[3].strip():
                opened = None
        text = f"{top}{piece.text}\n{opened[2]}" if opened else top + piece.text
        yield replace(piece, text=text, tokens=measure(text))
