"""Find the passages for a question: embed, search, fuse, bring copies together, cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.copies import without_copies
from rag.domain import Audience, Chunk, Embedding, Passage
from rag.fusion import by_score, ranked_anew
from rag.ports import Embedder, Hits, Index

Ranking = Callable[[Hits], list[Passage]]
"""Makes one list, best first, of what a search found by meaning and by words."""

_REACH = 1  # chunks before and after a passage that are read with it
_DEEPER = (1, 4, 16)  # times as many candidates, while copies crowd out the rest


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought, each text once: `passages` are the best of `candidates`, which are all of `hits` in one
    list, best first.
    """

    vector: Embedding
    hits: Hits
    candidates: tuple[Passage, ...]
    passages: tuple[Passage, ...]


class Retriever:
    """Passages for a question, only ever those that the audience may read.

    `candidates` are taken from each side of the hybrid search, more where most of them are copies; `passages` remain
    after fusion.
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
        """Embed the query and search with it, as a rule once. Raises IndexUnavailable, EmbedderUnavailable."""
        vector = self._embedder.embed_query(query)
        for times in _DEEPER:
            limit = times * self._candidates
            found = self._index.search(query, vector, audience=audience, limit=limit)
            candidates = without_copies(self._ranking(found))
            hits = _only(candidates, found)
            if not self._crowded(found.dense, hits.dense, limit) and not self._crowded(
                found.sparse, hits.sparse, limit
            ):
                break
        return Found(vector, hits, tuple(candidates), tuple(candidates[: self._passages]))

    def _crowded(self, found: Sequence[Passage], distinct: Sequence[Passage], limit: int) -> bool:
        """Whether copies took most places, and there is more where they came from."""
        return len(found) >= limit and 2 * len(distinct) < self._candidates

    def around(self, passage: Passage, audience: Audience) -> list[Chunk]:
        """The passage's chunk with its neighbours in the document, in reading order."""
        return self._index.around(passage, audience=audience, reach=_REACH)


def _only(kept: Sequence[Passage], hits: Hits) -> Hits:
    """The hits that are among the kept."""
    ids = {(passage.chunk.source_id, passage.chunk.id) for passage in kept}
    dense, sparse = (
        tuple(ranked_anew(hit for hit in side if (hit.chunk.source_id, hit.chunk.id) in ids))
        for side in (hits.dense, hits.sparse)
    )
    return Hits(dense, sparse)
