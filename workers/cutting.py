"""What is too long for one message of Slack, as several: cut at a paragraph if there is one, else at a line, a sentence, a word.

Pure. Nothing is left out but the white space at a cut. Slack takes 50 blocks a message, about 12,000 characters in them
(`msg_blocks_too_long`) and, to be on the safe side, 3,000 in one part of rich text.
"""

from collections.abc import Iterable, Iterator, Sequence

from workers.elements import Block, Element, rich_text, section

MESSAGE_CHARS = 10_000
PIECE_CHARS = 3_000

_BLOCKS = 40  # of rich text in a message; sources and buttons come below
_SEAMS = ("\n\n", "\n", ". ", " ")  # the first of these that there is
_EARLIEST = PIECE_CHARS // 3  # a piece is not cut before


def length(part: Block) -> int:
    """Characters to be seen in a part of rich text, or in a block."""
    return sum(
        length(element) if "elements" in element else len(_seen(element)) for element in part["elements"]
    )


def packed(parts: Iterable[Block]) -> list[list[Block]]:
    """Parts of rich text, each cut into pieces where it is too long, as they share messages."""
    messages: list[list[Block]] = []
    chars = blocks = 0
    for piece in (piece for part in parts for piece in _pieces(part)):
        apart = bool(messages) and _are_apart(messages[-1][-1], piece)
        if not messages or chars + length(piece) > MESSAGE_CHARS or blocks + apart > _BLOCKS:
            messages.append([])
            chars, blocks, apart = 0, 1, False
        messages[-1].append(piece)
        chars += length(piece)
        blocks += apart
    return messages


def flowing(pieces: Sequence[Block]) -> list[Block]:
    """Pieces as blocks of rich text. Slack puts no space between two sections of one block, but does between blocks."""
    groups: list[list[Block]] = []
    for piece in pieces:
        if not groups or _are_apart(groups[-1][-1], piece):
            groups.append([])
        groups[-1].append(piece)
    return [rich_text(group) for group in groups]


def _are_apart(before: Block, piece: Block) -> bool:
    return {before["type"], piece["type"]} == {"rich_text_section"}


def _pieces(part: Block) -> Iterator[Block]:
    if length(part) <= PIECE_CHARS:
        yield part
    elif part["type"] == "rich_text_list":
        yield from _lists(part)
    else:
        is_code = part["type"] == "rich_text_preformatted"
        yield from ({**part, "elements": cut} for cut in _cut(part["elements"], is_code=is_code))


def _lists(part: Block) -> Iterator[Block]:
    """A list as several that go on counting; what is left of an item that is too long by itself follows it as text."""
    before = int(part.get("offset", 0))
    run: list[Block] = []
    for item in part["elements"]:
        first, *rest = [section(cut) for cut in _cut(item["elements"])]
        if run and sum(map(length, run)) + length(first) > PIECE_CHARS:
            yield _list_of(part, run, before)
            before, run = before + len(run), []
        run.append(first)
        if rest:
            yield _list_of(part, run, before)
            before, run = before + len(run), []
            yield from rest
    if run:
        yield _list_of(part, run, before)


def _list_of(part: Block, items: list[Block], before: int) -> Block:
    counted = {"offset": before} if part["style"] == "ordered" and before else {}
    return {**part, "elements": items, **counted}


def _cut(elements: Sequence[Element], *, is_code: bool = False) -> list[list[Element]]:
    """The elements in pieces of at most PIECE_CHARS, at least one."""
    text = "".join(map(_seen, elements))
    if len(text) <= PIECE_CHARS:
        return [[*elements]]
    spans = _code_spans(text) if is_code else _spans(text)
    return [[*_between(elements, *span)] for span in spans] or [[*elements[:1]]]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the pieces of prose begin and end, without the white space between them."""
    start = 0
    while start < len(text):
        end = _end(text, start, _SEAMS)
        piece = text[start:end]
        if piece.strip():
            yield start, start + len(piece.rstrip())
        start = end + len(text[end:]) - len(text[end:].lstrip())


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """The same of code: at the end of a line, and nothing lost but that end."""
    start = 0
    while start < len(text):
        end = _end(text, start, ("\n",))
        yield start, max(end, start + 1)
        start = end + (text[end : end + 1] == "\n")


def _end(text: str, start: int, seams: Sequence[str]) -> int:
    latest = start + PIECE_CHARS
    if len(text) <= latest:
        return len(text)
    found = (text.rfind(seam, start + _EARLIEST, latest) + len(seam.rstrip()) for seam in seams)
    return next((end for end in found if end > start + _EARLIEST), latest)


def _between(elements: Iterable[Element], start: int, end: int) -> Iterator[Element]:
    """The elements from one character to another; one that lies on a border, a link too, is in both pieces."""
    at = 0
    for element in elements:
        seen = _seen(element)
        low, high = max(start - at, 0), min(end - at, len(seen))
        if low < high:
            yield {**element, "text": seen[low:high]} if "text" in element else element
        at += len(seen)


def _seen(element: Element) -> str:
    """What is seen of an element, a name that Slack fills in as one character."""
    return str(element.get("text", "\ufffc"))
