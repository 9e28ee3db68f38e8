"""What does each indexing technique cost? Calls of the language model, what it adds to the index, and the time it takes of itself.

The documents are cut as for the index and enriched with the words of a language model that answers at once, in process.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from time import perf_counter
from typing import Protocol

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from evals.datasets.dataset import Dataset
from evals.indexing import chunks_in
from ingestion.indexing import TECHNIQUES, Enriching, Indexing
from ingestion.remembering import Memory, memory
from rag.domain import Chunk, Embedding
from rag.ports import LLM, Embedder


class Counting(LLM, Protocol):
    """A language model that counts its calls."""

    calls: int


def enriched(
    dataset: Dataset, embedder: Embedder, open_llm: Callable[[], Counting]
) -> dict[str, dict[str, float]]:
    """By technique: calls for a hundred chunks, what they add, and the time added, in times the embedding of the chunks."""
    plain = _chunks(dataset, embedder, embedder.max_tokens)
    began = perf_counter()
    embedder.embed_passages([chunk.indexed_text for chunk in plain])
    embedding = perf_counter() - began
    return {name: _cost(name, dataset, embedder, open_llm(), embedding) for name in TECHNIQUES}


def _cost(
    name: str, dataset: Dataset, embedder: Embedder, llm: Counting, embedding: float
) -> dict[str, float]:
    indexing = Indexing({name: TECHNIQUES[name]()}, llm)
    chunks = _chunks(dataset, embedder, indexing.room(embedder))
    early: dict[str, Embedding] = {}

    def embed(some: Sequence[Chunk]) -> list[Embedding]:
        texts = {it.fingerprint: it.indexed_text for it in some if it.fingerprint not in early}
        early.update(zip(texts, embedder.embed_passages([*texts.values()]), strict=True))
        return [early[it.fingerprint] for it in some]

    engine = create_engine("sqlite://", poolclass=StaticPool)
    memory.create(engine)
    enriching = Enriching(indexing, Memory(engine, "evals"), embedder)
    began = perf_counter()
    found = [
        chunk
        for _, of_document in groupby(chunks, lambda chunk: chunk.document_id)
        for chunk in enriching.enriched([*of_document], embed=embed, told=lambda: None)
    ]
    missing = [it.indexed_text for it in found if it.fingerprint not in early]
    embedder.embed_passages(missing)
    seconds = perf_counter() - began
    engine.dispose()
    return {
        "LLM calls for 100 chunks": round(100 * llm.calls / len(chunks), 1),
        "entries for 100 chunks": round(100 * len(found) / len(chunks), 1),
        "chunks": len(chunks),
        "time, in plain embeddings": round(seconds / embedding, 2),
    }


def _chunks(dataset: Dataset, embedder: Embedder, max_tokens: int) -> list[Chunk]:
    return [chunk for page in dataset.pages for chunk in chunks_in(page, embedder, max_tokens)]
