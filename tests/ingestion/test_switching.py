"""Several processes on one server: what one of them switches to, the others follow, with index and model as one."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import ClassVar, Self

import pytest

from ingestion.performing import perform
from ingestion.registered import RegisteredSource
from ingestion.runs import ALL_SOURCES
from ingestion.syncing import Tools
from rag.adapters.qdrant_generations import QdrantGenerations
from rag.database import open_database
from rag.domain import Question
from rag.serving import Serving
from tests.ingestion.fakes import WordEmbedder
from tests.ingestion.test_rebuilding import TEXTS, pages
from tests.ingestion.tooling import MEMBERS, serving_of, tools_with
from tests.qdrant_server import Engine, handler

ROOT = Path(__file__).parents[2]
SECONDS = 5.0  # about one, on a machine that has nothing else to do


class HastyGenerations(QdrantGenerations):
    """Gives the other processes less time than they have in earnest, though more than the second in which they look."""

    grace_seconds: ClassVar[float] = 2.0


class ImpatientGenerations(QdrantGenerations):
    """Gives the other processes no time at all."""

    grace_seconds: ClassVar[float] = 0.0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(Engine(), ""))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def model(name: str) -> WordEmbedder:
    """The vectors of one fit into no index of the other."""
    embedder = WordEmbedder(name=name)
    embedder.dimensions = {"old": 8, "new": 12}[name]
    return embedder


Opened = Callable[..., Tools]


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Opened]:
    """What a process has that starts with a model; all of one test share server and database."""
    collection = f"t{uuid.uuid4().hex[:8]}"
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    connected: list[QdrantGenerations] = []

    def start(name: str, kind: type[QdrantGenerations] = HastyGenerations) -> Tools:
        generations = kind.connect(url, api_key=None, collection=collection, timeout_seconds=10)
        connected.append(generations)
        serving = serving_of(generations, model(name), load=lambda it: model(it.model))
        return tools_with(engine, serving, tmp_path)

    yield start
    for generations in connected:
        generations.close()
    engine.dispose()


def synced(tools: Tools, folder: Path) -> RegisteredSource:
    source = tools.catalogue.add_source("docs", kind="folder", location=str(folder), readers=["members"])
    perform(tools.runs.request(source.id, "sync", "test").id, owner="w", tools=tools)
    return source


def rebuild(tools: Tools) -> None:
    run = tools.runs.request(ALL_SOURCES, "rebuild", "test")
    perform(run.id, owner=uuid.uuid4().hex, tools=tools)
    finished = tools.runs.get(run.id)
    assert finished is not None
    assert (finished.state, finished.error) == ("done", None)


def answer(serving: Serving) -> tuple[str, frozenset[str]]:
    """The model that answered, and the texts that it found."""
    name, *texts = serving.answer(Question("words", MEMBERS)).text.split("\n")
    return name, frozenset(texts)


class Asking:
    """Asks twenty times a second, in two threads, until the block ends."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._done = Event()
        self._pool = ThreadPoolExecutor(2)
        self.answers: list[tuple[str, frozenset[str]]] = []

    def __enter__(self) -> Self:
        self._asking = [self._pool.submit(self._ask) for _ in range(2)]
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for asking in self._asking:
            asking.result()  # raises what a question raised
        self._pool.shutdown()

    def _ask(self) -> None:
        while not self._done.wait(0.1):
            self.answers.append(answer(self._serving))

    @property
    def models(self) -> list[str]:
        return [name for name, _ in self.answers]


@pytest.mark.parametrize("kind", [HastyGenerations, ImpatientGenerations])
def test_a_switch_is_followed_with_index_and_model_as_one(
    opened: Opened, tmp_path: Path, kind: type[QdrantGenerations]
) -> None:
    one = opened("old", kind)
    synced(one, pages(tmp_path / "docs"))
    other = opened("old", kind)
    with Asking(other.serving) as asking:
        sleep(0.3)
        rebuild(opened("new", kind))
        switched_at = monotonic()
        while asking.models[-1] != "new":
            assert monotonic() - switched_at < SECONDS
            sleep(0.02)
        sleep(0.3)
    assert {texts for _, texts in asking.answers} == {frozenset(TEXTS)}, "never an error, never empty"
    assert (asking.models[0], *asking.models[-2:]) == ("old", "new", "new")


def test_a_model_that_takes_long_to_load_costs_no_answer(opened: Opened, tmp_path: Path) -> None:
    """The old index is dropped long before the other process has loaded the model of the new one."""
    one = opened("old", ImpatientGenerations)
    synced(one, pages(tmp_path / "docs"))
    other = opened("old", ImpatientGenerations)
    loading = Event()

    def load(_: object) -> WordEmbedder:
        loading.set()
        sleep(1.5)
        return model("new")

    other.serving._load = load
    with Asking(other.serving) as asking:
        rebuild(opened("new", ImpatientGenerations))
        assert loading.wait(SECONDS)
        sleep(2)
    assert {texts for _, texts in asking.answers} == {frozenset(TEXTS)}
    assert asking.models[-1] == "new"


def test_what_was_dropped_is_not_made_again_by_who_comes_late(opened: Opened, tmp_path: Path) -> None:
    one = opened("old", ImpatientGenerations)
    synced(one, pages(tmp_path / "docs"))
    late = opened("old", ImpatientGenerations).serving.generations
    serving = late.serving()
    rebuild(opened("new", ImpatientGenerations))
    assert serving is not None
    late._open.clear()  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="replaced meanwhile"):
        late.index(serving)
    assert (late.building(), one.serving.generations.building()) == (None, None)


_PROGRAM = """
import sys
from pathlib import Path
from rag.database import open_database
from tests.ingestion.test_switching import HastyGenerations, model, rebuild
from tests.ingestion.tooling import serving_of, tools_with
url, collection, folder = sys.argv[1:]
generations = HastyGenerations.connect(url, api_key=None, collection=collection, timeout_seconds=10)
serving = serving_of(generations, model("new"), load=lambda it: model(it.model))
rebuild(tools_with(open_database(f"sqlite:///{folder}/footnote.db"), serving, Path(folder)))
print("done", flush=True)
"""


def test_a_switch_by_another_process_is_followed(opened: Opened, tmp_path: Path, url: str) -> None:
    tools = opened("old")
    synced(tools, pages(tmp_path / "docs"))
    collection = tools.serving.generations._collection  # type: ignore[attr-defined]
    command = [sys.executable, "-c", _PROGRAM, url, collection, str(tmp_path)]
    with (
        Asking(tools.serving) as asking,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child,
    ):
        assert child.communicate(timeout=60)[0] == b"done\n"
        sleep(0.3)
    assert {texts for _, texts in asking.answers} == {frozenset(TEXTS)}
    assert (asking.models[0], *asking.models[-2:]) == ("old", "new", "new")
