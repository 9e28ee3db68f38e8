"""Two ranked lists become one. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean, pstdev

from rag.domain import Passage
from rag.ports import Hits

_SPREAD = 3  # standard deviations on either side of the mean that map to 0..1


def by_score(hits: Hits) -> list[Passage]:
    """All passages of both lists, best first, by distribution-based score fusion (DBSF).

    Each list's scores are mapped to 0..1 over mean ± 3 standard deviations, then added; a passage missing from a list
    gets nothing from it. On the sets measured for this project it led reciprocal rank fusion, as published by Qdrant
    (https://qdrant.tech/documentation/concepts/hybrid-queries/).
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
    mean, spread = fmean(scores), _SPREAD * pstdev(scores)
    if spread == 0:
        return [0.5] * len(scores)
    return [min(1.0, max(0.0, (score - mean + spread) / (2 * spread))) for score in scores]


def _key(passage: Passage) -> tuple[str, str, int]:
    chunk = passage.chunk
    return chunk.source_id, chunk.document_id, chunk.position
