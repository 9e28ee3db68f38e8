"""A model that writes about documents, and what a sync with it works on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

import pytest

from ingestion import pipeline
from ingestion.indexing import TECHNIQUES, Enriching, Indexing
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.report import SyncReport
from rag.ports import Message
from tests.ingestion.fakes import OpenReader, Shelf, Workbench


@dataclass
class WritingModel:
    """Replies with `reply` of what it is asked, by several threads at once; what it raises is raised."""

    reply: Callable[[str], str] = lambda prompt: f"written of {len(prompt)} characters"
    prompts: list[str] = field(default_factory=list)
    name: str = "writing"
    _lock: Lock = field(default_factory=Lock)

    def complete(self, messages: Sequence[Message]) -> str:
        prompt = "\n".join(message.content for message in messages)
        with self._lock:
            self.prompts.append(prompt)
        return self.reply(prompt)

    def stream(self, messages: object) -> object:
        raise NotImplementedError

    def parse(self, messages: object, model: object) -> object:
        raise NotImplementedError

    def close(self) -> None: ...


@pytest.fixture
def model() -> WritingModel:
    return WritingModel()


@pytest.fixture
def registered(workbench: Workbench) -> RegisteredSource:
    return workbench.catalogue.add_source("handbook", kind="shelf", location="-", readers=["members"])


Sync = Callable[..., SyncReport]


@pytest.fixture
def sync(workbench: Workbench, registered: RegisteredSource, model: WritingModel) -> Sync:
    """Syncs a shelf with the named techniques."""

    def run(shelf: Shelf, *names: str) -> SyncReport:
        indexing = Indexing({name: TECHNIQUES[name]() for name in names}, model)  # type: ignore[arg-type]
        memory = Memory(workbench.engine, registered.id)
        return pipeline.sync(
            shelf,
            registered,
            catalogue=workbench.catalogue,
            reader=OpenReader(max_tokens=indexing.room(workbench.embedder)),
            embedder=workbench.embedder,
            index=workbench.index,
            progress=lambda _: None,
            enriching=Enriching(indexing, memory, workbench.embedder) if names else None,
        )

    return run
