"""The same text in several places becomes one passage that names them all. Pure.

A page under two addresses, a section that was copied, one policy in two sources: told apart by nothing that a reader
would notice, they must not fill an answer. They are brought together when found, not when stored, because each copy has
readers of its own, and the one that is kept today may be deleted tomorrow.

Two texts are copies when nine tenths of their runs of three words are the same (Broder, "On the resemblance and
containment of documents", 1997) and they have the same numbers and denials: this year's rates are no copy of last year's.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from math import isclose

import numpy as np
import numpy.typing as npt

from rag.domain import Link, Passage
from rag.fusion import ranked_anew

_LIKE = 0.9  # of all the runs in both, the share that is in both
_RUN = 3  # words
_FEW = 20  # words; a text with fewer means what its headings say
_WORD = re.compile(r"\w+")
_DENIALS = frozenset({"not", "no", "never", "without", "cannot", "nor", "neither", "except", "unless", "nicht", "kein", "keine", "nie"})  # fmt: skip
_BINS, _NEAR = 256, 40.0


def without_copies(passages: Sequence[Passage]) -> list[Passage]:
    """Each text once, ranked anew: the best ranked of its copies, the newest of those that score alike, or the one that a
    person verified.

    `also` of a passage leads to the copies in other documents, in their order. The order of texts stays.
    """
    texts = [_Text(passage) for passage in passages]
    groups: dict[int, list[int]] = {}
    first_of: dict[int, int] = {}
    for later, earlier in _alike([passage.chunk.text for passage in passages]):
        if later not in first_of and earlier not in first_of and texts[later].is_copy_of(texts[earlier]):
            first_of[later] = earlier
            groups.setdefault(earlier, [earlier]).append(later)
    kept = [
        _one_of([passages[n] for n in groups.get(first, [first])])
        for first in range(len(texts))
        if first not in first_of
    ]
    return ranked_anew(kept) if first_of else kept


def _one_of(copies: Sequence[Passage]) -> Passage:
    best = copies[0]
    if len(copies) == 1:
        return best
    verified = [copy for copy in copies if copy.chunk.review_at]
    level = verified or [copy for copy in copies if isclose(copy.score, best.score, rel_tol=1e-3)]
    chosen = max(level, key=_updated_at)  # of several newest, the first
    others = {_document(copy): Link(copy.chunk.title, copy.chunk.url) for copy in reversed(copies)}
    others.pop(_document(chosen))
    return replace(chosen, score=best.score, also=tuple(reversed(others.values())))


def _updated_at(passage: Passage) -> datetime:
    at = passage.chunk.updated_at or datetime.min.replace(tzinfo=UTC)
    return at.replace(tzinfo=at.tzinfo or UTC)


def _document(passage: Passage) -> tuple[str, str]:
    return passage.chunk.source_id, passage.chunk.document_id


class _Text:
    """A passage's words, worked out only when another text looks like it."""

    def __init__(self, passage: Passage) -> None:
        self._chunk = passage.chunk

    def is_copy_of(self, other: "_Text") -> bool:
        if self.words == other.words:
            return True
        if self.telling != other.telling:
            return False
        return len(self.runs & other.runs) >= _LIKE * len(self.runs | other.runs)

    @cached_property
    def words(self) -> list[str]:
        words = _WORD.findall(self._chunk.text.lower())
        return words if len(words) >= _FEW else _WORD.findall(self._chunk.indexed_text.lower())

    @cached_property
    def telling(self) -> list[str]:
        """What changes the meaning however little of the text it is, in order."""
        return [word for word in self.words if word in _DENIALS or any(map(str.isdigit, word))]

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        words = self.words
        return frozenset(tuple(words[n : n + _RUN]) for n in range(max(1, len(words) - _RUN + 1)))


def _alike(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs (later, earlier) that may be copies, by the later one: few others, and all that are.

    Texts are compared by the square roots of how often each pair of neighbouring letters occurs, so that a long rule
    under a heading weighs little. Texts that differ in a tenth are about 10 to 20 apart, squared; two that have nothing
    in common about 100.
    """
    if not texts:
        return
    profiles = _profiles(texts)
    squares = np.einsum("ij,ij->i", profiles, profiles)
    distances = squares[:, None] + squares[None, :] - 2 * (profiles @ profiles.T)
    near = np.tril(distances <= _NEAR, k=-1)
    yield from zip(*(side.tolist() for side in np.nonzero(near)), strict=True)


def _profiles(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A row for each text, all in one go; capitals and small letters are alike."""
    encoded = [text.encode() for text in texts]
    letters = np.frombuffer(b"".join([*encoded, b" "]), np.uint8) & 31
    pairs = letters[:-1] * np.uint8(37) + letters[1:]
    rows = np.repeat(np.arange(len(texts)) * _BINS, [len(text) for text in encoded])
    counts = np.bincount(rows + pairs, minlength=len(texts) * _BINS)
    return np.sqrt(counts.reshape(len(texts), _BINS), dtype=np.float32)
