"""Files that come with a question: searched in memory beside what the index found, for this one question.

What somebody sends along is, as a rule, what they ask about. So the best of it is read before anything else, and a language
model reads the whole, as far as there is room; what the documents say stands beside it and is judged as ever.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.budget import CountTokens
from rag.copies import without_copies
from rag.domain import Chunk, Embedding, Passage
from rag.extracting import content_words
from rag.fusion import by_score, ranked_anew
from rag.ports import Embedder, Hits
from rag.retrieval import Found

_EMBEDDED = (
    256  # chunks whose meaning is compared: those that hold most of the question's words, then the first
)
_CANDIDATES = 8  # of the files' chunks that stand beside those of the index
_FIRST = 1  # passages of the files that are read before all others, however good these are


def beside(
    found: Found,
    query: str,
    chunks: Sequence[Chunk],
    embedder: Embedder,
    *,
    room: float,
    count_tokens: CountTokens,
) -> Found:
    """What was found, together with `chunks` (at least one): the best are candidates like others, and the first passages are
    theirs, as many as have `room` (tokens): all in reading order, or the best, of which there is one in any case.

    Raises EmbedderUnavailable.
    """
    vector = found.vector or embedder.embed_query(query)
    own = _searched(query, vector, chunks, embedder)
    weightiest = max((passage.score for passage in found.hits.sparse), default=1.0)
    by_words = [replace(passage, score=weightiest * passage.score) for passage in own.sparse]
    hits = Hits(
        _merged(found.hits.dense, own.dense[:_CANDIDATES]), _merged(found.hits.sparse, by_words[:_CANDIDATES])
    )
    attached = frozenset(chunks)
    candidates = [passage for passage in by_score(hits) if passage.chunk in attached]
    fused = frozenset(passage.chunk for passage in candidates)
    others = [passage for passage in own.dense if passage.chunk not in fused]
    read = _in_room([*candidates, *others], room, count_tokens)
    if len(read) == len(chunks):
        places = {chunk: place for place, chunk in enumerate(chunks)}
        read.sort(key=lambda passage: places[passage.chunk])
    first = frozenset(passage.chunk for passage in read)
    more = [passage for passage in candidates if passage.chunk not in first]
    return replace(
        found,
        vector=vector,
        hits=hits,
        candidates=tuple(without_copies(_merged(candidates, found.candidates))),
        passages=tuple(without_copies(ranked_anew([*read, *_merged(more, found.passages)]))),
        needless=False,
    )


def around(chunk: Chunk, chunks: Sequence[Chunk], reach: int) -> list[Chunk]:
    """The chunks of the same file at most `reach` positions from `chunk`, in order, itself included."""
    return [
        other
        for other in chunks
        if other.document_id == chunk.document_id and abs(other.position - chunk.position) <= reach
    ]


def _searched(query: str, vector: Embedding, chunks: Sequence[Chunk], embedder: Embedder) -> Hits:
    """The chunks by meaning, and those that hold any of the question's words by the share of these, 0..1."""
    words = content_words(query)
    shares = [len(words & content_words(chunk.indexed_text)) / max(1, len(words)) for chunk in chunks]
    likeliest = sorted(range(len(chunks)), key=lambda place: -shares[place])[:_EMBEDDED]
    vectors = np.asarray(embedder.embed_passages([chunks[place].indexed_text for place in likeliest]))
    cosines: list[float] = (vectors @ np.asarray(vector)).tolist()
    near = dict(zip(likeliest, cosines, strict=True))
    dense = [Passage(chunks[place], cosine, 0, cosine) for place, cosine in near.items()]
    sparse = [Passage(chunks[place], shares[place], 0, near[place]) for place in likeliest if shares[place]]
    return Hits(_merged(dense), _merged(sparse))


def _merged(*lists: Sequence[Passage]) -> tuple[Passage, ...]:
    """All of them, best first."""
    passages = [passage for each in lists for passage in each]
    return tuple(ranked_anew(sorted(passages, key=lambda passage: -passage.score)))


def _in_room(passages: Sequence[Passage], room: float, count_tokens: CountTokens) -> list[Passage]:
    """The first that have room together, and at least one."""
    kept: list[Passage] = []
    for passage in passages:
        room -= count_tokens(passage.chunk.indexed_text)
        if room < 0 and len(kept) >= _FIRST:
            break
        kept.append(passage)
    return kept
