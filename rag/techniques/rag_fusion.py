"""RAG-fusion: related queries, each searched, the lists fused by reciprocal rank.

Rackauckas 2024, "RAG-Fusion: a new take on retrieval-augmented generation" (https://arxiv.org/abs/2402.03367); k = 60. One call
of the model, `queries` more searches.
"""

from dataclasses import dataclass, replace

from rag.ports import LLM
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import queries
from rag.techniques.merging import by_rank
from rag.techniques.prompts import RELATED


@dataclass(frozen=True, slots=True)
class RagFusion:
    llm: LLM
    queries: int = 4
    k: int = 60

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        others = queries(self.llm, RELATED, search.text, most=self.queries)
        founds = [retrieve(search), *(retrieve(replace(search, text=text)) for text in others)]
        return by_rank(founds, k=self.k) if others else founds[0]
