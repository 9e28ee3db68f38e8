"""The collection on a Qdrant server: making it, checking that it is ours, and the server's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from qdrant_client import QdrantClient
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import UnexpectedResponse
from qdrant_client.models import (
    Datatype,
    Distance,
    HnswConfigDiff,
    IntegerIndexParams,
    IntegerIndexType,
    KeywordIndexParams,
    KeywordIndexType,
    Modifier,
    MultiVectorComparator,
    MultiVectorConfig,
    SparseVectorParams,
    VectorParams,
)

from rag.adapters.identity import Identity
from rag.errors import ConfigError, FootnoteError, IndexUnavailable

DENSE = "dense"
SPARSE = "sparse"
TOKENS = "tokens"


@contextmanager
def server_errors() -> Iterator[None]:
    """Turns whatever the client raises into IndexUnavailable. The reply's content, which may quote documents, stays out."""
    try:
        yield
    except FootnoteError:
        raise
    except ResourceExhaustedResponse as error:
        wait = float(error.retry_after_s)
        raise IndexUnavailable("The index server is busy.", retry_after_seconds=wait) from None
    except UnexpectedResponse as error:
        raise IndexUnavailable(f"The index server answered with status {error.status_code}.") from None
    except Exception as error:
        raise IndexUnavailable(f"The index server could not be used: {type(error).__name__}.") from error


@contextmanager
def refused() -> Iterator[None]:
    """Turns the server's not letting us in into ConfigError. To be used within `server_errors`."""
    try:
        yield
    except UnexpectedResponse as error:
        if error.status_code in (401, 403):
            raise ConfigError("The server at INDEX_URL refused: check INDEX_API_KEY.") from None
        raise


def open_collection(
    client: QdrantClient, collection: str, identity: Identity, *, indexed: bool, made_for: str = ""
) -> None:
    """Creates the collection where there is none and checks that it was built with the same model.

    `indexed` asks for payload indexes, which the client's local mode does not have. Raises EmbeddingMismatch,
    ConfigError when the server does not let us in, IndexUnavailable.
    """
    with server_errors():
        with refused():
            if not client.collection_exists(collection):
                _create(client, collection, identity, made_for)
            described = client.get_collection(collection)
        identity.check(described.config.metadata or {}, place=f"collection {collection}")
        if indexed:
            _index_fields(client, collection, {*described.payload_schema})


def _create(client: QdrantClient, collection: str, identity: Identity, made_for: str) -> None:
    try:
        client.create_collection(
            collection,
            vectors_config=_vectors(identity),
            sparse_vectors_config={SPARSE: SparseVectorParams(modifier=Modifier.IDF)},
            metadata=identity.record() | ({"made_for": made_for} if made_for else {}),
        )
    except (UnexpectedResponse, ValueError):
        # Another process may have made it in between.
        if not client.collection_exists(collection):
            raise


def _vectors(identity: Identity) -> dict[str, VectorParams]:
    vectors = {DENSE: VectorParams(size=identity.dimensions, distance=Distance.COSINE)}
    if identity.tokens:
        vectors[TOKENS] = VectorParams(
            size=identity.dimensions,
            distance=Distance.COSINE,
            multivector_config=MultiVectorConfig(comparator=MultiVectorComparator.MAX_SIM),
            datatype=Datatype.FLOAT16,
            # Only ever asked for a few chunks at a time: no graph, and read from the disk when they are asked for.
            hnsw_config=HnswConfigDiff(m=0),
            on_disk=True,
        )
    return vectors


def _index_fields(client: QdrantClient, collection: str, present: set[str]) -> None:
    keyword = KeywordIndexParams(type=KeywordIndexType.KEYWORD)
    number = IntegerIndexParams(type=IntegerIndexType.INTEGER, lookup=True, range=False)
    wanted: dict[str, KeywordIndexParams | IntegerIndexParams] = {
        "team_id": KeywordIndexParams(type=KeywordIndexType.KEYWORD, is_tenant=True),
        "source_id": keyword,
        "document_id": keyword,
        "readers": keyword,
        "fingerprint": keyword,
        "note_of": keyword,
        "entered": number,
        "left": number,
        "position": IntegerIndexParams(type=IntegerIndexType.INTEGER, lookup=False, range=True),
    }
    for field in wanted.keys() - present:
        client.create_payload_index(collection, field, field_schema=wanted[field], wait=True)
