"""The index on a Qdrant server or cluster, through its REST interface."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import ceil
from threading import Lock
from time import monotonic, time_ns
from typing import Any, Self, TypeVar

import numpy as np
from qdrant_client import QdrantClient
from qdrant_client.models import (
    ExtendedPointId,
    Filter,
    PointStruct,
    QueryRequest,
    Record,
    ScoredPoint,
    UpdateOperation,
)

from rag.adapters import qdrant_filter as having
from rag.adapters.identity import Identity
from rag.adapters.payload import (
    batched,
    check_one_document,
    checked_readers,
    from_payload,
    ranked,
    to_payload,
    to_stored,
)
from rag.adapters.qdrant_collection import DENSE, SPARSE, TOKENS, open_collection, server_errors
from rag.adapters.qdrant_note import ENTERED, LEFT, Note, note_id, note_of_readers, of_team, seen, version_of
from rag.adapters.qdrant_operations import check, deleting, overwriting, setting, sparse_vector, upserting
from rag.adapters.sparse import Terms, TermWeights
from rag.domain import EVERYWHERE, Audience, Chunk, Embedding, Passage, Scope
from rag.errors import IndexUnavailable
from rag.ports import Embedder, Hits, Stored, TokenVectors, Write

Read = TypeVar("Read")

_PAGE_CHUNKS = 1000
"""Chunks per request: with vectors about 10 MB, of the 32 MB that a server takes by default."""

_MOST_VALUES = 500
"""Values in one condition."""


class QdrantIndex:
    """An `Index` that any number of processes share; one at a time works on a source.

    Why no reader meets a document between its old and its new chunks stands in `qdrant_note`.
    """

    def __init__(
        self,
        client: QdrantClient,
        collection: str,
        *,
        turns: AbstractContextManager[Any],
        timeout_seconds: float,
        close: Callable[[], None],
        holds_tokens: bool = False,
    ) -> None:
        self.holds_tokens = holds_tokens
        self._stored = [DENSE, TOKENS] if holds_tokens else [DENSE]
        self._client = client
        self._collection = collection
        self._turns = turns
        self._timeout_seconds = timeout_seconds
        self._close = close
        self._terms = TermWeights()
        self._last: dict[str, list[Note]] = {}

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        api_key: str | None,
        collection: str,
        embedder: Embedder,
        timeout_seconds: float,
        tokens: bool = False,
    ) -> Self:
        """Opens the collection at the server, creating it where there is none.

        Raises EmbeddingMismatch when it was built with another model, ConfigError when the server does not let us in,
        IndexUnavailable when it does not answer within `timeout_seconds`.
        """
        client = connected(url, api_key=api_key, timeout_seconds=timeout_seconds)
        try:
            open_collection(client, collection, Identity.of(embedder, tokens=tokens), indexed=True)
        except BaseException:
            client.close()
            raise
        return cls(
            client,
            collection,
            turns=nullcontext(),
            timeout_seconds=timeout_seconds,
            close=client.close,
            holds_tokens=tokens,
        )

    @classmethod
    def within(
        cls, client: QdrantClient, collection: str, identity: Identity, *, timeout_seconds: float
    ) -> Self:
        """As `connect`, over a client that the caller closes."""
        open_collection(client, collection, identity, indexed=True)
        return cls(
            client,
            collection,
            turns=nullcontext(),
            timeout_seconds=timeout_seconds,
            close=lambda: None,
            holds_tokens=identity.tokens,
        )

    @classmethod
    def in_memory(
        cls, client: QdrantClient, *, collection: str, embedder: Embedder, tokens: bool = False
    ) -> Self:
        """Over a client in local mode, for tests: it is not thread-safe, so that calls take turns."""
        open_collection(client, collection, Identity.of(embedder, tokens=tokens), indexed=False)
        return cls(
            client,
            collection,
            turns=Lock(),
            timeout_seconds=10,
            close=client.close,
            holds_tokens=tokens,
        )

    def search(
        self, text: str, vector: Embedding, *, audience: Audience, limit: int, scope: Scope = EVERYWHERE
    ) -> Hits:
        if not audience.readers:
            return Hits(dense=(), sparse=())
        terms = self._terms.of_query(text)
        dense, sparse, cosines = self._steadily(
            audience.team_id,
            having.within(scope, having.readable_by(audience)),
            lambda readable: self._found(vector, terms, readable, limit),
        )
        chunks = {hit.id: _chunk(hit) for hit in (*dense, *sparse)}
        return Hits(
            *(
                ranked((chunks[hit.id], hit.score, cosines.get(hit.id)) for hit in hits)
                for hits in (dense, sparse)
            )
        )

    def interactions(self, asked: TokenVectors, passages: Sequence[Passage]) -> list[float | None]:
        ids = [passage.chunk.point_id for passage in passages]
        if not self.holds_tokens or not ids:
            return [None] * len(ids)
        with self._working():
            reply = self._client.query_points(
                self._collection,
                query=asked.tolist(),
                using=TOKENS,
                query_filter=having.only(ids),
                limit=len(ids),
                with_payload=False,
            )
        scores = {str(hit.id): hit.score / len(asked) for hit in reply.points}
        return [scores.get(point_id) for point_id in ids]

    def around(self, passage: Passage, *, audience: Audience, reach: int) -> list[Chunk]:
        if not audience.readers:
            return []
        found = passage.chunk
        scope = having.both(
            having.readable_by(audience),
            having.owned_by(found.team_id, found.source_id, found.document_id),
        )
        near = having.between(scope, max(0, found.position - reach), found.position + reach)
        records = self._records(found.team_id, near)
        return sorted(map(_chunk, records), key=lambda chunk: chunk.position)

    def stored(self, team_id: str, source_id: str, document_id: str) -> Mapping[str, Stored]:
        document = having.owned_by(team_id, source_id, document_id)
        records = self._records(team_id, document, ["fingerprint", "payload_hash"])
        return {str(record.id): to_stored(record.payload or {}) for record in records}

    def vectors(self, team_id: str, fingerprints: Collection[str]) -> Mapping[str, Embedding]:
        found: dict[str, Embedding] = {}
        for some in batched(sorted(fingerprints), _MOST_VALUES):
            scope = having.of_texts(team_id, some)
            records = self._records(team_id, scope, ["fingerprint"], vectors=[DENSE])
            found |= {(record.payload or {})["fingerprint"]: _dense(record) for record in records}
        return found

    def export(self, team_id: str, source_id: str, document_id: str) -> list[Write]:
        document = having.owned_by(team_id, source_id, document_id)
        records = self._records(team_id, document, vectors=self._stored)
        writes = [Write(_chunk(record), _dense(record), _tokens(record)) for record in records]
        return sorted(writes, key=lambda write: write.chunk.position)

    def set_readers(self, team_id: str, source_id: str, readers: Collection[str]) -> None:
        wanted = checked_readers(readers)
        others = having.read_by_others(team_id, source_id, wanted)
        with self._working():
            if self._client.count(self._collection, count_filter=others, exact=True).count:
                self._update(
                    [setting(others, {"readers": wanted}), note_of_readers(team_id, source_id).written()]
                )

    def replace(
        self,
        team_id: str,
        source_id: str,
        document_id: str,
        *,
        writes: Sequence[Write],
        removed: Sequence[str],
    ) -> None:
        check_one_document(team_id, source_id, document_id, writes)
        ids = [write.chunk.point_id for write in writes]
        document = having.owned_by(team_id, source_id, document_id)
        with self._working():
            note = self._settled(team_id, source_id)
            held = self._held(ids)
            if missing := sum(write.vector is None and write.chunk.point_id not in held for write in writes):
                raise IndexUnavailable(
                    f"{missing} chunks to keep are gone from the index; sync the document again."
                )
            self._switch(
                note,
                new=[write for write in writes if not held.get(write.chunk.point_id)],
                changed=[write for write in writes if held.get(write.chunk.point_id)],
                gone=having.among(document, {*removed} - {*ids}),
            )

    def delete_document(self, team_id: str, source_id: str, document_id: str) -> None:
        with self._working():
            note = self._settled(team_id, source_id)
            self._switch(note, gone=having.owned_by(team_id, source_id, document_id))

    def delete_source(self, team_id: str, source_id: str) -> None:
        with self._working():
            self._delete_all(Note(team_id, source_id, hidden="all"))

    def version(self, team_id: str) -> str | None:
        with self._working():
            notes = self._notes(team_id)
        if any(note.hidden != "nothing" for note in notes):
            return None
        return version_of(notes)

    def flush(self) -> None:
        """Nothing to do: the server says that it is done when a change is in its log."""

    def document_ids(self, team_id: str, source_id: str) -> frozenset[str]:
        return self._values(team_id, "document_id", having.owned_by(team_id, source_id))

    def source_ids(self, team_id: str) -> frozenset[str]:
        return self._values(team_id, "source_id", having.owned_by(team_id))

    def count(self, team_id: str, source_id: str | None = None) -> int:
        return self._steadily(team_id, having.owned_by(team_id, source_id), self._count)

    def ping(self) -> None:
        with self._working():
            self._client.get_collection(self._collection)

    def close(self) -> None:
        with self._working():
            self._close()

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._turns, server_errors():
            yield

    def _steadily(self, team_id: str, scope: Filter, read: Callable[[Filter], Read]) -> Read:
        """What `read` finds in what of the scope is to be seen, with no replacement passing meanwhile."""
        with self._working():
            deadline = monotonic() + self._timeout_seconds
            before = self._last.get(
                team_id
            )  # from the end of the last read: mostly nothing has happened since
            while monotonic() < deadline:
                notes = self._notes(team_id) if before is None else before
                found = read(seen(scope, notes))
                before = self._last[team_id] = self._notes(team_id)
                if before == notes:
                    return found
        raise IndexUnavailable("The index server changes faster than it can be read.")

    def _notes(self, team_id: str) -> list[Note]:
        records = self._pages(of_team(team_id), fields=None, vectors=None)
        return [Note.read(record.payload or {}) for record in records]

    def _settled(self, team_id: str, source_id: str) -> Note:
        """The source's note, once what was cut short is undone or completed."""
        found = self._client.retrieve(self._collection, [note_id(team_id, source_id)], with_payload=True)
        if not found:
            # Not from 0: should the source have been there before, no reader takes the new note for its old one.
            return Note(team_id, source_id, time_ns())
        note = Note.read(found[0].payload or {})
        if note.hidden == "all":
            self._delete_all(note)
        elif hidden := note.hides():
            undone = (
                setting(hidden, {"readers": [], "payload_hash": "", ENTERED: 0})
                if note.hidden == "entering"
                else deleting(hidden)
            )
            self._update([undone, Note(team_id, source_id, note.number).written()])
        return note

    def _switch(
        self, note: Note, *, new: Sequence[Write] = (), changed: Sequence[Write] = (), gone: Filter
    ) -> None:
        """From the old chunks to the new ones; what `changed` has the same text as before."""
        number = note.number + 1
        entering = Note(note.team_id, note.source_id, number, "entering")
        leaving = Note(note.team_id, note.source_id, number, "leaving")
        self._update([entering.written(), setting(gone, {LEFT: number})])
        for start in range(0, len(new), _PAGE_CHUNKS):
            page = new[start : start + _PAGE_CHUNKS]
            self._update(self._written(page, {ENTERED: number}))
        done = Note(note.team_id, note.source_id, number)
        self._update(
            [leaving.written(), deleting(leaving.marked(LEFT)), *self._written(changed, {}), done.written()]
        )

    def _delete_all(self, note: Note) -> None:
        """The note goes last: until then it hides what is left."""
        source = having.owned_by(note.team_id, note.source_id)
        notes = [note.id, note_of_readers(note.team_id, note.source_id).id]
        self._update([note.written(), deleting(source), deleting(having.only(notes))])

    def _found(
        self, vector: Embedding, terms: Terms, readable: Filter, limit: int
    ) -> tuple[list[ScoredPoint], list[ScoredPoint], dict[ExtendedPointId, float]]:
        """The nearest and the matching points in one request, and the likeness in meaning of all of them."""
        queries: dict[str, Any] = {DENSE: [*vector]}
        if terms.indices:
            queries[SPARSE] = sparse_vector(terms)
        requests = [
            QueryRequest(query=query, using=using, filter=readable, limit=limit, with_payload=True)
            for using, query in queries.items()
        ]
        replies = self._client.query_batch_points(self._collection, requests)
        dense, sparse = replies[0].points, [point for reply in replies[1:] for point in reply.points]
        cosines = {hit.id: hit.score for hit in dense}
        if missing := [str(hit.id) for hit in sparse if hit.id not in cosines]:
            cosines |= self._cosines(vector, having.among(readable, missing), len(missing))
        return dense, sparse, cosines

    def _cosines(self, vector: Embedding, scope: Filter, limit: int) -> dict[ExtendedPointId, float]:
        """Likeness in meaning of chunks that were found by their words: a few kilobytes instead of their vectors."""
        reply = self._client.query_points(
            self._collection,
            query=[*vector],
            using=DENSE,
            query_filter=scope,
            limit=limit,
            with_payload=False,
        )
        return {hit.id: hit.score for hit in reply.points}

    def _count(self, scope: Filter) -> int:
        return self._client.count(self._collection, count_filter=scope, exact=True).count

    def _values(self, team_id: str, field: str, scope: Filter) -> frozenset[str]:
        """The values that the field has in scope."""

        def read(scope: Filter) -> frozenset[str]:
            most = max(self._count(scope), 1)
            facets = self._client.facet(self._collection, field, facet_filter=scope, limit=most, exact=True)
            return frozenset(str(facet.value) for facet in facets.hits)

        return self._steadily(team_id, scope, read)

    def _records(
        self,
        team_id: str,
        scope: Filter,
        fields: list[str] | None = None,
        vectors: list[str] | None = None,
    ) -> list[Record]:
        return self._steadily(team_id, scope, lambda scope: self._pages(scope, fields, vectors))

    def _pages(self, scope: Filter, fields: list[str] | None, vectors: list[str] | None) -> list[Record]:
        records: list[Record] = []
        offset: Any = None
        while True:
            page, offset = self._client.scroll(
                self._collection,
                scroll_filter=scope,
                limit=_PAGE_CHUNKS,
                offset=offset,
                with_payload=True if fields is None else fields,
                with_vectors=vectors or False,
            )
            records += page
            if offset is None:
                return records

    def _held(self, ids: Sequence[str]) -> dict[str, bool]:
        """Those of the points that are there, and whether anybody reads them: what nobody does may enter as if new."""
        if not ids:
            return {}
        records = self._client.retrieve(self._collection, [*ids], with_payload=["readers"])
        return {str(record.id): bool((record.payload or {}).get("readers")) for record in records}

    def _written(self, writes: Sequence[Write], marks: Mapping[str, int]) -> list[UpdateOperation]:
        """The operations that store the writes; those without a vector keep the one they have."""
        points = [self._point(write, marks) for write in writes if write.vector is not None]
        kept = [overwriting(write.chunk, marks) for write in writes if write.vector is None]
        return [*([upserting(points)] if points else []), *kept]

    def _point(self, write: Write, marks: Mapping[str, int]) -> PointStruct:
        chunk = write.chunk
        vectors: dict[str, Any] = {
            DENSE: [*(write.vector or ())],
            SPARSE: sparse_vector(self._terms.of_document(chunk.indexed_text)),
        }
        if self.holds_tokens and write.tokens is not None and len(write.tokens):
            vectors[TOKENS] = write.tokens.tolist()
        return PointStruct(id=chunk.point_id, vector=vectors, payload={**to_payload(chunk), **marks})

    def _update(self, operations: list[UpdateOperation]) -> None:
        """Does the operations in their order and returns when they are done, not only taken."""
        if operations:
            check(self._client.batch_update_points(self._collection, operations, wait=True))


def connected(url: str, *, api_key: str | None, timeout_seconds: float) -> QdrantClient:
    """A client of the server; nothing is asked of it yet."""
    with server_errors():
        return QdrantClient(
            url=url, api_key=api_key, timeout=ceil(timeout_seconds), check_compatibility=False
        )


def _chunk(record: Record | ScoredPoint) -> Chunk:
    return from_payload(record.payload or {})


def _dense(record: Record) -> Embedding:
    vectors: Any = record.vector
    return list(vectors[DENSE])


def _tokens(record: Record) -> TokenVectors | None:
    vectors: Any = record.vector
    return np.asarray(vectors[TOKENS], dtype=np.float32) if TOKENS in vectors else None
