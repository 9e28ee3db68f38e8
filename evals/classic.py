"""The recipe that most tutorials give, as a baseline: all-MiniLM-L6-v2, chunks of 150 words, FAISS IndexFlatL2, top 5.

What everything else here is measured against: cut by words wherever they end, nothing but the text is embedded, nothing is searched but
meaning. FAISS: Douze et al. 2024, "The Faiss library" (https://arxiv.org/abs/2401.08281).
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from evals.datasets.dataset import Dataset
from rag.ports import Embedder

WORDS = 150
TOP = 5
_BATCH = 256  # chunks embedded together


def classic(
    dataset: Dataset, embedder: Embedder, kept: Path, *, words: int = WORDS
) -> Callable[[str], Sequence[str]]:
    """What finds, for a text, the documents of the five nearest chunks, best first; the chunks' vectors are kept in a file."""
    chunks = [*_chunks(dataset, words)]
    vectors = _vectors([text for _, text in chunks], embedder, kept)
    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)

    def find(text: str) -> Sequence[str]:
        asked = np.asarray([embedder.embed_query(text)], dtype=np.float32)
        _, places = index.search(asked, TOP)
        return [*dict.fromkeys(chunks[place][0] for place in places[0] if place >= 0)]

    return find


def _chunks(dataset: Dataset, length: int) -> Iterator[tuple[str, str]]:
    """Document id and text of each chunk."""
    for page in dataset.pages:
        words = page.document.text.split()
        for start in range(0, len(words), length):
            yield page.document.id, " ".join(words[start : start + length])


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
