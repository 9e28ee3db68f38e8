"""The use case: a Question in, an Answer out, from the indexed documents alone."""

from collections.abc import Sequence
from functools import partial

from rag.citing import citations_of, cite
from rag.domain import Answer, Outcome, Passage, Question
from rag.expansion import expanded
from rag.extracting import extract
from rag.ports import LLM, Embedder
from rag.prompting import NOT_IN_DOCUMENTS, answering_prompt
from rag.retrieval import Found, Retriever, Search, Technique, planned
from rag.techniques.follow_up import standalone

_NEAREST_PAGES = 3  # offered when the documents hold no answer
_NEAR = 0.25  # cosine; a page further away than this is not worth offering

NOTHING_TO_READ = "There is nothing here yet that I may read for the people in this conversation."
NOT_FOUND = "I couldn't find an answer to that in the documents I can read here."
NOT_FOUND_BUT_NEAR = f"{NOT_FOUND} The closest pages are:"


class Answerer:
    """Answers questions. Without an LLM the answer is quoted, sentence by sentence.

    `techniques` stand around the retrieval, the first outermost; `answer_threshold` (0..1) is the confidence below which a quoted answer is held back; `context_tokens` bounds the
    prompt for an LLM.
    """

    def __init__(
        self,
        retriever: Retriever,
        embedder: Embedder,
        llm: LLM | None,
        *,
        answer_threshold: float,
        context_tokens: int,
        techniques: Sequence[Technique] = (),
    ) -> None:
        self._retriever = retriever
        self._retrieve = planned(retriever.retrieve, techniques)
        self._embedder = embedder
        self._llm = llm
        self._answer_threshold = answer_threshold
        self._context_tokens = context_tokens

    def answer(self, question: Question) -> Answer:
        """Answer, or say that the documents hold no answer.

        Raises Transient when a part is away and LLMRefused when the model declines.
        """
        query = standalone(question, self._llm)
        found = self._retrieve(Search(query, question.audience))
        if not found.passages:
            return Answer(NOTHING_TO_READ, Outcome.NOT_FOUND)
        if self._llm is None:
            return self._quoted(question, query, found)
        return self._generated(self._llm, question, query, found.passages)

    def _quoted(self, question: Question, query: str, found: Found) -> Answer:
        said = [turn.text for turn in question.history if turn.author == "bot"]
        quoted = extract(found.text or query, found, self._embedder, said=said)
        if quoted.confidence < self._answer_threshold:
            return not_found(found.passages, quoted.confidence)
        return Answer(quoted.text, Outcome.ANSWERED, quoted.citations, found.passages, quoted.confidence)

    def _generated(self, llm: LLM, question: Question, query: str, passages: Sequence[Passage]) -> Answer:
        widened = expanded(passages, partial(self._retriever.around, audience=question.audience))
        reply = llm.complete(answering_prompt(question, query, widened, context_tokens=self._context_tokens))
        text, citations = cite(reply, passages)
        if NOT_IN_DOCUMENTS in reply or not citations:
            # A claim that names no document is not an answer here, however well it reads.
            return not_found(passages, 0.0)
        return Answer(text, Outcome.ANSWERED, citations, tuple(passages), 1.0)


def not_found(passages: Sequence[Passage], confidence: float) -> Answer:
    """Says that the documents hold no answer, and offers the nearest pages."""
    near = [passage for passage in passages if (passage.similarity or 0.0) >= _NEAR]
    pages = citations_of(near)[:_NEAREST_PAGES]
    return Answer(
        NOT_FOUND_BUT_NEAR if pages else NOT_FOUND, Outcome.NOT_FOUND, pages, tuple(passages), confidence
    )
