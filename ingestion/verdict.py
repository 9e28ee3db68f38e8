"""What becomes of a document that was looked at: of its chunks in the index, and of its entry in the catalogue. Pure.

Its old chunks, when a new version of it
- was read: replaced;
- cannot be read (`DocumentUnreadable`): deleted, since answers would quote what the link no longer shows. Not found is
  better than not true. It is tried again when it changes;
- could not be read this time (`ReadingCutShort`): kept and tried again by the next syncs, TRIES times in all, then
  deleted like the unreadable ones;
- could not be fetched (`SourceUnavailable`): kept and tried again for ever, TRIES times a day: a service that was away
  for a day says nothing about the document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from ingestion.catalogue import CataloguedDocument
from ingestion.parsing import DocumentEmpty
from ingestion.reading import Reading, ReadingCutShort
from ingestion.reading_ahead import Read, Unread
from ingestion.registered import RegisteredSource
from ingestion.revising import Revision
from ingestion.sources import Original
from ingestion.stock import TRIES, UNSETTLED, Stock
from rag.domain import Chunk
from rag.errors import SourceUnavailable
from rag.ports import Stored


@dataclass(frozen=True, slots=True)
class Verdict:
    """`entry` is for the catalogue once `revision` is in the index; without one the chunks stay as they are.

    `skipped`: why it is no document. `masked` counts the secrets in it. `alone`: it may take the process down, so
    nothing else is written with it.
    """

    original: Original
    entry: CataloguedDocument
    revision: Revision | None
    skipped: str | None = None
    masked: Mapping[str, int] = field(default_factory=dict)
    alone: bool = False

    @property
    def missing(self) -> Sequence[Chunk]:
        """The chunks that need a vector."""
        return self.revision.missing if self.revision else ()

    @property
    def chunks(self) -> Sequence[Chunk]:
        """The chunks that the index is to hold."""
        return self.revision.chunks if self.revision else ()

    @property
    def is_for_good(self) -> bool:
        return self.entry.layout != UNSETTLED

    def for_readers(self, readers: frozenset[str]) -> Self:
        return replace(self, revision=self.revision and self.revision.for_readers(readers))


def verdict(found: Read | Unread, registered: RegisteredSource, stock: Stock) -> Verdict:
    """What becomes of it, given what there was."""
    stored = stock.stored(found.original)
    if isinstance(found, Read):
        return _read(found, registered, stock, stored)
    return _unread(found, stock, stored)


def attempt(original: Original, stock: Stock) -> CataloguedDocument:
    """The entry while a document is being indexed: should the process end now, that was one more try."""
    known = stock.known.get(original.id)
    return CataloguedDocument(
        id=original.id,
        title=known.title if known else original.name,
        url=original.url,
        version=original.version,
        layout=UNSETTLED,
        chunks=known.chunks if known else 0,
        updated_at=known.updated_at if known else original.updated_at,
        failure=None,
        failures=stock.tries(original) + 1,
    )


def _read(found: Read, registered: RegisteredSource, stock: Stock, stored: Mapping[str, Stored]) -> Verdict:
    original, reading = found.original, found.reading
    chunks = _chunks(original, reading, registered)
    entry = CataloguedDocument(
        id=original.id,
        title=reading.title,
        url=original.url,
        version=original.version,
        layout=stock.layout(original),
        chunks=len(chunks),
        updated_at=reading.updated_at or original.updated_at,
    )
    return Verdict(
        original, entry, Revision(chunks, stored), masked=reading.masked, alone=stock.is_suspect(original)
    )


def _unread(found: Unread, stock: Stock, stored: Mapping[str, Stored]) -> Verdict:
    original, error = found.original, found.error
    entry = replace(attempt(original, stock), failure=str(error))
    entry = replace(entry, chunks=len(stored) or entry.chunks)  # a rebuild carries over what is not read
    may_help = isinstance(error, ReadingCutShort | SourceUnavailable)
    if may_help and entry.failures < TRIES:
        return Verdict(original, entry, None)
    if isinstance(error, SourceUnavailable):
        failure = f"{error}; tried {TRIES} times, and again tomorrow"
        return Verdict(original, replace(entry, failure=failure, layout=stock.layout_today(original)), None)
    if may_help:
        entry = replace(
            entry, failure=f"gave up after {TRIES} tries: {error}; it is tried again when it changes"
        )
    entry = replace(entry, layout=stock.layout(original))
    gone, entry = Revision((), stored), replace(entry, chunks=0)
    if isinstance(error, DocumentEmpty):
        entry = replace(entry, title=original.name, failure=None, failures=0)
        return Verdict(original, entry, gone, skipped=f"documents where one {error}")
    return Verdict(original, entry, gone)


def _chunks(original: Original, reading: Reading, registered: RegisteredSource) -> list[Chunk]:
    return [
        Chunk(
            team_id=registered.team_id,
            source_id=registered.id,
            document_id=original.id,
            position=position,
            title=part.title,
            heading_path=part.heading_path,
            text=part.text,
            url=part.url,
            readers=registered.readers,
            updated_at=reading.updated_at or original.updated_at,
            author=reading.author or original.author,
            repeat=part.repeat,
            review_at=original.review_at,
        )
        for position, part in enumerate(reading.slices)
    ]
