"""Why a search found what it found: the search itself, watched. Nothing is searched, scored or cut here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.domain import EVERYWHERE, Answer, Audience, Chunk, Passage, Scope
from rag.ports import Embedder, Hits, Index
from rag.retrieval import Found, Retrieve, Search, Technique

Fate = Literal["used", "below", "copy", "left out", "not for them", "not searched"]
"""used: among the passages that are read for an answer; below: found, and not among the best; copy: the same text as a better
one; left out: by a technique, or found by a search only that another took the place of; not for them: found for who asks, and
not to be read by those it was asked for; not searched: in a source that is not searched there.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk with all that a search said of it; None where it said nothing.

    `meaning` is the cosine and `words` the lexical score, with the places in either list from 1; `fused` is the score in the
    list that was made of the two, `score` and `rank` those in the end. `readers`: which keys of the audience let it through.
    """

    chunk: Chunk
    fate: Fate
    rank: int | None = None
    score: float | None = None
    fused: float | None = None
    meaning: float | None = None
    meaning_rank: int | None = None
    words: float | None = None
    words_rank: int | None = None
    readers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would be answered to a question, and why.

    `text` is what was searched for in the end, in so many `searches`; `steps` are the techniques that changed what was found, in
    the order in which they did. `candidates`: the passages in their order, then the rest, best first. `threshold` is what the
    confidence of `answer` had to reach; None where a language model writes, which decides itself.
    """

    text: str
    candidates: tuple[Candidate, ...]
    searches: int
    steps: tuple[str, ...]
    answer: Answer
    threshold: float | None

    @property
    def used(self) -> tuple[Candidate, ...]:
        return tuple(one for one in self.candidates if one.fate == "used")


_Key = tuple[str, str, int]


class Trace:
    """Watches one retrieval. Where it searches several times, the best of each score is kept."""

    def __init__(self) -> None:
        self.searches = 0
        self.steps: list[str] = []
        self._meaning: dict[_Key, Passage] = {}
        self._words: dict[_Key, Passage] = {}
        self._fused: dict[_Key, Passage] = {}
        self._distinct: set[_Key] = set()

    def searched(self, hits: Hits, fused: Sequence[Passage], distinct: Sequence[Passage]) -> None:
        """As `Retriever.retrieve` tells of each search."""
        self.searches += 1
        _keep_best(self._meaning, hits.dense)
        _keep_best(self._words, hits.sparse)
        _keep_best(self._fused, fused)
        self._distinct |= {_key(passage) for passage in distinct}

    def watched(self, technique: Technique) -> Technique:
        """The technique, of which is noted whether it changed anything."""

        def around(search: Search, retrieve: Retrieve) -> Found:
            inner: list[Found] = []

            def told(narrower: Search) -> Found:
                inner.append(retrieve(narrower))
                return inner[-1]

            found = technique(search, told)
            if [one.candidates for one in inner] != [found.candidates]:
                self.steps.append(type(technique).__name__)
            return found

        return around

    def candidates(self, found: Found, audience: Audience) -> list[Candidate]:
        """All that was found on the way to `found`."""
        used = {_key(passage) for passage in found.passages}
        final = {_key(passage): passage for passage in found.candidates}
        rest = [self._fused[key] for key in self._fused if key not in final]
        last = sorted(rest, key=lambda passage: (_key(passage) in self._distinct, -passage.score))
        return [
            *(self._candidate(it, "used" if _key(it) in used else "below", it, audience) for it in final.values()),
            *(
                self._candidate(it, "left out" if _key(it) in self._distinct else "copy", None, audience)
                for it in last
            ),
        ]  # fmt: skip

    def _candidate(
        self, passage: Passage, fate: Fate, final: Passage | None, audience: Audience
    ) -> Candidate:
        key = _key(passage)
        meaning, words, fused = self._meaning.get(key), self._words.get(key), self._fused.get(key)
        return Candidate(
            passage.chunk,
            fate,
            rank=final.rank if final else None,
            score=final.score if final else None,
            fused=fused.score if fused else None,
            meaning=meaning.score if meaning else passage.similarity,
            meaning_rank=meaning.rank if meaning else None,
            words=words.score if words else None,
            words_rank=words.rank if words else None,
            readers=passage.chunk.readers & audience.readers,
        )


def withheld(found: Found, audience: Audience, scope: Scope = EVERYWHERE) -> list[Candidate]:
    """Of what somebody else finds, what is not for `audience`, or not in the sources of `scope`."""
    return [
        Candidate(
            passage.chunk,
            "not searched" if passage.chunk.readers & audience.readers else "not for them",
            meaning=passage.similarity,
            readers=passage.chunk.readers & audience.readers,
        )
        for passage in found.passages
        if not passage.chunk.readers & audience.readers
        or (scope.source_ids is not None and passage.chunk.source_id not in scope.source_ids)
    ]


def as_indexed(index: Index, embedder: Embedder, point_id: str, audience: Audience) -> Chunk | None:
    """One chunk as the index holds it; None where it is not there, or not for this audience."""
    one = Scope(point_ids=frozenset({point_id}))
    hits = index.search(point_id, embedder.embed_query(point_id), audience=audience, limit=1, scope=one).dense
    return hits[0].chunk if hits else None


def _keep_best(kept: dict[_Key, Passage], passages: Iterable[Passage]) -> None:
    for passage in passages:
        known = kept.get(_key(passage))
        if known is None or passage.score > known.score:
            kept[_key(passage)] = passage


def _key(passage: Passage) -> _Key:
    chunk = passage.chunk
    return chunk.source_id, chunk.document_id, chunk.position
