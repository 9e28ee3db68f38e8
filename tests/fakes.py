"""Implementations of the ports that need no model and reach nobody, and that record what was asked of them."""

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rag.domain import Answer, Audience, Embedding, Outcome, Question, Turn
from rag.drafting import Show
from rag.ports import Message, Model
from workers.asked import Claimed, Incoming
from workers.attachments import Attached
from workers.growing import GrowingMessage, Note
from workers.rendering import Rendered

MEMBERS_OF_T = Audience("T", frozenset({"members"}))


class WordEmbedder:
    """Vectors of hashed words: texts with common words are near, others are not."""

    name = "words-64"
    dimensions = 64
    max_tokens = 256

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text)) + 2

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        self.embedded.extend(texts)
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> Embedding:
        vector = [0.0] * self.dimensions
        for word in re.findall(r"\w+", text.lower()):
            vector[zlib.crc32(word.encode()) % self.dimensions] += 1.0
        length = math.sqrt(sum(value * value for value in vector)) or 1.0
        return [value / length for value in vector]


@dataclass
class ScriptedModel:
    """An LLM that says what it was told to, in order; an exception among the replies is raised."""

    replies: list[str | Exception]
    asked: list[Sequence[Message]] = field(default_factory=list)
    name: str = "scripted"

    def complete(self, messages: Sequence[Message]) -> str:
        self.asked.append(messages)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        yield from self.complete(messages)

    def parse(self, messages: Sequence[Message], model: type[Model]) -> Model:
        return model.model_validate_json(self.complete(messages))

    def close(self) -> None: ...


@dataclass
class RecordingReplies:
    """A thread in memory. `faults` are raised, one a call, before (or, `after`, after) the call does its work.

    With `statuses` nothing is posted before the final message.
    """

    posted: dict[str, tuple[str, Rendered]] = field(default_factory=dict)
    faults: list[tuple[str, str, Exception]] = field(default_factory=list)
    turns: tuple[Turn, ...] = ()
    statuses: bool = False
    overtaken: bool = False

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:
        self._fault("history", "before")
        return self.turns

    def find(self, claimed: Claimed) -> str | None:
        self._fault("find", "before")
        mine = (ts for ts, (question_id, _) in self.posted.items() if question_id == claimed.question_id)
        return next(mine, None)

    def begin(self, claimed: Claimed) -> str | None:
        self._fault("begin", "before")
        if self.statuses:
            return None
        ts = self._new_ts()
        self.posted[ts] = (claimed.question_id, Rendered("…", []))
        self._fault("begin", "after")
        return ts

    def growing(self, claimed: Claimed, ts: str | None, note: Note) -> GrowingMessage | None:
        return None

    def somebody_replied(self, incoming: Incoming) -> bool:
        self._fault("somebody_replied", "before")
        return self.overtaken

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> str | None:
        self._fault("finish", "before")
        ts = ts or self._new_ts()
        self.posted[ts] = (claimed.question_id, message)
        self._fault("finish", "after")
        return ts

    def withdraw(self, claimed: Claimed) -> None:
        self._fault("withdraw", "before")
        self.posted = {ts: kept for ts, kept in self.posted.items() if kept[0] != claimed.question_id}

    @property
    def texts(self) -> list[str]:
        return [message.text for _, message in self.posted.values()]

    def _new_ts(self) -> str:
        return f"{len(self.posted) + 1}.0"

    def _fault(self, method: str, when: str) -> None:
        if self.faults and self.faults[0][:2] == (method, when):
            raise self.faults.pop(0)[2]


class EverybodyReads:
    """Access that gives every conversation the same audience."""

    def audience(self, incoming: Incoming) -> Audience:
        return MEMBERS_OF_T


@dataclass
class ScriptedAttachments:
    """Files that say what they were told to; an exception among them is raised."""

    read_next: list[Attached | Exception]

    def read(self, incoming: Incoming) -> Attached:
        attached = self.read_next.pop(0)
        if isinstance(attached, Exception):
            raise attached
        return attached


@dataclass
class ScriptedAnswerer:
    """Answers with what it was told to; an exception among the answers is raised."""

    answers: list[Answer | Exception]
    asked: list[Question] = field(default_factory=list)

    def answer(self, question: Question, show: Show | None = None) -> Answer:
        self.asked.append(question)
        answer = self.answers.pop(0) if self.answers else Answer("25 days.", Outcome.ANSWERED)
        if isinstance(answer, Exception):
            raise answer
        return answer
