"""Does retrieval find the documents that answer? One dataset, several configurations, the same questions for all."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evals.datasets.dataset import Dataset, DatasetUnusable, Query
from evals.finding import CONFIGURATIONS, Configuration, Find
from evals.indexing import Collection
from evals.measuring import Values, mean, measure

PerQuery = Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Scores:
    """What one configuration reached. `queries` are the measures by query id; `seconds` is the time of all queries."""

    queries: PerQuery
    seconds: float

    @property
    def overall(self) -> dict[str, float]:
        return mean(self.queries.values())

    def of(self, name: str) -> dict[str, float]:
        """One measure, by query id."""
        return {query_id: values[name] for query_id, values in self.queries.items()}


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
    configurations: Iterable[str] | Mapping[str, Configuration],
    *,
    candidates: int,
    split: str | None = None,
) -> Report:
    """Rank the documents for every judged query of the split, once for each configuration, by name or given.

    Raises DatasetUnusable when no query of the split has a judgement.
    """
    part = dataset.part(split)
    if not judged(part):
        raise DatasetUnusable(f"The dataset {dataset.name} has no judgement for any of the queries chosen.")
    chosen = (
        configurations
        if isinstance(configurations, Mapping)
        else {name: CONFIGURATIONS[name] for name in configurations}
    )
    scores = {name: _scores(part, make(part, collection, candidates)) for name, make in chosen.items()}
    return Report(part, split, collection.chunks, collection.seconds, scores)


def judged(dataset: Dataset) -> tuple[Query, ...]:
    """The queries that have at least one judgement; only they can be scored."""
    known = {qrel.query_id for qrel in dataset.qrels}
    return tuple(query for query in dataset.queries if query.id in known)


def _scores(dataset: Dataset, find: Find) -> Scores:
    queries = judged(dataset)
    find(queries[0])  # loads what is loaded once
    started = time.perf_counter()
    ranked = {query.id: find(query) for query in queries}
    seconds = time.perf_counter() - started
    return Scores(measure(ranked, dataset.qrels), seconds)
