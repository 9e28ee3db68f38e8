"""What was read into the index: embedded in large batches across documents, written document by document.

A batch, in this order:
1. it is noted in the catalogue that its documents are being indexed: should the process end, they are looked at again,
   those that ended it before alone, and given up after some tries;
2. the texts of which the team's index has no vector yet are embedded in one call;
3. the chunks of each document are replaced in one step, and all this is made durable;
4. its documents are written into the catalogue in one transaction.

A document of more chunks than one batch is staged: its new chunks are written batch by batch for no reader at all, so
that nobody finds them and a later attempt need not embed them again; the last step shows them all at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from ingestion.catalogue import Catalogue
from ingestion.indexing import Enriching
from ingestion.indexing.token_vectors import token_vectors
from ingestion.reading_ahead import Read, Unread
from ingestion.registered import RegisteredSource
from ingestion.report import Tally
from ingestion.revising import Revision
from ingestion.sources import Original
from ingestion.stock import Stock
from ingestion.verdict import Verdict, attempt, verdict
from rag.domain import Chunk, Embedding
from rag.errors import DatabaseUnavailable, SourceUnavailable, Transient
from rag.ports import Embedder, Index, TokenVectors, Write

BATCH_TEXTS = 256
"""Texts embedded in one call at most: so many that sorting them by length pays, and few seconds of work."""

_BATCH_CHUNKS = 2_000
_BATCH_DOCUMENTS = 256


class _Batch:
    """Documents that are written together."""

    def __init__(self, most_texts: int) -> None:
        self.documents: list[Verdict] = []
        self._most_texts = most_texts
        self._missing = 0
        self._chunks = 0

    def add(self, one: Verdict) -> None:
        self.documents.append(one)
        self._missing += len(one.missing)
        self._chunks += len(one.chunks)

    def has_room(self, one: Verdict) -> bool:
        return (
            self._missing + len(one.missing) <= self._most_texts
            and self._chunks + len(one.chunks) <= _BATCH_CHUNKS
            and len(self.documents) < _BATCH_DOCUMENTS
        )


class Writer:
    """Takes what was read and writes it in the order in which it came; nothing is sure to be written before `flush`."""

    def __init__(
        self,
        registered: RegisteredSource,
        stock: Stock,
        tally: Tally,
        *,
        catalogue: Catalogue,
        embedder: Embedder,
        index: Index,
        enriching: Enriching | None = None,
        batch_texts: int = BATCH_TEXTS,
    ) -> None:
        self._registered = registered
        self._owner = (registered.team_id, registered.id)
        self._stock = stock
        self._tally = tally
        self._catalogue = catalogue
        self._embedder = embedder
        self._index = index
        self._enriching = enriching
        self._embedded: dict[str, Embedding] = {}
        self._batch_texts = batch_texts
        self._batch = _Batch(batch_texts)

    def take(self, found: Read | Unread) -> None:
        """Write it with others, now or later."""
        new = self._enriched(verdict(found, self._registered, self._stock))
        alone = new.alone or len(new.missing) > self._batch_texts
        if alone or not self._batch.has_room(new):
            self.flush()
        self._batch.add(new)
        if alone:
            self.flush()

    def flush(self) -> None:
        """Write all that was taken."""
        batch, self._batch = self._batch.documents, _Batch(self._batch_texts)
        if not batch:
            return
        with self._readers() as readers, self._noted(batch):
            if readers != self._registered.readers:
                batch = [one.for_readers(readers) for one in batch]
            self._write(batch)
            self._index.flush()
            self._catalogue.record_all(self._registered.id, [one.entry for one in batch])
        for one in batch:
            self._count(one)
        self._embedded.clear()
        self._tally.tell()

    def _enriched(self, one: Verdict) -> Verdict:
        """The same with what is indexed beside the document's own text."""
        if self._enriching is None or one.revision is None or not one.chunks:
            return one
        chunks = self._enriching.enriched(one.chunks, embed=self._early, told=self._tally.tell)
        return replace(one, revision=replace(one.revision, chunks=chunks))

    def _early(self, chunks: Sequence[Chunk]) -> list[Embedding]:
        """The vectors of chunks that may come to be written, kept until they are."""
        self._embedded |= self._vectors(chunks)
        return [self._embedded[chunk.fingerprint] for chunk in chunks]

    @contextmanager
    def _noted(self, batch: Sequence[Verdict]) -> Iterator[None]:
        """Count a try of each document that the index is to get; not when a service was away, which says nothing of them."""
        notes = [attempt(one.original, self._stock) for one in batch if one.revision]
        self._catalogue.record_all(self._registered.id, notes)
        try:
            yield
        except Transient:
            untried = [replace(note, failures=note.failures - 1) for note in notes]
            with suppress(DatabaseUnavailable):
                self._catalogue.record_all(self._registered.id, untried)
            raise

    @contextmanager
    def _readers(self) -> Iterator[frozenset[str]]:
        """Who may read the source now. Should that change while chunks are written for them, it holds for these too."""
        readers = self._current_readers()
        yield readers
        if (later := self._current_readers()) != readers:
            self._index.set_readers(*self._owner, later)

    def _current_readers(self) -> frozenset[str]:
        source = self._catalogue.source(self._registered.id)
        if source is None or source.state == "removing":
            raise SourceUnavailable("The source was removed meanwhile.")
        return source.readers

    def _write(self, batch: Sequence[Verdict]) -> None:
        if len(batch) == 1 and len(batch[0].missing) > self._batch_texts:
            batch = [self._staged(batch[0])]
        missing = [chunk for one in batch for chunk in one.missing]
        vectors, tokens = self._vectors(missing), self._tokens(missing)
        for one in batch:
            if one.revision:
                self._replace(one.original, one.revision.writes(vectors, tokens), one.revision.removed)

    def _staged(self, one: Verdict) -> Verdict:
        """The document once all its chunks are in the index, the new ones readable for nobody."""
        original, note = one.original, attempt(one.original, self._stock)
        missing = one.missing
        for start in range(0, len(missing), self._batch_texts):
            some = missing[start : start + self._batch_texts]
            vectors, tokens = self._vectors(some), self._tokens(some)
            hidden = [
                Write(
                    replace(chunk, readers=frozenset()),
                    vectors[chunk.fingerprint],
                    tokens.get(chunk.fingerprint),
                )
                for chunk in some
            ]
            self._tally.tell()
            self._index.replace(*self._owner, original.id, writes=hidden, removed=[])
            self._index.flush()
            self._catalogue.record_all(self._registered.id, [replace(note, failures=1)])  # it gets on
        revision = Revision(one.chunks, self._index.stored(*self._owner, original.id))
        return replace(one, revision=revision)

    def _vectors(self, chunks: Sequence[Chunk]) -> Mapping[str, Embedding]:
        """By fingerprint: those that the index holds of any document of the team, the others embedded now."""
        texts = {chunk.fingerprint: chunk.indexed_text for chunk in chunks}
        early = {
            fingerprint: self._embedded[fingerprint] for fingerprint in texts if fingerprint in self._embedded
        }
        unknown = texts.keys() - early.keys()
        held = {**early, **(self._index.vectors(self._registered.team_id, unknown) if unknown else {})}
        new = {fingerprint: text for fingerprint, text in texts.items() if fingerprint not in held}
        self._tally.report.reused += len(chunks) - len(new)
        if not new:
            return held
        self._tally.tell()
        embedded = self._embedder.embed_passages([*new.values()])
        self._tally.report.embedded += len(new)
        return {**held, **dict(zip(new, embedded, strict=True))}

    def _tokens(self, chunks: Sequence[Chunk]) -> Mapping[str, TokenVectors]:
        return token_vectors(chunks, self._embedder, self._index)

    def _replace(self, original: Original, writes: Sequence[Write], removed: Sequence[str]) -> None:
        if writes or removed:
            self._tally.tell()
            self._index.replace(*self._owner, original.id, writes=writes, removed=removed)

    def _count(self, one: Verdict) -> None:
        report, document = self._tally.report, one.entry
        self._tally.documents += 1
        report.mask(one.masked)
        if one.skipped:
            report.skip(one.skipped)
        elif document.failure:
            report.fail(document.id, document.failure, for_good=one.is_for_good)
        elif document.id in self._stock.known or document.id in self._stock.held:
            report.changed += 1
        else:
            report.added += 1
