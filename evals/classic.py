"""The recipe that most tutorials give, as a baseline: all-MiniLM-L6-v2, chunks of 150 words, FAISS IndexFlatL2, top 5.

What everything else here is measured against: cut by words wherever they end, nothing but the text is embedded, nothing is searched but
meaning. FAISS: Douze et al. 2024, "The Faiss library" (https://arxiv.org/abs/2401.08281).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import faiss
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from evals.datasets.dataset import Dataset
from rag.domain import EVERYWHERE, Audience, Chunk, Embedding, Passage, Scope
from rag.ports import Embedder, Hits, Index

WORDS = 150
TOP = 5
_BATCH = 256  # chunks embedded together


class Classic:
    """Searches as an index does, as far as answers are made of it: nothing stands around a passage but itself.

    The chunks' vectors are kept in a file.
    """

    def __init__(self, dataset: Dataset, embedder: Embedder, kept: Path, *, words: int = WORDS) -> None:
        self._embedder = embedder
        self._chunks = [*_chunks(dataset, words)]
        vectors = _vectors([chunk.text for chunk in self._chunks], embedder, kept)
        self._index = faiss.IndexFlatL2(vectors.shape[1])
        self._index.add(vectors)

    def find(self, text: str) -> Sequence[str]:
        """The documents of the five nearest chunks, best first."""
        return [
            *dict.fromkeys(hit.chunk.document_id for hit in self._nearest(self._embedder.embed_query(text)))
        ]

    def search(
        self,
        text: str,  # noqa: ARG002 - searches by meaning alone
        vector: Embedding,
        *,
        audience: Audience,  # noqa: ARG002 - everybody reads all of a dataset
        limit: int,  # noqa: ARG002 - it has its own five
        scope: Scope = EVERYWHERE,  # noqa: ARG002
    ) -> Hits:
        return Hits(tuple(self._nearest(vector)), ())

    def around(self, passage: Passage, *, audience: Audience, reach: int) -> list[Chunk]:  # noqa: ARG002
        return [passage.chunk]

    def as_index(self) -> Index:
        return cast("Index", self)

    def _nearest(self, vector: Embedding) -> Iterator[Passage]:
        distances, places = self._index.search(np.asarray([vector], dtype=np.float32), TOP)
        for rank, (distance, place) in enumerate(zip(distances[0], places[0], strict=True), start=1):
            if place >= 0:
                cosine = 1 - float(distance) / 2  # of unit vectors
                yield Passage(self._chunks[place], cosine, rank, similarity=cosine)


def _chunks(dataset: Dataset, length: int) -> Iterator[Chunk]:
    for page in dataset.pages:
        it, words = page.document, page.document.text.split()
        for position, start in enumerate(range(0, len(words), length)):
            yield Chunk(
                it.team_id,
                it.source_id,
                it.id,
                position,
                it.title,
                (),
                " ".join(words[start : start + length]),
                it.url,
                it.readers,
            )


def _vectors(texts: Sequence[str], embedder: Embedder, kept: Path) -> npt.NDArray[np.float32]:
    if not kept.exists():
        starts = track(
            range(0, len(texts), _BATCH), "the classic recipe", console=Console(stderr=True), transient=True
        )
        rows = [row for start in starts for row in embedder.embed_passages(texts[start : start + _BATCH])]
        aside = kept.with_suffix(".part.npy")
        np.save(aside, np.asarray(rows, dtype=np.float32))
        aside.rename(kept)
    return np.asarray(np.load(kept), dtype=np.float32)
