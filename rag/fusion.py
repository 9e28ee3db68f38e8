"""Two ranked lists become one. Pure."""

from collections.abc import Iterable, Sequence
from statistics import fmean, pstdev

from rag.domain import Passage
from rag.ports import Hits

_FLOOR = 2  # standard deviations below the mean where a passage counts as much as one that was not found


def by_score(hits: Hits) -> list[Passage]:
    """All passages of both lists, best first, by the sum of their standard scores.

    A list's scores become 0 at two standard deviations below its mean, 0.5 at the mean, 1 at two above it, and go on from
    there: the first of a list may stand far above the rest, and that is what tells most. A passage missing from a list
    gets nothing from it. Standard scores as in Renda & Straccia 2003, "Web metasearch: rank vs. score based rank
    aggregation methods"; beside distribution-based fusion (the same, capped), min-max and reciprocal ranks they led on
    every set measured (docs/decisions/0013-fusion.md).
    """
    firsts: dict[tuple[str, str, int], Passage] = {}
    scores: dict[tuple[str, str, int], float] = {}
    for ranked in (hits.dense, hits.sparse):
        for passage, score in zip(ranked, _normalised([p.score for p in ranked]), strict=True):
            key = _key(passage)
            known = firsts.setdefault(key, passage)
            if known.similarity is None and passage.similarity is not None:
                firsts[key] = passage
            scores[key] = scores.get(key, 0.0) + score
    order = sorted(firsts, key=lambda key: (-scores[key], key))
    return [_at(firsts[key], scores[key], rank) for rank, key in enumerate(order, start=1)]


def ranked_anew(passages: Iterable[Passage]) -> list[Passage]:
    """The passages in the given order, with ranks from 1."""
    return [
        passage if passage.rank == rank else _at(passage, passage.score, rank)
        for rank, passage in enumerate(passages, start=1)
    ]


def _at(passage: Passage, score: float, rank: int) -> Passage:
    # Not dataclasses.replace, which takes three times as long, for a hundred passages a question.
    return Passage(passage.chunk, score, rank, passage.similarity, passage.also)


def _normalised(scores: Sequence[float]) -> list[float]:
    if not scores:
        return []
    mean, spread = fmean(scores), _FLOOR * pstdev(scores)
    if spread == 0:
        return [0.5] * len(scores)
    return [max(0.0, (score - mean + spread) / (2 * spread)) for score in scores]


def _key(passage: Passage) -> tuple[str, str, int]:
    chunk = passage.chunk
    return chunk.source_id, chunk.document_id, chunk.position
