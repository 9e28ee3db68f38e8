"""Find the passages for a question: embed, search, fuse, bring copies together, cut.

A technique (one file each in `rag/techniques/`) stands around this: it is given the search and what retrieves, and may
search otherwise, more often, or not at all. `planned` puts any number of them around each other.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np

from rag.copies import without_copies
from rag.domain import EVERYWHERE, Audience, Chunk, Embedding, Passage, Scope
from rag.fusion import by_score, ranked_anew
from rag.leads import followed
from rag.noting import stage
from rag.ports import Embedder, Hits, Index

Ranking = Callable[[Hits], list[Passage]]
"""Makes one list, best first, of what a search found by meaning and by words."""

Tell = Callable[[Hits, Sequence[Passage], Sequence[Passage]], None]
"""Is told of a search: what was found, the one list made of it, and that list with each text once."""

_DEEPER = (1, 4, 16)  # times as many candidates, while copies crowd out the rest


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: a question that stands alone, who will read the answer, and where to look.

    `hypotheses` are texts as an answer might read; the mean of their vectors and the question's is then searched with.
    """

    text: str
    audience: Audience
    scope: Scope = EVERYWHERE
    hypotheses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something worked out on the way to the answer: a part of the question, and what the documents say to it."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought, each text once: `passages` are the best of `candidates`, which are all of `hits` in one
    list, best first. `text` is what was searched for, as it was understood in the end. `needless`: what was asked is no
    question to the documents, so that nothing was searched.
    """

    vector: Embedding
    hits: Hits
    candidates: tuple[Passage, ...]
    passages: tuple[Passage, ...]
    text: str = ""
    notes: tuple[Note, ...] = ()
    needless: bool = False

    def ranked(self, candidates: Sequence[Passage]) -> "Found":
        """The same with these candidates, best first, and as many passages as before."""
        anew = tuple(ranked_anew(candidates))
        return replace(self, candidates=anew, passages=anew[: len(self.passages)])


Retrieve = Callable[[Search], Found]
"""Raises IndexUnavailable, EmbedderUnavailable."""


class Technique(Protocol):
    """One way to find more or better. `retrieve` is the rest of the plan: other techniques, and the index in the end.

    With the scope it may only narrow what it was given (`Scope.narrowed`). Raises the errors of `rag.errors`.
    """

    def __call__(self, search: Search, retrieve: Retrieve) -> Found: ...


def planned(retrieve: Retrieve, techniques: Sequence[Technique]) -> Retrieve:
    """`retrieve` with the techniques around it, the first outermost."""
    for technique in reversed(techniques):
        retrieve = partial(technique, retrieve=retrieve)
    return retrieve


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

    def retrieve(self, search: Search, tell: Tell | None = None) -> Found:
        """Embed the query and search with it, as a rule once; `tell` is told how it went.

        Raises IndexUnavailable, EmbedderUnavailable.
        """
        with stage("embed"):
            vector = self._vector(search)
        for times in _DEEPER:
            limit = times * self._candidates
            with stage("search"):
                found = self._hits(search, vector, limit)
            ranked = self._ranking(found)
            candidates = without_copies(ranked)
            hits = _only(candidates, found)
            if not self._crowded(found.dense, hits.dense, limit) and not self._crowded(
                found.sparse, hits.sparse, limit
            ):
                break
        if tell is not None:
            tell(found, ranked, candidates)
        return Found(vector, hits, tuple(candidates), tuple(candidates[: self._passages]), search.text)

    def _hits(self, search: Search, vector: Embedding, limit: int) -> Hits:
        """What the index finds, with the chunks themselves in the place of summaries of them."""

        def look(point_ids: Collection[str]) -> Sequence[Passage]:
            return self._index.search(
                search.text,
                vector,
                audience=search.audience,
                limit=len(point_ids),
                scope=search.scope.narrowed(Scope(point_ids=frozenset(point_ids))),
            ).dense

        hits = self._index.search(
            search.text, vector, audience=search.audience, limit=limit, scope=search.scope
        )
        return followed(hits, look)

    def _vector(self, search: Search) -> Embedding:
        asked = self._embedder.embed_query(search.text)
        if not search.hypotheses:
            return asked
        mean = np.mean([asked, *self._embedder.embed_passages(search.hypotheses)], axis=0)
        unit: list[float] = (mean / max(float(np.linalg.norm(mean)), 1e-9)).tolist()
        return unit

    def _crowded(self, found: Sequence[Passage], distinct: Sequence[Passage], limit: int) -> bool:
        """Whether copies took most places, and there is more where they came from."""
        return len(found) >= limit and 2 * len(distinct) < self._candidates

    def around(self, passage: Passage, reach: int, *, audience: Audience) -> list[Chunk]:
        """The passage's chunk with those at most `reach` positions from it in the document, in reading order."""
        return self._index.around(passage, audience=audience, reach=reach)


def _only(kept: Sequence[Passage], hits: Hits) -> Hits:
    """The hits that are among the kept."""
    ids = {_key(passage) for passage in kept}
    dense, sparse = (
        tuple(ranked_anew(hit for hit in side if _key(hit) in ids)) for side in (hits.dense, hits.sparse)
    )
    return Hits(dense, sparse)


def _key(passage: Passage) -> tuple[str, str, int]:
    chunk = passage.chunk
    return chunk.source_id, chunk.document_id, chunk.position
