"""Step-back: a more general question is searched, too, so that the rule is found beside the case.

Zheng et al. 2023, "Take a step back: evoking reasoning via abstraction in large language models"
(https://arxiv.org/abs/2310.06117). One call of the model, one more search.
"""

from dataclasses import dataclass, replace

from rag.ports import LLM
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import queries
from rag.techniques.merging import united
from rag.techniques.prompts import STEP_BACK


@dataclass(frozen=True, slots=True)
class StepBack:
    llm: LLM

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        general = queries(self.llm, STEP_BACK, search.text, most=1)
        return united([retrieve(search), *(retrieve(replace(search, text=text)) for text in general)])
