"""Corrective RAG: what was found is graded; where none of it is right, the question is rewritten and searched once more.

Yan et al. 2024, "Corrective retrieval augmented generation" (https://arxiv.org/abs/2401.15884). Correct: the wrong passages are
left out. Ambiguous: what is left is joined with what the rewritten question finds. Incorrect: that alone counts, and where it
is wrong, too, there are no passages, so that the answer is that it is not there. The paper turns to the web; this product
answers from the team's documents only. One to three calls of the model, at most one more search.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.domain import Passage
from rag.ports import LLM
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import queries
from rag.techniques.grading import Grade, graded
from rag.techniques.merging import united
from rag.techniques.prompts import REWRITE


@dataclass(frozen=True, slots=True)
class CorrectiveRag:
    llm: LLM

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        found = retrieve(search)
        if not found.passages:
            return found
        grades = graded(self.llm, search.text, found.passages)
        kept = _kept(found, grades)
        if "correct" in grades:
            return kept
        again = self._again(search, retrieve)
        if again is None or (kept.passages and not again.passages):
            return kept
        if kept.passages:
            return united([kept, again])
        return replace(again, text=found.text, vector=found.vector, hits=found.hits)

    def _again(self, search: Search, retrieve: Retrieve) -> Found | None:
        """What the rewritten question finds, without what is graded incorrect; None where it was not rewritten."""
        rewritten = queries(self.llm, REWRITE, search.text, most=1)
        if not rewritten:
            return None
        found = retrieve(replace(search, text=rewritten[0]))
        return _kept(found, graded(self.llm, search.text, found.passages)) if found.passages else found


def _kept(found: Found, grades: Sequence[Grade]) -> Found:
    """Without the incorrect passages; the candidates beyond them, which nobody graded, are not moved up."""
    passages: tuple[Passage, ...] = tuple(
        replace(passage, rank=rank)
        for rank, passage in enumerate(
            (passage for passage, grade in zip(found.passages, grades, strict=True) if grade != "incorrect"),
            start=1,
        )
    )
    return replace(found, passages=passages, candidates=passages or found.candidates)
