"""What runs are performed with, in tests: the real indexes with a small model, and reading in this process."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.rebuilding import INDEX_VERSION
from ingestion.runs import Runs
from ingestion.syncing import Tools
from rag.adapters.identity import Identity
from rag.domain import Answer, Audience, Outcome, Question
from rag.drafting import Show
from rag.explaining import Explanation
from rag.generations import Generation, Generations
from rag.ports import Embedder, Index
from rag.serving import Serving
from rag.settings import Settings, StorageSettings
from tests.ingestion.fakes import OpenReader, Workbench

TEAM = "T1"
MEMBERS = Audience(TEAM, frozenset({"members"}))


class OneGeneration:
    """`Generations` of an index that somebody else opened, and that is never replaced."""

    grace_seconds: ClassVar[float] = 0.0

    def __init__(self, index: Index, identity: Identity) -> None:
        self._index = index
        self._only = Generation(1, identity)

    def serving(self) -> Generation | None:
        return self._only

    def building(self) -> Generation | None:
        return None

    def index(self, generation: Generation) -> Index:
        return self._index

    def begin(self, identity: Identity, made_for: str) -> Generation:
        raise AssertionError("nothing is rebuilt here")

    def switch(self) -> None: ...

    def discard(self) -> None: ...

    def tidy(self) -> None: ...

    def close(self) -> None: ...


class Quoting:
    """Answers with the texts found, one a line; its index and its model are told apart by what they find."""

    def __init__(self, embedder: Embedder, index: Index) -> None:
        self._embedder = embedder
        self._index = index

    def answer(self, question: Question, show: Show | None = None) -> Answer:
        vector = self._embedder.embed_query(question.text)
        hits = self._index.search(question.text, vector, audience=question.audience, limit=50)
        texts = sorted(passage.chunk.text for passage in hits.dense)
        return Answer("\n".join([self._embedder.name, *texts]), Outcome.ANSWERED)

    def explain(self, question: Question, beside: Audience | None = None) -> Explanation:
        return Explanation(question.text, (), 1, (), self.answer(question), None)


def serving_of(
    generations: Generations,
    embedder: Embedder,
    *,
    chunking: int = INDEX_VERSION,
    load: Callable[[Identity], Embedder] | None = None,
) -> Serving:
    wanted = Identity.of(embedder, chunking=chunking, model=embedder.name)
    return Serving(generations, embedder, wanted, load=load or (lambda _: embedder), wire=Quoting)


def tools_of(
    workbench: Workbench, folder: Path, index: Index | None = None, embedder: Embedder | None = None
) -> Tools:
    """Over the workbench's parts; `index` and `embedder` in place of its own."""
    model = embedder or workbench.embedder
    identity = Identity.of(model, chunking=INDEX_VERSION, model=model.name)
    generations = OneGeneration(index or workbench.index, identity)
    return tools_with(workbench.engine, serving_of(generations, model), folder, workbench.reader)


def tools_with(engine: Engine, serving: Serving, folder: Path, reader: OpenReader | None = None) -> Tools:
    settings = Settings(storage=StorageSettings(data_dir=folder))
    return Tools(
        settings,
        engine,
        Runs(engine, TEAM),
        Catalogue(engine, TEAM),
        serving,
        reader=lambda *_: nullcontext(reader or OpenReader()),
    )
