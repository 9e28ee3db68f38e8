"""The index on a Qdrant server or cluster, through its REST interface."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import ceil
from threading import Lock
from typing import Any, Self

from qdrant_client import QdrantClient
from qdrant_client.models import (
    DeleteOperation,
    ExtendedPointId,
    Filter,
    FilterSelector,
    OverwritePayloadOperation,
    PointsList,
    PointStruct,
    QueryRequest,
    Record,
    ScoredPoint,
    SetPayload,
    SparseVector,
    UpdateOperation,
    UpdateResult,
    UpdateStatus,
    UpsertOperation,
)

from rag.adapters import qdrant_filter as having
from rag.adapters.identity import Identity
from rag.adapters.payload import check_one_document, from_payload, ranked, to_payload, to_stored
from rag.adapters.qdrant_collection import DENSE, SPARSE, open_collection, server_errors
from rag.adapters.sparse import Terms, TermWeights
from rag.domain import Audience, Chunk, Embedding, Passage
from rag.errors import IndexUnavailable
from rag.ports import Embedder, Hits, Stored, Write

_PAGE_CHUNKS = 1000
"""Chunks per request: with vectors about 10 MB, of the 32 MB that a server takes by default."""


class QdrantIndex:
    """An `Index` that any number of processes share.

    `replace` is one request of two or three operations that the server does one after the other: a reader can meet
    them half-way for some milliseconds, with the new chunks there and the old ones not yet gone. Of a document with
    over a thousand new chunks, the first ones go ahead in requests of their own.
    """

    def __init__(self, client: QdrantClient, collection: str, turns: AbstractContextManager[Any]) -> None:
        self._client = client
        self._collection = collection
        self._turns = turns
        self._terms = TermWeights()

    @classmethod
    def connect(
        cls, url: str, *, api_key: str | None, collection: str, embedder: Embedder, timeout_seconds: float
    ) -> Self:
        """Opens the collection at the server, creating it where there is none.

        Raises EmbeddingMismatch when it was built with another model, ConfigError when the server does not let us in,
        IndexUnavailable when it does not answer within `timeout_seconds`.
        """
        with server_errors():
            client = QdrantClient(
                url=url, api_key=api_key, timeout=ceil(timeout_seconds), check_compatibility=False
            )
        try:
            open_collection(client, collection, Identity.of(embedder), indexed=True)
        except BaseException:
            client.close()
            raise
        return cls(client, collection, nullcontext())

    @classmethod
    def in_memory(cls, client: QdrantClient, *, collection: str, embedder: Embedder) -> Self:
        """Over a client in local mode, for tests: it is not thread-safe, so that calls take turns."""
        open_collection(client, collection, Identity.of(embedder), indexed=False)
        return cls(client, collection, Lock())

    def search(self, text: str, vector: Embedding, *, audience: Audience, limit: int) -> Hits:
        if not audience.readers:
            return Hits(dense=(), sparse=())
        readable = having.readable_by(audience)
        terms = self._terms.of_query(text)
        with self._working():
            dense, sparse = self._both(vector, terms, readable, limit)
            cosines = {hit.id: hit.score for hit in dense}
            if missing := [str(hit.id) for hit in sparse if hit.id not in cosines]:
                cosines |= self._cosines(vector, having.among(readable, missing), len(missing))
        chunks = {hit.id: _chunk(hit) for hit in (*dense, *sparse)}
        return Hits(
            *(
                ranked((chunks[hit.id], hit.score, cosines.get(hit.id)) for hit in hits)
                for hits in (dense, sparse)
            )
        )

    def around(self, passage: Passage, *, audience: Audience, reach: int) -> list[Chunk]:
        if not audience.readers:
            return []
        found = passage.chunk
        scope = having.both(
            having.readable_by(audience),
            having.owned_by(found.team_id, found.source_id, found.document_id),
        )
        near = having.between(scope, found.position - reach, found.position + reach)
        return sorted(map(_chunk, self._scroll(near)), key=lambda chunk: chunk.position)

    def stored(self, team_id: str, source_id: str, document_id: str) -> Mapping[str, Stored]:
        records = self._scroll(
            having.owned_by(team_id, source_id, document_id), fields=["fingerprint", "payload_hash"]
        )
        return {str(record.id): to_stored(record.payload or {}) for record in records}

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
        points = [self._point(write.chunk, write.vector) for write in writes if write.vector is not None]
        kept = [write.chunk for write in writes if write.vector is None]
        operations: list[UpdateOperation] = [_overwriting(chunk) for chunk in kept]
        if gone := {*removed} - {write.chunk.point_id for write in writes}:
            operations.append(_deleting(having.among(having.owned_by(team_id, source_id, document_id), gone)))
        with self._working():
            self._require(kept)
            while len(points) > _PAGE_CHUNKS:  # a document of a thousand pages
                page, points = points[:_PAGE_CHUNKS], points[_PAGE_CHUNKS:]
                self._update([_upserting(page)])
            self._update([*([_upserting(points)] if points else []), *operations])

    def delete_document(self, team_id: str, source_id: str, document_id: str) -> None:
        with self._working():
            self._update([_deleting(having.owned_by(team_id, source_id, document_id))])

    def delete_source(self, team_id: str, source_id: str) -> None:
        with self._working():
            self._update([_deleting(having.owned_by(team_id, source_id))])

    def document_ids(self, team_id: str, source_id: str) -> frozenset[str]:
        source = having.owned_by(team_id, source_id)
        with self._working():
            chunks = self._client.count(self._collection, count_filter=source, exact=True).count
            facets = self._client.facet(
                self._collection, "document_id", facet_filter=source, limit=max(chunks, 1), exact=True
            )
        return frozenset(str(facet.value) for facet in facets.hits)

    def count(self, team_id: str, source_id: str | None = None) -> int:
        scope = having.owned_by(team_id, source_id)
        with self._working():
            return self._client.count(self._collection, count_filter=scope, exact=True).count

    def ping(self) -> None:
        with self._working():
            self._client.get_collection(self._collection)

    def close(self) -> None:
        with self._working():
            self._client.close()

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._turns, server_errors():
            yield

    def _both(
        self, vector: Embedding, terms: Terms, readable: Filter, limit: int
    ) -> tuple[list[ScoredPoint], list[ScoredPoint]]:
        """The nearest and the matching points in one request."""
        queries: dict[str, list[float] | SparseVector] = {DENSE: [*vector]}
        if terms.indices:
            queries[SPARSE] = _sparse(terms)
        requests = [
            QueryRequest(query=query, using=using, filter=readable, limit=limit, with_payload=True)
            for using, query in queries.items()
        ]
        dense, *sparse = self._client.query_batch_points(self._collection, requests)
        return dense.points, [point for reply in sparse for point in reply.points]

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

    def _scroll(self, scope: Filter, fields: list[str] | None = None) -> list[Record]:
        records: list[Record] = []
        offset: Any = None
        with self._working():
            while True:
                page, offset = self._client.scroll(
                    self._collection,
                    scroll_filter=scope,
                    limit=_PAGE_CHUNKS,
                    offset=offset,
                    with_payload=True if fields is None else fields,
                )
                records += page
                if offset is None:
                    return records

    def _point(self, chunk: Chunk, vector: Embedding) -> PointStruct:
        terms = _sparse(self._terms.of_document(chunk.indexed_text))
        return PointStruct(
            id=chunk.point_id, vector={DENSE: [*vector], SPARSE: terms}, payload=to_payload(chunk)
        )

    def _require(self, kept: Sequence[Chunk]) -> None:
        """Makes sure, before anything is written, that the chunks are there whose vectors are to stay."""
        if kept:
            ids = [chunk.point_id for chunk in kept]
            found = self._client.retrieve(self._collection, ids, with_payload=False)
            if missing := len(ids) - len(found):
                raise IndexUnavailable(
                    f"{missing} chunks to keep are gone from the index; sync the document again."
                )

    def _update(self, operations: list[UpdateOperation]) -> None:
        """Does the operations in their order and returns when they are done, not only taken."""
        if operations:
            _check(self._client.batch_update_points(self._collection, operations, wait=True))


def _check(results: Sequence[UpdateResult]) -> None:
    if any(result.status is not UpdateStatus.COMPLETED for result in results):
        raise IndexUnavailable("The index server took a change but did not complete it in time.")


def _upserting(points: list[PointStruct]) -> UpsertOperation:
    return UpsertOperation(upsert=PointsList(points=points))


def _overwriting(chunk: Chunk) -> OverwritePayloadOperation:
    return OverwritePayloadOperation(
        overwrite_payload=SetPayload(payload=to_payload(chunk), points=[chunk.point_id])
    )


def _deleting(scope: Filter) -> DeleteOperation:
    return DeleteOperation(delete=FilterSelector(filter=scope))


def _sparse(terms: Terms) -> SparseVector:
    return SparseVector(indices=terms.indices, values=terms.values)


def _chunk(record: Record | ScoredPoint) -> Chunk:
    return from_payload(record.payload or {})
