"""Find the passages for a question: embed, search, fuse, cut."""

from collections.abc import Callable
from dataclasses import dataclass

from rag.domain import Audience, Chunk, Embedding, Passage
from rag.fusion import by_score
from rag.ports import Embedder, Hits, Index

Ranking = Callable[[Hits], list[Passage]]
"""Makes one list, best first, of what a search found by meaning and by words."""

_REACH = 1  # chunks before and after a passage that are read with it


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought: `passages` are the best of `candidates`, which are all of `hits` in one list, best first."""

    vector: Embedding
    hits: Hits
    candidates: tuple[Passage, ...]
    passages: tuple[Passage, ...]


class Retriever:
    """Passages for a question, only ever those that the audience may read.

    `candidates` are taken from each side of the hybrid search; `passages` remain after fusion.
    """

    def __init__(
        self, embedder: Embedder, index: Index, *, candidates: int, passages: int, ranking: Ranking = by_score
    ) -> None:
        self._embedder = embedder
        self._index = index
        self._candidates = candidates
        self._passages = passages
        self._ranking = ranking

    def retrieve(self, query: str, audience: Audience) -> Found:
        """Embed the query and search with it, once each. Raises IndexUnavailable, EmbedderUnavailable."""
        vector = self._embedder.embed_query(query)
        hits = self._index.search(query, vector, audience=audience, limit=self._candidates)
        candidates = tuple(self._ranking(hits))
        return Found(vector, hits, candidates, candidates[: self._passages])

    def around(self, passage: Passage, audience: Audience) -> list[Chunk]:
        """The passage's chunk with its neighbours in the document, in reading order."""
        return self._index.around(passage, audience=audience, reach=_REACH)
