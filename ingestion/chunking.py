"""A document into chunks that the embedding model reads whole. Pure, but for the token counter handed in.

1. The outline: sections under headings, blocks in sections.
2. Sections of a few words join their neighbours, so that no chunk is a crumb.
3. Each section is packed, block by block, into as few chunks as fit; only a block too long for one chunk is cut.
4. Every chunk is measured as it will be embedded. Where tokens of parts do not add up, its section is packed tighter.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingestion.anchors import at_heading, at_words
from ingestion.formats import Markup
from ingestion.links import resolve_links
from ingestion.outline import Block, Heading, Section, paragraphs, sections
from ingestion.shortening import Label, label
from ingestion.splitting import Measure, split_block
from rag.domain import Chunk, Document

CHUNKING = 1
"""Version of how documents become chunks. A new number lets every document be chunked again."""

_CRUMB = 30
"""Tokens (about 20 words) below which a section does not stand alone."""

_LONGEST_TOKEN = 16
"""Characters that a token may stand for on average, so that no chunk is a million characters of "one token"."""

_TIGHTER = 0.85


def chunks_of(
    document: Document, *, markup: Markup, count_tokens: Callable[[str], int], max_tokens: int
) -> list[Chunk]:
    """The document's chunks in order; `count_tokens(chunk.indexed_text) <= max_tokens` for each.

    `count_tokens` counts special tokens too, as `Embedder.count_tokens` does. The window must take 32 tokens or more.
    """
    window = _Window(document.title, count_tokens, max_tokens)
    outline = paragraphs(document.text) if markup == "plain" else sections(document.text)
    groups = _merged([_measured(section, document.url, markup, window) for section in outline], window)
    if not groups and document.text.strip():  # headings alone: they are all there is to find
        groups = [_Group([_measured(paragraphs(document.text)[0], document.url, "plain", window)], window)]
    seen: Counter[str] = Counter()
    chunks: list[Chunk] = []
    for group in groups:
        for text in group.texts():
            chunk = replace(group.chunk(document, text, markup), position=len(chunks))
            chunks.append(replace(chunk, repeat=seen[chunk.indexed_text]))
            seen[chunk.indexed_text] += 1
    return chunks


class _Window:
    """The model's window, with the document's title in it."""

    def __init__(self, title: str, count_tokens: Callable[[str], int], max_tokens: int) -> None:
        self.title = title
        self.count_tokens = count_tokens
        self.max_tokens = max_tokens
        self._special = count_tokens("")

    def measure(self, text: str) -> int:
        """Tokens of the text alone; more where single tokens stand for very long words, as some tokenizers make them."""
        return max(self.count_tokens(text) - self._special, len(text) // _LONGEST_TOKEN)

    def label(self, headings: Sequence[str]) -> Label:
        return label(self.title, headings, tokens=self.max_tokens // 3, measure=self.measure)

    def room(self, shown: Label) -> int:
        return self.max_tokens - self._special - shown.tokens


@dataclass(frozen=True, slots=True)
class _Measured:
    """A section with the length of each of its blocks, counted once."""

    section: Section
    blocks: list[tuple[Block, int]]

    @property
    def tokens(self) -> int:
        return sum(tokens for _, tokens in self.blocks)


def _measured(section: Section, url: str, markup: Markup, window: _Window) -> _Measured:
    if markup == "plain":
        blocks = section.blocks
    else:
        blocks = [
            block if block.kind == "code" else Block(block.kind, resolve_links(block.text, url))
            for block in section.blocks
        ]
    return _Measured(section, [(block, window.measure(block.text)) for block in blocks])


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
        return sum(tokens for _, tokens in self._blocks) <= self._window.room(self._label)

    def texts(self) -> list[str]:
        """The texts of the group's chunks."""
        room = self._window.room(self._label)
        while True:
            texts = list(_packed(self._blocks, room, self._window.measure))
            if room <= 1 or all(map(self._holds, texts)):
                return texts
            room = int(room * _TIGHTER)

    def chunk(self, document: Document, text: str, markup: Markup) -> Chunk:
        """A chunk at position 0 with `text`."""
        if markup == "markdown":
            path = self.members[0].section.path
            url = at_heading(document.url, path[-1].slug if path else None)
        else:
            url = at_words(document.url, text, markdown=markup == "html")
        return self._chunk(document, text, url)

    def _chunk(self, document: Document, text: str, url: str) -> Chunk:
        return Chunk(
            team_id=document.team_id,
            source_id=document.source_id,
            document_id=document.id,
            position=0,
            title=self._label.title,
            heading_path=self._label.headings,
            text=text,
            url=url,
            readers=document.readers,
            updated_at=document.updated_at,
            author=document.author,
        )

    def _holds(self, text: str) -> bool:
        indexed = "\n".join(filter(None, (self._label.text, text)))
        return self._window.count_tokens(indexed) <= self._window.max_tokens

    def _titled_blocks(self) -> Iterator[tuple[Block, int]]:
        """The blocks of all members; below the common headings, each member's own ones come first, as lines."""
        before = self._path
        for member in self.members:
            path = member.section.path
            for heading in path[_shared(before, path) :]:
                line = f"{'#' * heading.level} {heading.title}"
                yield Block("text", line), self._window.measure(line)
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
    if _shared(first.path, added.path) < len(first.path) - 1:
        return None
    joined = _Group([*group.members, *members], window)
    return joined if joined.fits else None


def _common(members: Sequence[Section]) -> tuple[Heading, ...]:
    path = members[0].path
    for member in members[1:]:
        path = path[: _shared(path, member.path)]
    return path


def _shared(path: tuple[Heading, ...], other: tuple[Heading, ...]) -> int:
    """How many headings, from the outermost on, the two paths have in common."""
    differs = (at for at, (one, two) in enumerate(zip(path, other, strict=False)) if one != two)
    return next(differs, min(len(path), len(other)))


def _packed(blocks: Sequence[tuple[Block, int]], room: int, measure: Measure) -> Iterator[str]:
    """The blocks in order, as many together as fit in `room` tokens; a block too long alone is cut."""
    held: list[tuple[str, int]] = []
    for block, length in blocks:
        parts = [(block.text, length)]
        if length > room:
            parts = [(piece, measure(piece)) for piece in split_block(block, room, measure)]
        for text, tokens in parts:
            if held and _total(held) + tokens > room:
                lead = [held.pop()] if _leads_in(held, room - tokens) else []
                yield _text(held)
                held = lead
            held.append((text, tokens))
    if held:
        yield _text(held)


def _leads_in(held: Sequence[tuple[str, int]], room: int) -> bool:
    """Whether the last part announces what comes next ("You need:") and can go along with it."""
    text, tokens = held[-1]
    return len(held) > 1 and text.endswith(":") and tokens <= room


def _total(parts: Sequence[tuple[str, int]]) -> int:
    return sum(tokens for _, tokens in parts)


def _text(parts: Sequence[tuple[str, int]]) -> str:
    return "\n\n".join(text for text, _ in parts)
