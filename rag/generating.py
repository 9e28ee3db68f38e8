"""Answers that a language model writes: from the passages alone, and only what these turn out to say."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic

from rag.attached import around
from rag.budget import CountTokens, estimated_tokens
from rag.checking import Check, Source, checked
from rag.citing import cite
from rag.confidence import of_written
from rag.conflicts import Statement, suspected
from rag.domain import Answer, Chunk, Outcome, Passage, Question
from rag.drafting import Show, whole
from rag.expansion import expanded
from rag.extracting import extract
from rag.orders import without_orders
from rag.ports import LLM, Embedder, Message
from rag.prompting import NOT_IN_DOCUMENTS, answering_prompt
from rag.retrieval import Found, Retriever

log = logging.getLogger(__name__)

_DIFFER = "Do the documents disagree?"
_DRAFT_SECONDS = 0.5  # between two drafts: each is checked, and shown, as a whole


class Generator:
    """Writes answers. Prompts stay within `context_tokens`; `check` decides which claims stand, without one all do that
    name a document. `draft_check` decides it of drafts, which are many and must be soon: it is to be a quick one.
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
        draft_check: Check | None = None,
    ) -> None:
        self.llm = llm
        self.context_tokens = context_tokens
        self.count_tokens = count_tokens
        self._retriever = retriever
        self._embedder = embedder
        self._check = check
        self._draft_check = draft_check

    def answer(self, question: Question, query: str, found: Found, show: Show | None = None) -> Answer | None:
        """An answer with its citations, None where the documents hold none; `show` sees it grow.

        Raises the errors of an LLM, IndexUnavailable, and what `show` raises.
        """
        read = expanded(found.passages, partial(self._around, question))
        notes = [(note.question, note.answer) for note in found.notes]
        if statements := suspected(query, found.passages, self._embedder):
            notes.append((_DIFFER, _differing(statements)))
        prompt = answering_prompt(
            question,
            query,
            read,
            context_tokens=self.context_tokens,
            count_tokens=self.count_tokens,
            notes=notes,
        )
        sources = [Source(passage, without_orders(text)) for passage, text in read]
        asked = f"{question.text}\n{query}"

        def cited(reply: str, check: Check | None) -> Answer | None:
            # A claim that names no document is not an answer here, however well it reads.
            text, citations = cite(self._checked(reply, sources, asked, check), found.passages)
            return Answer(text, Outcome.ANSWERED, citations, found.passages) if citations else None

        def show_draft(reply: str) -> None:
            if show is not None and (draft := cited(reply, self._draft_check)):
                show(draft)

        reply = self.llm.complete(prompt) if show is None else self._streamed(prompt, show_draft)
        answer = None if NOT_IN_DOCUMENTS in reply else cited(reply, self._check)
        if answer is None:
            return None
        return replace(
            answer,
            confidence=of_written(extract(found.text or query, found, self._embedder).confidence),
        )

    def _streamed(self, prompt: Sequence[Message], show: Callable[[str], None]) -> str:
        """The whole reply; what of it is settled is shown on the way."""
        reply, shown, shown_at = "", "", 0.0
        for piece in self.llm.stream(prompt):
            reply += piece
            if monotonic() - shown_at < _DRAFT_SECONDS or NOT_IN_DOCUMENTS in reply:
                continue
            if len(settled := whole(reply)) > len(shown):
                show(settled)
                shown, shown_at = settled, monotonic()
        return reply

    def _around(self, question: Question, passage: Passage, reach: int) -> Sequence[Chunk]:
        if passage.chunk in question.attached:  # no index holds it
            return around(passage.chunk, question.attached, reach)
        return self._retriever.around(passage, reach, audience=question.audience)

    def _checked(self, reply: str, sources: Sequence[Source], asked: str, check: Check | None) -> str:
        if check is None:
            return reply
        result = checked(reply, sources, asked, check)
        if check is self._check and (result.removed or result.corrected):
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
