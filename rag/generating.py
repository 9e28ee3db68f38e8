"""Answers that a language model writes: from the passages alone, and only what these turn out to say."""

import logging
from collections.abc import Sequence
from functools import partial

from rag.attached import around
from rag.budget import CountTokens, estimated_tokens
from rag.checking import Check, Source, checked
from rag.citing import cite
from rag.conflicts import Statement, suspected
from rag.domain import Answer, Chunk, Outcome, Passage, Question
from rag.expansion import expanded
from rag.ports import LLM, Embedder
from rag.prompting import NOT_IN_DOCUMENTS, answering_prompt
from rag.retrieval import Found, Retriever

log = logging.getLogger(__name__)

_DIFFER = "Do the documents disagree?"


class Generator:
    """Writes answers. Prompts stay within `context_tokens`; `check` decides which claims stand, without one all do that
    name a document.
    """

    def __init__(
        self,
        llm: LLM,
        retriever: Retriever,
        embedder: Embedder,
        *,
        context_tokens: int,
        count_tokens: CountTokens = estimated_tokens,
        check: Check | None = None,
    ) -> None:
        self.llm = llm
        self.context_tokens = context_tokens
        self.count_tokens = count_tokens
        self._retriever = retriever
        self._embedder = embedder
        self._check = check

    def answer(self, question: Question, query: str, found: Found) -> Answer | None:
        """An answer with its citations, None where the documents hold none. Raises the errors of an LLM, IndexUnavailable."""
        read = expanded(found.passages, partial(self._around, question))
        notes = [(note.question, note.answer) for note in found.notes]
        if statements := suspected(query, found.passages, self._embedder):
            notes.append((_DIFFER, _differing(statements)))
        reply = self.llm.complete(
            answering_prompt(
                question,
                query,
                read,
                context_tokens=self.context_tokens,
                count_tokens=self.count_tokens,
                notes=notes,
            )
        )
        if NOT_IN_DOCUMENTS in reply:
            return None
        sources = [Source(passage, text) for passage, text in read]
        text, citations = cite(self._checked(reply, sources, f"{question.text}\n{query}"), found.passages)
        # A claim that names no document is not an answer here, however well it reads.
        return Answer(text, Outcome.ANSWERED, citations, found.passages, 1.0) if citations else None

    def _around(self, question: Question, passage: Passage, reach: int) -> Sequence[Chunk]:
        if passage.chunk in question.attached:  # no index holds it
            return around(passage.chunk, question.attached, reach)
        return self._retriever.around(passage, reach, audience=question.audience)

    def _checked(self, reply: str, sources: Sequence[Source], asked: str) -> str:
        if self._check is None:
            return reply
        result = checked(reply, sources, asked, self._check)
        if result.removed or result.corrected:
            log.info(
                "claims without support: %d removed, %d given another mark", result.removed, result.corrected
            )
        return result.text


def _differing(statements: Sequence[Statement]) -> str:
    """For the model: which documents seem to disagree, the newest first."""
    return "They seem to:\n" + "\n".join(
        f"document {it.passage.rank}{' (superseded)' if it.stale else ''}: {it.piece.plain}"
        for it in statements
    )
