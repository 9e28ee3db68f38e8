"""What answers now: an index together with the model that built it, switched as one while questions are answered."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Lock
from time import monotonic, sleep
from typing import Protocol

from rag.adapters.identity import Identity
from rag.domain import Answer, Audience, Chunk, Outcome, Question
from rag.drafting import Show
from rag.errors import ConfigError, EmbedderUnavailable, IndexUnavailable
from rag.explaining import Explanation, as_indexed
from rag.generations import Generation, Generations
from rag.ports import Embedder, Index

log = logging.getLogger(__name__)

REBUILDING = "The index of your documents is being built anew. Please ask again later."

_LOOK_EVERY = 1.0  # seconds, for a switch by another process
_LONGEST_QUESTION = 120.0  # seconds that the old index waits for those who still use it


class Answers(Protocol):
    def answer(self, question: Question, show: Show | None = None) -> Answer: ...
    def explain(self, question: Question, beside: Audience | None = None) -> Explanation: ...


@dataclass(frozen=True, slots=True)
class Pair:
    """An index with the model that built it; `embedder` is None where that cannot be loaded any more."""

    generation: Generation
    index: Index
    embedder: Embedder | None
    answers: Answers


class NothingToSay:
    """Answers while the only index there is cannot be asked, since its model or its layout is not to be had any more.

    Not an error at the start: the process that must not start would be the one that builds the new index.
    """

    def answer(self, question: Question, show: Show | None = None) -> Answer:  # noqa: ARG002 - whatever is asked
        return Answer(REBUILDING, Outcome.NOT_FOUND)

    def explain(self, question: Question, beside: Audience | None = None) -> Explanation:  # noqa: ARG002 - same
        return Explanation(question.text, (), 0, (), self.answer(question), None)


class Serving:
    """Who asks gets one pair from start to end, and a switch waits for nobody: what it switched from goes when unused.

    `embedder` and `wanted` are what the settings ask for; `load` brings back the model of an older identity, and `wire`
    makes of embedder and index what answers. Creates the index where there is none.
    """

    def __init__(
        self,
        generations: Generations,
        embedder: Embedder,
        wanted: Identity,
        *,
        load: Callable[[Identity], Embedder],
        wire: Callable[[Embedder, Index], Answers],
    ) -> None:
        self.generations = generations
        self.embedder = embedder
        self.wanted = wanted
        self._load = load
        self._wire = wire
        self._users: Counter[int] = Counter()
        self._unused = Condition()
        self._following = Lock()
        self._looked_at = monotonic()
        self._pair = self._paired(self._first())

    @property
    def is_as_wanted(self) -> bool:
        """Whether what serves was built with what the settings ask for."""
        return self._pair.generation.identity == self.wanted

    def answer(self, question: Question, show: Show | None = None) -> Answer:
        """As `rag.answering.Answerer`. Should the index be dropped meanwhile, the one in its place answers."""
        with self.pair() as pair:
            try:
                return pair.answers.answer(question, show)
            except IndexUnavailable:
                self.follow(wait=True)  # the model of the new one may take seconds to load
                if self._pair is pair:
                    raise
        return self.answer(question, show)

    def explain(self, question: Question, beside: Audience | None = None) -> Explanation:
        """As `rag.answering.Answerer`, of what serves now."""
        with self.pair() as pair:
            return pair.answers.explain(question, beside)

    def chunk(self, point_id: str, audience: Audience) -> Chunk | None:
        """One chunk as it is indexed now; None where it is not there, or not for this audience. Raises IndexUnavailable."""
        with self.pair() as pair:
            embedder = pair.embedder
            return None if embedder is None else as_indexed(pair.index, embedder, point_id, audience)

    @contextmanager
    def pair(self) -> Iterator[Pair]:
        """What serves now, kept as long as the block uses it."""
        if monotonic() - self._looked_at > _LOOK_EVERY:
            self.follow()
        with self._unused:
            pair = self._pair
            self._users[pair.generation.number] += 1
        try:
            yield pair
        finally:
            with self._unused:
                self._users[pair.generation.number] -= 1
                self._unused.notify_all()

    def switch(self) -> None:
        """The generation that was built serves from now on; the former is dropped when nobody uses it any more."""
        self.generations.switch()
        self.follow(wait=True)
        self.retire()

    def retire(self) -> None:
        """Drop what no longer serves, once its users are done."""
        serving = self._pair.generation.number
        with self._unused:
            self._unused.wait_for(
                lambda: not any(self._users[number] for number in self._users if number != serving),
                timeout=_LONGEST_QUESTION,
            )
        sleep(self.generations.grace_seconds)
        self.generations.tidy()

    def follow(self, *, wait: bool = False) -> None:
        """Take what serves now, if another process switched. Questions go on meanwhile with what they have.

        Where another thread does that already, return at once, or `wait` for it.
        """
        if not self._following.acquire(blocking=wait):
            return
        try:
            self._looked_at = monotonic()
            serving = self.generations.serving()
            if serving is not None and serving != self._pair.generation:
                self._pair = self._paired(serving)
                log.info("answering from index generation %d", serving.number)
        except IndexUnavailable as error:
            log.warning("still answering from generation %d (%s)", self._pair.generation.number, error)
        finally:
            self._following.release()

    def _first(self) -> Generation:
        serving = self.generations.serving()
        if serving is None:
            self.generations.index(self.generations.begin(self.wanted, "first"))
            self.generations.switch()
            serving = self.generations.serving()
        if serving is None:
            raise IndexUnavailable("The index could not be created.")
        return serving

    def _paired(self, generation: Generation) -> Pair:
        index = self.generations.index(generation)
        embedder = self._embedder_of(generation.identity)
        answers = NothingToSay() if embedder is None else self._wire(embedder, index)
        return Pair(generation, index, embedder, answers)

    def _embedder_of(self, identity: Identity) -> Embedder | None:
        if not identity.is_readable:
            log.error("the index has layout %d, which is not understood any more", identity.layout)
            return None
        if identity.takes(self.embedder):
            return self.embedder
        try:
            embedder = self._load(identity)
        except (ConfigError, EmbedderUnavailable):
            embedder = None
        if embedder is None or not identity.takes(embedder):
            log.error("the index was built with %s, which cannot be loaded any more", identity.embedder)
            return None
        log.warning(
            "answering with %s until the index is built with %s", identity.embedder, self.embedder.name
        )
        return embedder
