"""A document into chunks that the embedding model reads whole. Pure, but for the token counter handed in.

1. The outline: sections under headings, blocks in sections.
2. Sections of a few words join their neighbours, so that no chunk is a crumb.
3. Each section is packed, block by block, into as few chunks as fit; only a block too long for one chunk is cut.
4. Every chunk is measured as it will be embedded. Where tokens of parts do not add up, its section is packed tighter.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ingestion.anchors import at_heading, at_lines, at_place, at_words
from ingestion.formats import Anchor, Markup
from ingestion.links import resolve_links
from ingestion.measuring import Ruler, ruler
from ingestion.outline import Block, Path, Section, outline, paragraphs
from ingestion.shortening import Label, label
from ingestion.splitting import Measure, Piece, split_block, whole
from rag.domain import Chunk, Document

CHUNKING = 2
"""Version of how documents become chunks. A new number lets every document be chunked again."""

_CRUMB = 30
"""Tokens (about 20 words) below which a section does not stand alone."""

_DOUBT = 8  # tokens
_TIGHTER = 0.85


def chunks_of(
    document: Document,
    *,
    markup: Markup,
    anchors: Sequence[Anchor] = (),
    by_line: bool = False,
    count_tokens: Callable[[str], int],
    max_tokens: int,
) -> list[Chunk]:
    """The document's chunks in order; `count_tokens(chunk.indexed_text) <= max_tokens` for each.

    `count_tokens` counts special tokens too, as `Embedder.count_tokens` does. The window must take 32 tokens or more.
    Each chunk's address is that of its place: lines with `by_line` (where the text has its original's lines), else what
    `anchors` say, headings, or its own words. No chunk crosses from one page, slide or sheet into the next.
    """
    window = _Window(document.title, ruler(count_tokens), max_tokens)
    found = outline(document.text, markup, anchors)
    groups = _merged([_measured(section, document.url, markup, window) for section in found], window)
    if not groups and document.text.strip():  # headings alone: they are all there is to find
        groups = [_Group([_measured(paragraphs(document.text)[0], document.url, "plain", window)], window)]
    seen: Counter[str] = Counter()
    chunks: list[Chunk] = []
    for group in groups:
        for piece in group.pieces():
            url = _address(document.url, group, piece, markup, by_line=by_line)
            chunk = group.chunk(document, piece.text, url, position=len(chunks))
            text = chunk.indexed_text
            chunks.append(replace(chunk, repeat=seen[text]) if text in seen else chunk)
            seen[text] += 1
    return chunks


def _address(url: str, group: "_Group", piece: Piece, markup: Markup, *, by_line: bool) -> str:
    if by_line and markup in {"markdown", "plain"}:
        return at_lines(url, piece.first + 1, piece.last + 1, rendered=markup == "markdown")
    section = group.members[0].section
    match markup:
        case "markdown":
            return at_heading(url, section.path[-1].slug if section.path else None)
        case "document":
            return at_place(url, section.fragment)
        case "html":
            return at_words(url, piece.text, markdown=True, fragment=section.fragment)
        case "plain":
            return at_words(url, piece.text, markdown=False)


class _Window:
    """The model's window, with the document's title in it."""

    def __init__(self, title: str, ruler: Ruler, max_tokens: int) -> None:
        self.title = title
        self.measure = ruler.measure
        self._ruler = ruler
        self._max_tokens = max_tokens

    def label(self, headings: Sequence[str]) -> Label:
        return label(self.title, headings, tokens=self._max_tokens // 3, measure=self.measure)

    def room(self, shown: Label) -> int:
        return self._max_tokens - self._ruler.special - shown.tokens

    def holds(self, shown: Label, piece: Piece) -> bool:
        """Whether the piece fits below the label; counted as it is embedded, but where the sum of parts leaves no doubt."""
        if self._ruler.adds_up and piece.tokens + _DOUBT <= self.room(shown):
            return True
        indexed = "\n".join(filter(None, (shown.text, piece.text)))
        return self._ruler.count_tokens(indexed) <= self._max_tokens


@dataclass(frozen=True)
class _Measured:
    """A section with the length of each of its blocks, counted once."""

    section: Section
    blocks: list[tuple[Block, Piece]]

    @cached_property
    def tokens(self) -> int:
        return sum(piece.tokens for _, piece in self.blocks)


def _measured(section: Section, url: str, markup: Markup, window: _Window) -> _Measured:
    blocks = [
        block
        if block.kind == "code" or markup == "plain"
        else replace(block, text=resolve_links(block.text, url))
        for block in section.blocks
    ]
    return _Measured(section, [(block, whole(block, window.measure)) for block in blocks])


class _Group:
    """Neighbouring sections that are packed together, under the headings that they have in common."""

    def __init__(self, members: list[_Measured], window: _Window) -> None:
        self.members = members
        self._window = window
        self._path = _common([member.section for member in members])
        self._label = window.label([heading.title for heading in self._path])
        self._blocks = list(self._titled_blocks())

    @property
    def is_crumb(self) -> bool:
        return sum(member.tokens for member in self.members) < _CRUMB

    @property
    def fits(self) -> bool:
        return sum(piece.tokens for _, piece in self._blocks) <= self._window.room(self._label)

    def pieces(self) -> list[Piece]:
        """The texts of the group's chunks, each with the lines that it comes from."""
        room = self._window.room(self._label)
        while True:
            pieces = list(_packed(self._blocks, room, self._window.measure))
            if room <= 1 or all(self._window.holds(self._label, piece) for piece in pieces):
                return pieces
            room = int(room * _TIGHTER)

    def chunk(self, document: Document, text: str, url: str, *, position: int) -> Chunk:
        return Chunk(
            team_id=document.team_id,
            source_id=document.source_id,
            document_id=document.id,
            position=position,
            title=self._label.title,
            heading_path=self._label.headings,
            text=text,
            url=url,
            readers=document.readers,
            updated_at=document.updated_at,
            author=document.author,
        )

    def _titled_blocks(self) -> Iterator[tuple[Block, Piece]]:
        """The blocks of all members; below the common headings, each member's own ones come first, as lines."""
        before = self._path
        for member in self.members:
            path = member.section.path
            for heading in path[_shared(before, path) :]:
                block = Block("text", f"{'#' * heading.level} {heading.title}", heading.line)
                yield block, whole(block, self._window.measure)
            before = path
            yield from member.blocks


def _merged(outline: list[_Measured], window: _Window) -> list[_Group]:
    """The sections that hold text. Crumbs join the section after them, else the one before, where these are near kin."""
    groups: list[_Group] = []
    for member in filter(lambda member: member.blocks, outline):
        if groups and groups[-1].is_crumb and (joined := _joined(groups[-1], [member], window)):
            groups[-1] = joined
        else:
            groups.append(_Group([member], window))
    kept: list[_Group] = []
    for group in groups:
        if kept and group.is_crumb and (joined := _joined(kept[-1], group.members, window)):
            kept[-1] = joined
        else:
            kept.append(group)
    return kept


def _joined(group: _Group, members: list[_Measured], window: _Window) -> _Group | None:
    """The group with more members, when these stand beside or below its first one and all fit in one chunk."""
    first, added = group.members[0].section, members[0].section
    if first.part != added.part or _shared(first.path, added.path) < len(first.path) - 1:
        return None
    joined = _Group([*group.members, *members], window)
    return joined if joined.fits else None


def _common(members: Sequence[Section]) -> Path:
    path = members[0].path
    for member in members[1:]:
        path = path[: _shared(path, member.path)]
    return path


def _shared(path: Path, other: Path) -> int:
    """How many headings, from the outermost on, the two paths have in common."""
    differs = (at for at, (one, two) in enumerate(zip(path, other, strict=False)) if one != two)
    return next(differs, min(len(path), len(other)))


def _packed(blocks: Sequence[tuple[Block, Piece]], room: int, measure: Measure) -> Iterator[Piece]:
    """The blocks in order, as many together as fit in `room` tokens; a block too long alone is cut."""
    held: list[Piece] = []
    used = 0
    for block, uncut in blocks:
        for piece in [uncut] if uncut.tokens <= room else split_block(block, room, measure):
            if held and used + piece.tokens > room:
                lead = [held.pop()] if _leads_in(held, room - piece.tokens) else []
                yield _together(held)
                held, used = lead, sum(each.tokens for each in lead)
            held.append(piece)
            used += piece.tokens
    if held:
        yield _together(held)


def _leads_in(held: Sequence[Piece], room: int) -> bool:
    """Whether the last piece announces what comes next ("You need:") and can go along with it."""
    last = held[-1]
    return len(held) > 1 and last.text.endswith(":") and last.tokens <= room


def _together(pieces: Sequence[Piece]) -> Piece:
    text = "\n\n".join(piece.text for piece in pieces)
    return Piece(text, sum(piece.tokens for piece in pieces), pieces[0].first, pieces[-1].last)
