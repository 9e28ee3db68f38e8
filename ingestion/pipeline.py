"""A source into the index: only what changed is read, only what is new is embedded.

Per document, in this order: its chunks are replaced in the index in one step, then it is written into the catalogue.
Whatever is cut short between the two is done again by the next sync and comes out the same. The index is believed
where the two differ: a document that the catalogue knows and the index has lost is read again, one that only the
index holds is deleted with those that are gone.

What becomes of old chunks when a document
- is gone from the source: deleted;
- has a new version that cannot be read (`DocumentUnreadable`): deleted, since answers would quote what the link no
  longer shows. Not found is better than not true. It is tried again when it changes;
- cannot be fetched at the moment (`SourceUnavailable` from its `read`), or lies in a part that could not be listed:
  kept, and tried again by the next sync.

A source that suddenly shows nothing at all is taken for one that is away (a disk not mounted, a wrong right), not
for one that was emptied: nothing is deleted and the sync fails. Whoever means it removes the source.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from ingestion.catalogue import Catalogue, CataloguedDocument
from ingestion.chunking import CHUNKING, chunks_of
from ingestion.parsing import PARSING, DocumentEmpty, parse
from ingestion.registered import RegisteredSource
from ingestion.report import Progress, SyncReport
from ingestion.revising import Revision
from ingestion.sources import Original, Skipped, Source, Unlisted
from rag.domain import Chunk, Document, Embedding
from rag.errors import DocumentUnreadable, SourceUnavailable
from rag.ports import Embedder, Index

BATCH_TEXTS = 64
"""Texts embedded in one call, of as many documents as it takes."""


def sync(
    source: Source,
    registered: RegisteredSource,
    *,
    catalogue: Catalogue,
    embedder: Embedder,
    index: Index,
    progress: Callable[[Progress], None],
) -> SyncReport:
    """Bring the index to what the source holds now. One process at a time per source (see `ingestion.runs`).

    `progress` is called at least once a document and once a batch; what it raises ends the sync.
    Raises SourceUnavailable and what the ports raise; all that was done by then stays done.
    """
    return _Sync(
        source, registered, catalogue=catalogue, embedder=embedder, index=index, progress=progress
    ).run()


def remove(registered: RegisteredSource, *, catalogue: Catalogue, index: Index) -> None:
    """Take the source out: of the index, then of the catalogue. Cut short, it is completed by calling it again."""
    catalogue.retire(registered.id)
    index.delete_source(registered.team_id, registered.id)
    catalogue.drop(registered.id)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A document that is read and not yet in the index. `failure`: why it came to nothing."""

    original: Original
    title: str
    revision: Revision
    document: Document | None = None
    failure: str | None = None


class _Sync:
    """One pass over one source."""

    def __init__(
        self,
        source: Source,
        registered: RegisteredSource,
        *,
        catalogue: Catalogue,
        embedder: Embedder,
        index: Index,
        progress: Callable[[Progress], None],
    ) -> None:
        self._source = source
        self._registered = registered
        self._catalogue = catalogue
        self._embedder = embedder
        self._index = index
        self._progress = progress
        self._owner = (registered.team_id, registered.id)
        self._known = catalogue.documents(registered.id)
        self._held = index.document_ids(*self._owner)
        self._total = source.count()
        self._listed: set[str] = set()
        self._unlisted: list[str] = []
        self._pending: list[_Pending] = []
        self._report = SyncReport()

    def run(self) -> SyncReport:
        started = monotonic()
        for found in self._source.originals():
            match found:
                case Skipped():
                    self._report.skip(found.reason)
                case Unlisted():
                    self._unlisted.append(found.prefix)
                    self._report.fail(found.prefix, found.reason)
                case Original():
                    self._take(found)
                    self._tell()
        self._write_pending()
        self._delete_gone()
        self._report.chunks = self._index.count(*self._owner)
        self._report.seconds = round(monotonic() - started, 3)
        return self._report

    def _take(self, original: Original) -> None:
        if original.id in self._listed:
            self._report.fail(original.id, "is listed twice by its source")
            return
        self._listed.add(original.id)
        known = self._known.get(original.id)
        if known and self._is_settled(original, known):
            if known.failure:
                self._report.fail(original.id, known.failure)
            else:
                self._report.unchanged += 1
            return
        try:
            self._pending.append(self._read(original))
        except SourceUnavailable as error:
            self._keep_for_later(original, str(error))
        if sum(len(pending.revision.missing) for pending in self._pending) >= BATCH_TEXTS:
            self._write_pending()

    def _is_settled(self, original: Original, known: CataloguedDocument) -> bool:
        """Whether nothing that its chunks depend on has changed, and they are where they should be."""
        unchanged = (known.version, known.layout) == (original.version, self._layout(original))
        return unchanged and (original.id in self._held) == (known.chunks > 0)

    def _layout(self, original: Original) -> str:
        """Stands for all but the content that chunks depend on: code, model, address, readers."""
        facts = [
            PARSING,
            CHUNKING,
            self._embedder.name,
            self._embedder.max_tokens,
            original.url,
            sorted(self._registered.readers),
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]

    def _read(self, original: Original) -> _Pending:
        stored = self._index.stored(*self._owner, original.id)
        try:
            document, chunks = self._chunked(original)
        except DocumentEmpty as error:
            self._report.skip(f"documents where one {error}")
            return _Pending(original, original.name, Revision((), stored))
        except DocumentUnreadable as error:
            return _Pending(original, original.name, Revision((), stored), failure=str(error))
        return _Pending(original, document.title, Revision(chunks, stored), document)

    def _chunked(self, original: Original) -> tuple[Document, list[Chunk]]:
        parsed = parse(original.read(), original.name)
        document = Document(
            team_id=self._registered.team_id,
            source_id=self._registered.id,
            id=original.id,
            title=parsed.title,
            url=original.url,
            text=parsed.text,
            readers=self._registered.readers,
            updated_at=parsed.updated_at or original.updated_at,
            author=parsed.author or original.author,
        )
        chunks = chunks_of(
            document,
            markup=parsed.markup,
            count_tokens=self._embedder.count_tokens,
            max_tokens=self._embedder.max_tokens,
        )
        return document, chunks

    def _write_pending(self) -> None:
        """Embed what is missing of all pending documents together, then finish them one by one."""
        vectors = iter(self._embed([chunk for one in self._pending for chunk in one.revision.missing]))
        for pending in self._pending:
            own = [next(vectors) for _ in pending.revision.missing]
            writes, removed = pending.revision.writes(own), pending.revision.removed
            if writes or removed:
                self._index.replace(*self._owner, pending.original.id, writes=writes, removed=removed)
            self._catalogue.record(self._registered.id, self._entry(pending))
            self._count(pending)
        self._pending.clear()

    def _embed(self, chunks: list[Chunk]) -> list[Embedding]:
        vectors: list[Embedding] = []
        for start in range(0, len(chunks), BATCH_TEXTS):
            texts = [chunk.indexed_text for chunk in chunks[start : start + BATCH_TEXTS]]
            vectors += self._embedder.embed_passages(texts)
            self._report.embedded += len(texts)
            self._tell()
        return vectors

    def _entry(self, pending: _Pending) -> CataloguedDocument:
        original, document = pending.original, pending.document
        return CataloguedDocument(
            id=original.id,
            title=pending.title,
            url=original.url,
            version=original.version,
            layout=self._layout(original),
            chunks=len(pending.revision.chunks),
            updated_at=document.updated_at if document else original.updated_at,
            failure=pending.failure,
            failures=self._failures(original.id) if pending.failure else 0,
        )

    def _keep_for_later(self, original: Original, reason: str) -> None:
        """Leave the chunks as they are; a version that no original has lets the next sync try again."""
        self._report.fail(original.id, reason)
        known = self._known.get(original.id)
        entry = CataloguedDocument(
            id=original.id,
            title=known.title if known else original.name,
            url=original.url,
            version="",
            layout=known.layout if known else "",
            chunks=known.chunks if known else 0,
            updated_at=known.updated_at if known else None,
            failure=reason,
            failures=self._failures(original.id),
        )
        self._catalogue.record(self._registered.id, entry)

    def _failures(self, document_id: str) -> int:
        known = self._known.get(document_id)
        return known.failures + 1 if known else 1

    def _count(self, pending: _Pending) -> None:
        if pending.failure:
            self._report.fail(pending.original.id, pending.failure)
        elif pending.document is None:
            return
        elif pending.original.id in self._known or pending.original.id in self._held:
            self._report.changed += 1
        else:
            self._report.added += 1

    def _delete_gone(self) -> None:
        before = self._known.keys() | self._held
        if before and not self._listed and not self._report.skipped:
            raise SourceUnavailable(
                f"The source shows no documents at all, though it had {len(before)}: nothing was deleted. "
                "If it was emptied on purpose, remove the source."
            )
        kept = tuple(self._unlisted)
        for document_id in sorted(before - self._listed):
            if document_id.startswith(kept):
                continue
            self._index.delete_document(*self._owner, document_id)
            self._catalogue.forget(self._registered.id, [document_id])
            self._report.deleted += 1
            self._tell()

    def _tell(self) -> None:
        self._progress(
            Progress(documents=len(self._listed), total=self._total, embedded=self._report.embedded)
        )
