"""The same index cases over every engine: in process, the client's local mode, a server where there is one."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from rag.adapters.edge import EdgeIndex
from rag.adapters.qdrant import QdrantIndex
from rag.ports import Embedder, Index
from tests.conftest import missing
from tests.contracts.fakes import WordEmbedder

Opener = Callable[[Embedder], Index]


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def qdrant_url() -> str:
    """Where a Qdrant server for tests is, as TEST_QDRANT_URL says."""
    url = os.environ.get("TEST_QDRANT_URL")  # noqa: TID251 - which services there are is the machine's to say
    if not url:
        missing("Qdrant server", LookupError("TEST_QDRANT_URL is not set"))
    return str(url)


@pytest.fixture
def open_edge(tmp_path: Path) -> Opener:
    return lambda embedder: EdgeIndex.open(tmp_path / "index", embedder=embedder)


@pytest.fixture
def open_memory() -> Iterator[Opener]:
    client = QdrantClient(":memory:")
    yield lambda embedder: QdrantIndex.in_memory(client, collection="test", embedder=embedder)
    client.close()


@pytest.fixture
def open_server(qdrant_url: str) -> Iterator[Opener]:
    collection = f"test-{uuid.uuid4().hex}"
    yield lambda embedder: QdrantIndex.connect(
        qdrant_url, api_key=None, collection=collection, embedder=embedder, timeout_seconds=10
    )
    client = QdrantClient(url=qdrant_url)
    client.delete_collection(collection)
    client.close()


@pytest.fixture(params=["edge", "memory", "server"])
def open_index(request: pytest.FixtureRequest) -> Opener:
    """Opens the index of this test, on each engine in turn."""
    opener: Opener = request.getfixturevalue(f"open_{request.param}")
    return opener


@pytest.fixture
def index(open_index: Opener, embedder: WordEmbedder) -> Iterator[Index]:
    index = open_index(embedder)
    yield index
    index.close()
