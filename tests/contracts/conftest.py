"""The same index cases over every engine: in process, the client's local mode, a server where there is one."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from qdrant_client import QdrantClient

from evals.processes import Process
from evals.stack import ServerMissing
from rag.adapters.edge import EdgeIndex
from rag.adapters.qdrant import QdrantIndex
from rag.ports import Index
from tests.conftest import missing
from tests.contracts.fakes import WordEmbedder
from tests.qdrant_server import Engine, handler
from tests.redis_server import running_redis

Opener = Callable[..., Index]
"""Of an embedder; `tokens` says whether the vectors of tokens are held."""


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture(scope="session")
def qdrant_url() -> Iterator[str]:
    """A Qdrant server: the one that TEST_QDRANT_URL names, else the stand-in (no server comes from a package index)."""
    url = os.environ.get("TEST_QDRANT_URL")  # noqa: TID251 - which services there are is the machine's to say
    if url:
        yield url
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(Engine(), ""))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with ExitStack() as closing:
        try:
            server = closing.enter_context(running_redis(tmp_path_factory.mktemp("redis")))
        except ServerMissing as error:
            missing("Redis-protocol server", error)
            return
        yield server


@pytest.fixture
def open_edge(tmp_path: Path) -> Opener:
    return lambda embedder, tokens=False: EdgeIndex.open(tmp_path / "index", embedder=embedder, tokens=tokens)


@pytest.fixture
def open_memory() -> Iterator[Opener]:
    client = QdrantClient(":memory:")
    yield lambda embedder, tokens=False: QdrantIndex.in_memory(
        client, collection="test", embedder=embedder, tokens=tokens
    )
    client.close()


@pytest.fixture
def open_server(qdrant_url: str) -> Iterator[Opener]:
    collection = f"test-{uuid.uuid4().hex}"
    yield lambda embedder, tokens=False: QdrantIndex.connect(
        qdrant_url,
        api_key=None,
        collection=collection,
        embedder=embedder,
        timeout_seconds=10,
        tokens=tokens,
    )
    client = QdrantClient(url=qdrant_url, check_compatibility=False)
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
