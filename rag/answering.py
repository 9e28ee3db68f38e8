"""The use case: a Question in, an Answer out, from the indexed documents alone.

stand alone ─ known? ─ retrieve ─ clear? ─ generate and check, or quote ─ do the documents disagree? ─ keep
"""

from collections.abc import Sequence
from functools import partial

from rag.answer_cache import Memory
from rag.attached import beside
from rag.budget import CountTokens, estimated_tokens
from rag.checking import Check
from rag.citing import citations_of
from rag.clarifying import clarification, confirmed
from rag.conflicts import disagreement, retold
from rag.domain import Answer, Audience, Outcome, Passage, Question
from rag.drafting import Show
from rag.explaining import Explanation, Trace, withheld
from rag.extracting import extract
from rag.generating import Generator
from rag.noting import stage
from rag.ports import LLM, Embedder
from rag.prompting import REWRITING_TOKENS
from rag.retrieval import Found, Retriever, Search, Technique, planned
from rag.techniques.follow_up import standalone

_NEAREST_PAGES = 3  # offered when the documents hold no answer
_NEAR = 0.25  # cosine; a page further away than this is not worth offering
_ATTACHED = 0.75  # of the context, for files that came with the question
_COMPARED = 10  # candidates in which a quoted statement may be contradicted

NOTHING_TO_READ = "There is nothing here yet that I may read for the people in this conversation."
NOT_FOUND = "I couldn't find an answer to that in the documents I can read here."
NOT_FOUND_BUT_NEAR = f"{NOT_FOUND} The closest pages are:"
NOTHING_ASKED = "Hello! Ask me something that your team's documents may know, in a sentence or two, and I answer with links to them."


class Answerer:
    """Answers questions. Without an LLM the answer is quoted, sentence by sentence.

    `techniques` stand around the retrieval, the first outermost; `answer_threshold` (0..1) is the confidence below which a
    quoted answer is held back. `context_tokens`, as `count_tokens` counts, bounds the prompt for an LLM, and `check`
    decides what of its answer stands, `draft_check` what of one that is still being written. `clarifying`: whether to ask back.
    `memory`: answers given before.
    """

    def __init__(
        self,
        retriever: Retriever,
        embedder: Embedder,
        llm: LLM | None,
        *,
        answer_threshold: float,
        context_tokens: int,
        count_tokens: CountTokens = estimated_tokens,
        techniques: Sequence[Technique] = (),
        check: Check | None = None,
        draft_check: Check | None = None,
        clarifying: bool = True,
        memory: Memory | None = None,
    ) -> None:
        self._retriever = retriever
        self._techniques = tuple(techniques)
        self._retrieve = planned(retriever.retrieve, techniques)
        self._embedder = embedder
        self._llm = llm
        self._answer_threshold = answer_threshold
        self._context_tokens = context_tokens
        self._count_tokens = count_tokens
        self._clarifying = clarifying
        self._memory = memory
        self._generator: Generator | None = None
        if llm is not None:
            self._generator = Generator(
                llm,
                retriever,
                embedder,
                context_tokens=context_tokens,
                count_tokens=count_tokens,
                check=check,
                draft_check=draft_check,
            )

    def answer(self, question: Question, show: Show | None = None) -> Answer:
        """Answer, ask back, or say that the documents hold no answer. `show` sees an answer that a model writes grow.

        Raises Transient when a part is away and LLMRefused when the model declines.
        """
        query = self._standalone(question)
        if question.attached:  # what they say is known to nobody but who asks now
            return self._answered(question, query, show)
        memory = self._memory
        key = memory.key(question.audience, question.scope, question.language) if memory else None
        if memory is None or key is None:
            return self._answered(question, query, show)
        vector = self._embedder.embed_query(query)
        answer = memory.cache.find(key, query, vector)
        if answer is None:
            answer = self._answered(question, query, show)
            memory.cache.keep(key, query, vector, answer)
        return answer

    def explain(self, question: Question, beside: Audience | None = None) -> Explanation:
        """Answer as above, watched, and without what is remembered. What `beside` finds anywhere, and the question's audience
        may not read or its scope leaves out, is told, too. Raises as `answer` does.
        """
        query, trace = self._standalone(question), Trace()
        retrieve = planned(
            partial(self._retriever.retrieve, tell=trace.searched),
            [trace.watched(technique) for technique in self._techniques],
        )
        found = retrieve(Search(query, question.audience, question.scope))
        candidates = trace.candidates(found, question.audience)
        if beside is not None and Search(query, beside) != Search(query, question.audience, question.scope):
            others = self._retrieve(Search(query, beside))
            candidates += withheld(others, question.audience, question.scope)
        return Explanation(
            found.text or query,
            tuple(candidates),
            trace.searches,
            tuple(dict.fromkeys(trace.steps)),
            self._said(question, query, found, None),
            self._answer_threshold if self._generator is None else None,
        )

    def _standalone(self, question: Question) -> str:
        with stage("stand alone"):
            return standalone(
                question,
                self._llm,
                context_tokens=min(self._context_tokens, REWRITING_TOKENS),
                count_tokens=self._count_tokens,
            )

    def _answered(self, question: Question, query: str, show: Show | None) -> Answer:
        with stage("retrieve"):
            found = self._retrieve(Search(query, question.audience, question.scope))
        return self._said(question, query, found, show)

    def _said(self, question: Question, query: str, found: Found, show: Show | None) -> Answer:
        """What is answered from what was found."""
        if question.attached:
            room = _ATTACHED * self._context_tokens if self._llm else 0
            found = beside(
                found, query, question.attached, self._embedder, room=room, count_tokens=self._count_tokens
            )
        if found.needless:
            return Answer(NOTHING_ASKED, Outcome.NEEDS_CLARIFICATION)
        if not found.candidates:
            return Answer(NOTHING_TO_READ, Outcome.NOT_FOUND)
        if not found.passages:  # all of them were judged not to answer
            return not_found(found.candidates, 0.0)
        if asking := self._asking_back(question, query, found):
            return asking
        if self._generator is None:
            with stage("quote"):
                return self._quoted(question, query, found)
        with stage("write"):
            written = self._generator.answer(question, query, found, show)
        return written or not_found(found.passages, 0.0)

    def _asking_back(self, question: Question, query: str, found: Found) -> Answer | None:
        if not self._clarifying or question.history or question.attached:
            return None
        asking = clarification(found.text or query, found)
        if asking is None or self._generator is None:
            return asking
        model = self._generator
        return confirmed(
            asking,
            query,
            model.llm,
            context_tokens=model.context_tokens,
            count_tokens=model.count_tokens,
            language=question.language,
        )

    def _quoted(self, question: Question, query: str, found: Found) -> Answer:
        said = [turn.text for turn in question.history if turn.author == "bot"]
        asked = found.text or query
        quoted = extract(asked, found, self._embedder, said=said)
        if quoted.confidence < self._answer_threshold:
            return not_found(found.passages, quoted.confidence)
        text, citations, passages = quoted.text, quoted.citations, found.passages
        quotes = [quote for citation in citations for quote in citation.quotes]
        compared = found.candidates[:_COMPARED]
        if statements := disagreement(asked, quotes, compared, self._embedder):
            text, citations = retold(statements, quotes, compared)
            passages = compared
        return Answer(text, Outcome.ANSWERED, citations, passages, quoted.confidence)


def not_found(passages: Sequence[Passage], confidence: float) -> Answer:
    """Says that the documents hold no answer, and offers the nearest pages."""
    near = [passage for passage in passages if (passage.similarity or 0.0) >= _NEAR]
    pages = citations_of(near)[:_NEAREST_PAGES]
    return Answer(
        NOT_FOUND_BUT_NEAR if pages else NOT_FOUND, Outcome.NOT_FOUND, pages, tuple(passages), confidence
    )
