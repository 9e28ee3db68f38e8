"""Multi-query: the question in several wordings, each searched, the unique union of what they find.

As the MultiQueryRetriever of LangChain (https://python.langchain.com/docs/how_to/MultiQueryRetriever/); query expansion by a language
model as in Wang et al. 2023, "Query2doc". One call of the model, `queries` more searches.
"""

from dataclasses import dataclass, replace

from rag.ports import LLM
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import queries
from rag.techniques.merging import united
from rag.techniques.prompts import REPHRASE


@dataclass(frozen=True, slots=True)
class MultiQuery:
    llm: LLM
    queries: int = 5

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        others = queries(self.llm, REPHRASE, search.text, most=self.queries)
        return united([retrieve(search), *(retrieve(replace(search, text=text)) for text in others)])
