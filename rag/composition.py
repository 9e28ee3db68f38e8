"""compose(settings): the parts, wired. With `bot/__main__.py`, the only place that knows in which mode we run."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from rag.adapters.edge import EdgeIndex
from rag.adapters.openai import OpenAILLM
from rag.adapters.qdrant import QdrantIndex
from rag.adapters.sentence_transformer import SentenceTransformerEmbedder
from rag.answering import Answerer
from rag.ports import LLM, Embedder, Index
from rag.retrieval import Retriever
from rag.settings import Settings


class Rag:
    """Everything a process needs to index and to answer; a context manager that closes in reverse order."""

    def __init__(self, embedder: Embedder, index: Index, llm: LLM | None, answerer: Answerer) -> None:
        self.embedder = embedder
        self.index = index
        self.llm = llm
        self.answerer = answerer
        self._closing = ExitStack()
        self._closing.callback(index.close)
        if llm is not None:
            self._closing.callback(llm.close)

    def ping(self) -> None:
        """Raises the error of the first part that does not work."""
        self.index.ping()
        self.embedder.embed_query("ping")

    def close(self) -> None:
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def compose(settings: Settings) -> Rag:
    """Load the model, open the index, wire the answerer.

    Raises ConfigError (IndexInUse, EmbeddingMismatch) when the operator must act, Transient when a service is away.
    """
    embedder = open_embedder(settings)
    index = open_index(settings, embedder)
    llm = open_llm(settings)
    retriever = Retriever(
        embedder,
        index,
        candidates=settings.retrieval.candidates,
        passages=settings.retrieval.passages,
    )
    answerer = Answerer(
        retriever,
        embedder,
        llm,
        answer_threshold=settings.retrieval.answer_threshold,
        context_tokens=settings.llm.context_tokens,
    )
    return Rag(embedder, index, llm, answerer)


def open_embedder(settings: Settings) -> Embedder:
    """The embedding model, loaded. Takes seconds; once per process."""
    return SentenceTransformerEmbedder(settings.embedding.model)


def open_index(settings: Settings, embedder: Embedder) -> Index:
    """The index: a Qdrant server where INDEX_URL names one, else the engine in this process."""
    section = settings.index
    if section.url:
        return QdrantIndex.connect(
            section.url,
            api_key=section.api_key.get_secret_value() if section.api_key else None,
            collection=section.collection,
            embedder=embedder,
            timeout_seconds=section.timeout_seconds,
        )
    return EdgeIndex.open(settings.storage.data_dir / "index" / section.collection, embedder=embedder)


def open_llm(settings: Settings) -> LLM | None:
    """The language model, or None where none is configured: answers are then extractive."""
    section = settings.llm
    if not section.configured:
        return None
    return OpenAILLM(
        base_url=section.base_url,
        api_key=section.api_key.get_secret_value() if section.api_key else "none",
        model=section.model,
        timeout_seconds=section.timeout_seconds,
    )
