"""Answers that were given before, for questions that mean the same: no search, and no call to the language model.

An answer is only ever found again under the key it was stored by: the team, exactly the same reader keys, the same scope and language, the
same version of the index (so that any change of any document, or of who may read it, ends it), and the same settings. Within that, another
wording is taken for the same question when the two embeddings nearly coincide *and* nothing tells them apart that an embedding
hardly notices: the words that name the subject, numbers, codes, denials, what is asked, the order where it means something. So
"how many days in Germany" never gets the answer for France.

Cf. Bang 2023, "GPTCache", which has the embedding alone decide, and thereby takes one country for the other.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.domain import EVERYWHERE, Answer, Audience, Embedding, Language, Outcome, Scope
from rag.particulars import Particulars, asked_for, particulars, subject

_SAME = 0.95  # cosine


class Key(NamedTuple):
    """What an answer depends on besides the question. `settings`: whatever else changes answers, as one text."""

    team_id: str
    readers: frozenset[str]
    version: str
    settings: str
    scope: Scope = EVERYWHERE
    language: Language | None = None

    @classmethod
    def of(
        cls,
        audience: Audience,
        version: str,
        settings: str,
        scope: Scope = EVERYWHERE,
        language: Language | None = None,
    ) -> "Key":
        return cls(audience.team_id, audience.readers, version, settings, scope, language)


class _Wording(NamedTuple):
    """What must be the same in two wordings of one question."""

    words: frozenset[str]
    said: Particulars
    asked: tuple[frozenset[str], tuple[str, ...]]

    @classmethod
    def of(cls, question: str) -> "_Wording":
        return cls(subject(question), particulars(question), asked_for(question))

    def is_like(self, other: "_Wording") -> bool:
        return (
            self.words == other.words
            and self.asked == other.asked
            and self.said.quantities == other.said.quantities
            and self.said.codes == other.said.codes
            and self.said.denied == other.said.denied
            and self.said.directed == other.said.directed
        )


@dataclass(frozen=True, slots=True)
class _Kept:
    wording: _Wording
    vector: npt.NDArray[np.float32]
    answer: Answer
    until: float


class AnswerCache:
    """In this process, for any number of threads; the answers not used for longest go first when there are `most`.

    `seconds` is how long an answer is kept; `clock` tells seconds.
    """

    def __init__(self, *, seconds: float, most: int = 1000, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[tuple[Key, int], _Kept] = OrderedDict()
        self._numbers: dict[Key, list[int]] = {}
        self._next = 0
        self._lock = Lock()

    def find(self, key: Key, question: str, vector: Embedding) -> Answer | None:
        """The answer to this question, or to one that means the same, under this key."""
        wording, wanted = _Wording.of(question), np.asarray(vector, np.float32)
        with self._lock:
            self._drop_outlived()
            for number in reversed(self._numbers.get(key, [])):
                kept = self._kept[key, number]
                if kept.wording.is_like(wording) and float(kept.vector @ wanted) >= _SAME:
                    self._kept.move_to_end((key, number))
                    return kept.answer
        return None

    def keep(self, key: Key, question: str, vector: Embedding, answer: Answer) -> None:
        """Keep an answer that says something; any other is forgotten at once, since the next try may do better."""
        if answer.outcome is not Outcome.ANSWERED or self._most < 1:
            return
        kept = _Kept(
            _Wording.of(question), np.asarray(vector, np.float32), answer, self._clock() + self._seconds
        )
        with self._lock:
            self._drop_outlived()
            while len(self._kept) >= self._most:
                self._drop(next(iter(self._kept)))
            self._next += 1
            self._kept[key, self._next] = kept
            self._numbers.setdefault(key, []).append(self._next)

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    def _drop_outlived(self) -> None:
        now = self._clock()
        for place in [place for place, kept in self._kept.items() if kept.until <= now]:
            self._drop(place)

    def _drop(self, place: tuple[Key, int]) -> None:
        key, number = place
        del self._kept[place]
        self._numbers[key].remove(number)
        if not self._numbers[key]:
            del self._numbers[key]


@dataclass(frozen=True, slots=True)
class Memory:
    """A cache over one index: `version` tells the index's for a team, `settings` whatever else answers depend on."""

    cache: AnswerCache
    version: Callable[[str], str | None]
    settings: str

    def key(
        self, audience: Audience, scope: Scope = EVERYWHERE, language: Language | None = None
    ) -> Key | None:
        """Under what the answers for this audience, out of this scope and in this language, are kept now; None while they cannot be, since the index is changing.

        To be asked before the search: what changes after that is under another key.
        """
        version = self.version(audience.team_id)
        return None if version is None else Key.of(audience, version, self.settings, scope, language)
