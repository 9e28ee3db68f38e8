"""A block too long for one chunk, cut into pieces that each make sense alone. Pure.

A table's pieces repeat its header, a code block's are code blocks again, prose is cut at the highest boundary that
fits: between blocks, sentences, words, and inside a word only where one word alone is too long.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from semantic_text_splitter import MarkdownSplitter

from ingestion.outline import Block

Measure = Callable[[str], int]
"""The length of a text in the model's tokens, without the special ones."""

_SLAB = 20_000  # characters; the splitter measures the rest of a text at each cut, so a long one is handed over in parts
_SMALLEST = 4  # tokens; below this nothing is cut off for headers and fences
_FENCE = re.compile(r"^(\s*(?:[-*+>]\s+|\d{1,9}[.)]\s+)*)(`{3,}|~{3,})(.*)$")


def split_block(block: Block, tokens: int, measure: Measure) -> list[str]:
    """Pieces of the block in order, at most `tokens` long each as far as single characters allow."""
    match block.kind:
        case "table":
            return list(_split_table(block.text, tokens, measure))
        case "code":
            return list(_split_code(block.text, tokens, measure))
        case "text":
            return _split_text(block.text, tokens, measure)


def _split_table(table: str, tokens: int, measure: Measure) -> Iterator[str]:
    header, rule, *rows = table.split("\n")
    top = f"{header}\n{rule}\n"
    room = tokens - measure(top)
    if room < max(tokens // 2, _SMALLEST):
        yield from _split_text(table, tokens, measure)
        return
    for rows_of_piece in _packed(rows, room, measure, lambda row: _split_text(row, room, measure)):
        yield top + rows_of_piece


def _split_code(code: str, tokens: int, measure: Measure) -> Iterator[str]:
    first, *lines = code.split("\n")
    fence = _FENCE.match(first)
    if fence is None:
        yield from _split_text(code, tokens, measure)
        return
    last = fence[1] + fence[2]
    if lines and lines[-1].strip().startswith(fence[2]):
        lines.pop()
    room = tokens - measure(f"{first}\n{last}")
    if room < _SMALLEST:
        yield from _cut(code, tokens, measure)
        return
    for lines_of_piece in _packed(lines, room, measure, lambda line: _cut(line, room, measure)):
        yield f"{first}\n{lines_of_piece}\n{last}"


def _packed(
    lines: Iterable[str], tokens: int, measure: Measure, cut: Callable[[str], list[str]]
) -> Iterator[str]:
    """The lines, as many together as fit; a line that is too long alone is `cut`."""
    held: list[str] = []
    used = 0
    for line in lines:
        length = measure(line)
        for part, part_length in [(line, length)] if length <= tokens else [(it, tokens) for it in cut(line)]:
            if held and used + part_length > tokens:
                yield "\n".join(held)
                held, used = [], 0
            held.append(part)
            used += part_length
    if any(line.strip() for line in held):
        yield "\n".join(held)


def _split_text(text: str, tokens: int, measure: Measure) -> list[str]:
    """Cut text, lists and quotes; code in them that is cut is closed and opened again."""
    if not re.search(r"`{3}|~{3}", text):
        return _cut(text, tokens, measure)
    room = tokens - 2 * measure("\n````````\n")
    return list(_fenced(_cut(text, max(room, _SMALLEST), measure)))


def _cut(text: str, tokens: int, measure: Measure) -> list[str]:
    splitter = MarkdownSplitter.from_callback(measure, max(tokens, 1))
    return [piece for slab in _slabs(text) for piece in splitter.chunks(slab)]


def _slabs(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _SLAB:
        within = text[start : start + _SLAB]
        at = max(within.rfind("\n\n"), 0) or max(within.rfind("\n"), 0) or max(within.rfind(" "), 0) or _SLAB
        yield within[:at]
        start += at
    yield text[start:]


def _fenced(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, each with as many fences opened as closed."""
    opened: re.Match[str] | None = None
    for piece in pieces:
        top = f"{opened[2]}{opened[3]}\n" if opened else ""
        for line in piece.split("\n"):
            fence = _FENCE.match(line)
            if fence and opened is None:
                opened = fence
            elif fence and opened and fence[2].startswith(opened[2]) and not fence[3].strip():
                opened = None
        yield f"{top}{piece}\n{opened[2]}" if opened else top + piece
