"""Decomposition: the question's parts are asked and answered first; the answers go along as notes.

Recursive, each part is answered with the answers before it at hand, as in Zhou et al. 2022, "Least-to-most prompting"
(https://arxiv.org/abs/2205.10625) and, interleaved with retrieval, Trivedi et al. 2022, "IRCoT" (https://arxiv.org/abs/2212.10509).
Parallel, each is answered by itself. One call of the model for the parts and one for each; as many more searches.
"""

import re
from dataclasses import dataclass, replace

from rag.ports import LLM
from rag.prompting import NOT_IN_DOCUMENTS, prompt_about
from rag.retrieval import Found, Note, Retrieve, Search
from rag.techniques.asking import completed, queries
from rag.techniques.merging import united
from rag.techniques.prompts import ANSWER_PART, DECOMPOSE

_MARK = re.compile(r"\s*\[\d{1,3}\]")


@dataclass(frozen=True, slots=True)
class Decomposition:
    llm: LLM
    parts: int = 3
    recursive: bool = True

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        parts = queries(self.llm, DECOMPOSE, search.text, most=self.parts)
        founds = [retrieve(search)]
        notes: list[Note] = []
        for part in parts:
            found = retrieve(replace(search, text=part))
            founds.append(found)
            notes += self._answered(part, found, notes if self.recursive else [])
        merged = united(founds)
        return replace(merged, notes=(*merged.notes, *notes))

    def _answered(self, part: str, found: Found, before: list[Note]) -> list[Note]:
        """The part's answer; nothing where the documents do not hold it."""
        if not found.passages:
            return []
        notes = [(note.question, note.answer) for note in before]
        reply = completed(self.llm, prompt_about(ANSWER_PART, part, found.passages, notes=notes))
        if not reply or NOT_IN_DOCUMENTS in reply:
            return []
        # The numbers are those of this part's passages, and would name others in the end.
        return [Note(part, _MARK.sub("", reply))]
