"""The operations of a Qdrant server that the index is made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from qdrant_client.models import (
    DeleteOperation,
    Filter,
    FilterSelector,
    OverwritePayloadOperation,
    PointsList,
    PointStruct,
    SetPayload,
    SetPayloadOperation,
    SparseVector,
    UpdateResult,
    UpdateStatus,
    UpsertOperation,
)

from rag.adapters.payload import to_payload
from rag.adapters.sparse import Terms
from rag.domain import Chunk
from rag.errors import IndexUnavailable


def upserting(points: list[PointStruct]) -> UpsertOperation:
    return UpsertOperation(upsert=PointsList(points=points))


def overwriting(chunk: Chunk, marks: Mapping[str, int]) -> OverwritePayloadOperation:
    """All but the vectors of a chunk that is there."""
    payload = {**to_payload(chunk), **marks}
    return OverwritePayloadOperation(overwrite_payload=SetPayload(payload=payload, points=[chunk.point_id]))


def setting(scope: Filter, fields: Mapping[str, Any]) -> SetPayloadOperation:
    """New values for these fields of all that is in scope."""
    return SetPayloadOperation(set_payload=SetPayload(payload=dict(fields), filter=scope))


def deleting(scope: Filter) -> DeleteOperation:
    return DeleteOperation(delete=FilterSelector(filter=scope))


def sparse_vector(terms: Terms) -> SparseVector:
    return SparseVector(indices=terms.indices, values=terms.values)


def check(results: Sequence[UpdateResult]) -> None:
    """Raises IndexUnavailable when the server did not complete an operation."""
    if any(result.status is not UpdateStatus.COMPLETED for result in results):
        raise IndexUnavailable("The index server took a change but did not complete it in time.")
