"""Does retrieval find the documents that answer? One dataset, several configurations, the same chunks for all."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.datasets.dataset import AUDIENCE, Dataset, Query
from evals.indexing import Collection
from evals.measuring import DEPTH, Values, mean, measure
from rag.domain import Passage, Question
from rag.fusion import by_score
from rag.ports import Hits
from rag.retrieval import Ranking, Retriever, Search
from rag.techniques.follow_up import standalone


def by_meaning(hits: Hits) -> list[Passage]:
    """What embeddings alone find."""
    return [*hits.dense]


def by_words(hits: Hits) -> list[Passage]:
    """What BM25 alone finds."""
    return [*hits.sparse]


CONFIGURATIONS: Mapping[str, Ranking] = {"dense": by_meaning, "sparse": by_words, "default": by_score}
"""By name; `default` is what the product does."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What one configuration reached. `queries` are the measures by query id; `seconds` is the time of all queries."""

    queries: Mapping[str, Values]
    seconds: float

    @property
    def overall(self) -> dict[str, float]:
        return mean(self.queries.values())


@dataclass(frozen=True, slots=True)
class Report:
    """The scores by configuration, over the queries of `dataset` that have judgements."""

    dataset: Dataset
    split: str | None
    chunks: int
    indexing_seconds: float
    scores: Mapping[str, Scores]

    @property
    def judged(self) -> tuple[Query, ...]:
        return judged(self.dataset)

    def by_type(self, configuration: str) -> dict[str, dict[str, float]]:
        """The means over the queries of each type; empty where the dataset names no types."""
        ids: dict[str, list[str]] = {}
        for query in self.judged:
            if query.type:
                ids.setdefault(query.type, []).append(query.id)
        values = self.scores[configuration].queries
        return {name: mean(values[query_id] for query_id in ids[name]) for name in sorted(ids)}


def evaluate(
    dataset: Dataset,
    collection: Collection,
    configurations: Iterable[str],
    *,
    candidates: int,
    split: str | None = None,
) -> Report:
    """Rank the documents for every judged query of the split, once for each configuration.

    A document stands where its best chunk stands. `candidates` chunks are taken from each side of the search, as the
    product does, and twice as many as long as they come from fewer than ten documents.
    Raises DatasetUnusable when the split has no query.
    """
    part = dataset.part(split)
    scores = {name: _scores(part, collection, CONFIGURATIONS[name], candidates) for name in configurations}
    return Report(part, split, collection.chunks, collection.seconds, scores)


def judged(dataset: Dataset) -> tuple[Query, ...]:
    """The queries that have at least one judgement; only they can be scored."""
    known = {qrel.query_id for qrel in dataset.qrels}
    return tuple(query for query in dataset.queries if query.id in known)


def search_text(query: Query) -> str:
    """What is searched for: a follow-up together with what it leans on, as the product does without an LLM."""
    return standalone(Question(query.text, AUDIENCE, query.history), None)


def _scores(dataset: Dataset, collection: Collection, ranking: Ranking, candidates: int) -> Scores:
    queries = judged(dataset)
    started = time.perf_counter()
    ranked = {query.id: _documents(search_text(query), collection, ranking, candidates) for query in queries}
    seconds = time.perf_counter() - started
    return Scores(measure(ranked, dataset.qrels), seconds)


def _documents(text: str, collection: Collection, ranking: Ranking, candidates: int) -> Sequence[str]:
    """The best documents, at most ten."""
    while True:
        retriever = Retriever(
            collection.embedder,
            collection.index,
            candidates=candidates,
            passages=2 * candidates,
            ranking=ranking,
        )
        passages = retriever.retrieve(Search(text, AUDIENCE)).passages
        documents = list(dict.fromkeys(passage.chunk.document_id for passage in passages))
        if len(documents) >= DEPTH or candidates >= collection.chunks:
            return documents[:DEPTH]
        candidates *= 2
