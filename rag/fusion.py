"""Two ranked lists become one. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
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
    totals: dict[tuple[str, str, int], Passage] = {}
    for ranked in (hits.dense, hits.sparse):
        for passage, score in zip(ranked, _normalised([p.score for p in ranked]), strict=True):
            key = _key(passage)
            known = totals.get(key)
            totals[key] = replace(
                known or passage,
                score=score + (known.score if known else 0.0),
                similarity=passage.similarity
                if known is None or known.similarity is None
                else known.similarity,
            )
    return ranked_anew(sorted(totals.values(), key=lambda passage: (-passage.score, _key(passage))))


def ranked_anew(passages: Iterable[Passage]) -> list[Passage]:
    """The passages in the given order, with ranks from 1."""
    return [replace(passage, rank=rank) for rank, passage in enumerate(passages, start=1)]


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
