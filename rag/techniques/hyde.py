"""HyDE: what an answer might read like is written first, and searched with beside the question.

Gao et al. 2022, "Precise zero-shot dense retrieval without relevance labels" (https://arxiv.org/abs/2212.10496): the vectors of
`passages` hypothetical documents and of the question are averaged. The search by words stays with the question, since
invented words would find what nobody asked. `passages` calls of the model, no more searches.
"""

from dataclasses import dataclass, replace

from rag.ports import LLM
from rag.prompting import prompt_about
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import completed
from rag.techniques.prompts import HYPOTHESIS

_LONGEST = 2000  # characters; the embedding model reads no more


@dataclass(frozen=True, slots=True)
class HyDE:
    llm: LLM
    passages: int = 1

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        replies = [completed(self.llm, prompt_about(HYPOTHESIS, search.text)) for _ in range(self.passages)]
        written = tuple(reply[:_LONGEST] for reply in replies if reply)
        return retrieve(replace(search, hypotheses=(*search.hypotheses, *written)))
