"""What a model is tuned on: the pages' chunks, and questions of which it is known what answers them."""

from dataclasses import dataclass
from pathlib import Path

from evals.datasets import open_dataset
from evals.datasets.dataset import DatasetUnusable, Qrel, Query
from evals.indexing import chunks_in
from evals.retrieval import judged
from rag.composition import index_folder, open_generations
from rag.domain import Chunk
from rag.ports import Embedder, Index
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Pages:
    """`queries` are those that `qrels` judge."""

    name: str
    chunks: tuple[Chunk, ...]
    queries: tuple[Query, ...] = ()
    qrels: tuple[Qrel, ...] = ()


def of_dataset(folder: Path, embedder: Embedder) -> Pages:
    """A dataset's documents, cut as for the index. Raises DatasetUnusable."""
    dataset = open_dataset(folder)
    chunks = tuple(chunk for page in dataset.pages for chunk in chunks_in(page, embedder))
    return Pages(dataset.name, chunks, judged(dataset), dataset.qrels)


def of_installation(settings: Settings) -> Pages:
    """What the index holds that serves now. Raises IndexInUse while the bot runs on it, DatasetUnusable where there is none."""
    generations = open_generations(settings.index, index_folder(settings))
    try:
        serving = generations.serving()
        if serving is None:
            raise DatasetUnusable("There is no index yet: python -m ingestion add FOLDER-OR-ADDRESS")
        chunks = _held(generations.index(serving), settings.storage.team_id)
    finally:
        generations.close()
    return Pages("this installation", chunks)


def _held(index: Index, team_id: str) -> tuple[Chunk, ...]:
    return tuple(
        write.chunk
        for source_id in sorted(index.source_ids(team_id))
        for document_id in sorted(index.document_ids(team_id, source_id))
        for write in index.export(team_id, source_id, document_id)
        if not write.chunk.leads_to
    )
