"""A dataset's documents, chunked and embedded as the product does it, and kept: a second run takes seconds."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from evals.datasets.dataset import SOURCE, TEAM, Dataset, Page
from ingestion.chunking import CHUNKING, chunks_of
from ingestion.indexing.token_vectors import token_vectors
from rag.adapters.edge import EdgeIndex
from rag.adapters.payload import LAYOUT
from rag.domain import Chunk
from rag.ports import Embedder, Index, Write

_BATCH = 256  # chunks embedded together; sorted by length, long batches pad little


@dataclass(frozen=True, slots=True)
class Collection:
    """The indexed chunks of a dataset, with the embedder they came from. `seconds` is 0 where they were kept in `folder`."""

    index: Index
    embedder: Embedder
    chunks: int
    seconds: float
    folder: Path


@contextmanager
def open_collection(
    dataset: Dataset, embedder: Embedder, folder: Path, *, fresh: bool = False, tokens: bool = False
) -> Iterator[Collection]:
    """The collection kept under `folder`, made first where there is none or a `fresh` one is asked for; with the vectors of
    `tokens` if so asked.

    It is kept by the documents' content, the embedder's name and the versions of chunking and index, so that none of
    them can change unnoticed. Raises IndexInUse when another run has it open.
    """
    kept = folder / (_key(dataset, embedder) + ("-tokens" if tokens else ""))
    if fresh and kept.exists():
        shutil.rmtree(kept)
    started = time.perf_counter()
    seconds = 0.0
    if not kept.exists():
        _make(kept, dataset, embedder, tokens=tokens)
        seconds = time.perf_counter() - started
    index = EdgeIndex.open(kept, embedder=embedder, tokens=tokens)
    try:
        yield Collection(index, embedder, index.count(TEAM), seconds, kept)
    finally:
        index.close()


def chunks_in(page: Page, embedder: Embedder, max_tokens: int | None = None) -> list[Chunk]:
    """A page's chunks, cut as for the index, for the embedder's window or so many of its tokens."""
    return chunks_of(
        page.document,
        markup=page.markup,
        count_tokens=embedder.count_tokens,
        max_tokens=max_tokens or embedder.max_tokens,
    )


def _key(dataset: Dataset, embedder: Embedder) -> str:
    content = hashlib.sha256()
    for page in dataset.pages:
        fields = (page.document.id, page.document.title, page.document.url, page.document.text, page.markup)
        content.update(json.dumps(fields).encode())
    content.update(json.dumps([embedder.name, embedder.max_tokens, CHUNKING, LAYOUT]).encode())
    return f"{dataset.name}-{content.hexdigest()[:16]}"


def _make(kept: Path, dataset: Dataset, embedder: Embedder, *, tokens: bool) -> None:
    """Builds aside and moves into place, so that what is kept is whole."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=kept.parent, prefix="building-") as aside:
        built = Path(aside, "index")
        index = EdgeIndex.open(built, embedder=embedder, tokens=tokens)
        try:
            for batch in _batches(dataset, embedder):
                _store(batch, embedder, index)
        finally:
            index.close()
        built.rename(kept)


def _batches(dataset: Dataset, embedder: Embedder) -> Iterator[list[Chunk]]:
    """The chunks of all documents; those of one document are never parted."""
    batch: list[Chunk] = []
    pages = track(dataset.pages, f"indexing {dataset.name}", console=Console(stderr=True), transient=True)
    for page in pages:
        batch += chunks_in(page, embedder)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _store(batch: list[Chunk], embedder: Embedder, index: Index) -> None:
    vectors = embedder.embed_passages([chunk.indexed_text for chunk in batch])
    tokens = token_vectors(batch, embedder, index)
    writes = [
        Write(chunk, vector, tokens.get(chunk.fingerprint))
        for chunk, vector in zip(batch, vectors, strict=True)
    ]
    for document_id, of_document in groupby(writes, lambda write: write.chunk.document_id):
        index.replace(TEAM, SOURCE, document_id, writes=[*of_document], removed=[])
