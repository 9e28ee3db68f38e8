"""Summaries that were found, followed to the chunks they stand for: what a model wrote finds, but is never shown. Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from rag.domain import Passage
from rag.fusion import ranked_anew
from rag.ports import Hits

_FOLLOWED = 3
"""Chunks that one summary leads to, the nearest in meaning to what is searched for; the rest of their section is read with them."""


def followed(hits: Hits, look: Callable[[Collection[str]], Sequence[Passage]]) -> Hits:
    """The hits with the best of its chunks in the place of each summary, at the summary's score or their own, if that is better.

    `look` gives the chunks of these point ids that may be read, nearest in meaning first.
    """
    leads = {
        point_id for side in (hits.dense, hits.sparse) for hit in side for point_id in hit.chunk.leads_to
    }
    if not leads:
        return hits
    found = look(leads)
    return Hits(_led(hits.dense, found), _led(hits.sparse, found))


def _led(side: Sequence[Passage], found: Sequence[Passage]) -> tuple[Passage, ...]:
    best: dict[str, Passage] = {}
    for hit in side:
        # The side is in order: the first score that a chunk gets is its best.
        for passage in _of(hit, found) if hit.chunk.leads_to else (hit,):
            best.setdefault(passage.chunk.point_id, passage)
    return tuple(ranked_anew(sorted(best.values(), key=lambda passage: -passage.score)))


def _of(summary: Passage, found: Sequence[Passage]) -> Iterable[Passage]:
    wanted = {*summary.chunk.leads_to}
    nearest = [passage for passage in found if passage.chunk.point_id in wanted]
    return (replace(passage, score=summary.score) for passage in nearest[:_FOLLOWED])
