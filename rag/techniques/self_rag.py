"""Self-RAG: only relevant passages are read, and the answer is asked whether it is grounded and useful.

Asai et al. 2023, "Self-RAG: learning to retrieve, generate, and critique through self-reflection"
(https://arxiv.org/abs/2310.11511): its reflection tokens IsRel, IsSup and IsUse, as structured outputs of any model. One call for the
passages, one for the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from rag.domain import Passage
from rag.ports import LLM
from rag.prompting import prompt_about
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import parsed
from rag.techniques.grading import graded
from rag.techniques.prompts import CHECK


@dataclass(frozen=True, slots=True)
class Relevant:
    """Leaves only the passages that are not graded incorrect (IsRel)."""

    llm: LLM

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        found = retrieve(search)
        if not found.passages:
            return found
        grades = graded(self.llm, search.text, found.passages)
        kept = [
            passage for passage, grade in zip(found.passages, grades, strict=True) if grade != "incorrect"
        ]
        passages = tuple(replace(passage, rank=rank) for rank, passage in enumerate(kept, start=1))
        return replace(found, passages=passages, candidates=passages or found.candidates)


class Critique(BaseModel):
    """Whether every statement is made true by the documents (IsSup), and whether what was asked is answered (IsUse)."""

    grounded: bool
    useful: bool


def critique(llm: LLM, question: str, answer: str, passages: Sequence[Passage]) -> Critique | None:
    """What the model says of an answer; None where it declines."""
    return parsed(llm, prompt_about(CHECK, question, passages, notes=[("the answer", answer)]), Critique)
