"""What several searches found becomes one find. Vector, hits and text stay those of the first, the question's own. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.copies import without_copies
from rag.domain import Passage
from rag.fusion import ranked_anew
from rag.retrieval import Found

_Key = tuple[str, str]


def by_rank(founds: Sequence[Found], *, k: int = 60) -> Found:
    """Reciprocal rank fusion: a passage scores the sum of 1 / (k + its rank) over the finds that hold it.

    Cormack, Clarke & Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods".
    """
    scores: dict[_Key, float] = {}
    for found in founds:
        for passage in found.candidates:
            scores[_key(passage)] = scores.get(_key(passage), 0.0) + 1 / (k + passage.rank)
    merged = [replace(passage, score=scores[_key(passage)]) for passage in _distinct(founds)]
    return _found(founds, sorted(merged, key=lambda passage: -passage.score))


def united(founds: Sequence[Found]) -> Found:
    """The unique union: what any find has at first place, then what any has at second, and so on."""
    return _found(founds, _distinct(founds))


def _distinct(founds: Sequence[Found]) -> list[Passage]:
    """Each passage once, by its best rank, then by the order of the finds."""
    places = sorted(
        (passage.rank, order) for order, found in enumerate(founds) for passage in found.candidates
    )
    passages = [founds[order].candidates[rank - 1] for rank, order in places]
    return [*{_key(passage): passage for passage in reversed(passages)}.values()][::-1]


def _found(founds: Sequence[Found], candidates: Iterable[Passage]) -> Found:
    merged = without_copies(ranked_anew(candidates))
    notes = tuple(note for found in founds for note in found.notes)
    longest = max(len(found.passages) for found in founds)
    return replace(founds[0], candidates=tuple(merged), passages=tuple(merged[:longest]), notes=notes)


def _key(passage: Passage) -> _Key:
    return passage.chunk.source_id, passage.chunk.id
