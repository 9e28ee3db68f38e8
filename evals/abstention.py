"""Is an answer given where the documents hold one, and held back where they do not? For answers without an LLM."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from evals.datasets.dataset import AUDIENCE, Dataset, DatasetUnusable, Query
from evals.finding import search_text
from evals.holding_out import HoldingOut
from evals.indexing import Collection
from evals.separating import Confusion, auroc, confusion
from rag.confidence import Signals
from rag.extracting import extract
from rag.quotable import plain_text
from rag.retrieval import Retriever, Search, planned
from rag.settings import RetrievalSettings
from rag.techniques.plan import usual

SHORT = ("single", "typo", "table", "code")
"""Types of question whose answer is a short string that the documents hold."""

_MARK = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Trial:
    """What extractive answering made of one query, whatever its confidence."""

    query: Query
    text: str
    confidence: float
    signals: Signals
    nearest: float
    held_out: bool = False
    """Asked without the documents that answer it."""

    @property
    def answerable(self) -> bool:
        return bool(self.query.answerable) and not self.held_out

    @property
    def holds_answer(self) -> bool:
        """Whether the text holds one of the reference answers, in any case and spacing, as whole words."""
        said = _folded(plain_text(_MARK.sub(" ", self.text)))
        return any(_occurs(_folded(plain_text(answer)), said) for answer in self.query.answers)


@dataclass(frozen=True, slots=True)
class Separation:
    """How well the confidence separates the trials, and what the threshold makes of it."""

    confusion: Confusion
    auroc: float


def attempt(
    dataset: Dataset, collection: Collection, settings: RetrievalSettings, split: str | None = None
) -> tuple[Trial, ...]:
    """Answer every query of the split of which the dataset says whether it is answerable, as the product would.

    Raises DatasetUnusable when there are none.
    """
    queries = [query for query in dataset.part(split).queries if query.answerable is not None]
    if not queries:
        raise DatasetUnusable(
            f"The dataset {dataset.name} does not say which queries are answerable: metadata.answerable is missing."
        )
    retriever = Retriever(
        collection.embedder, collection.index, candidates=settings.candidates, passages=settings.passages
    )
    return tuple(_trial(query, collection, retriever) for query in queries)


def attempt_without(
    dataset: Dataset, collection: Collection, settings: RetrievalSettings, split: str | None = None
) -> tuple[Trial, ...]:
    """Every answerable query of the split once more, without the documents that are judged to answer it."""
    part = dataset.part(split)
    gold: dict[str, set[str]] = {}
    for qrel in part.qrels:
        gold.setdefault(qrel.query_id, set()).add(qrel.document_id)
    index = HoldingOut(collection.index)
    retriever = Retriever(
        collection.embedder, index.as_index(), candidates=settings.candidates, passages=settings.passages
    )
    trials = []
    for query in part.queries:
        if query.answerable and query.id in gold:
            index.hidden = gold[query.id]
            trials.append(replace(_trial(query, collection, retriever), held_out=True))
    return tuple(trials)


def separation(trials: Sequence[Trial], threshold: float) -> Separation:
    """Over the given trials; a confidence equal to the threshold answers."""
    confidences = [trial.confidence for trial in trials]
    answerable = [trial.answerable for trial in trials]
    return Separation(confusion(confidences, answerable, threshold), auroc(confidences, answerable))


def holding_answer(trials: Iterable[Trial]) -> Mapping[str, tuple[int, int]]:
    """Of the answerable trials of each type with short answers: how many hold the answer, and how many there are."""
    found: dict[str, tuple[int, int]] = {}
    for trial in trials:
        if trial.answerable and trial.query.type in SHORT and trial.query.answers:
            held, total = found.get(trial.query.type, (0, 0))
            found[trial.query.type] = (held + trial.holds_answer, total + 1)
    return found


def _trial(query: Query, collection: Collection, retriever: Retriever) -> Trial:
    text = search_text(query)
    said = [turn.text for turn in query.history if turn.author == "bot"]
    found = planned(retriever.retrieve, usual(collection.embedder))(Search(text, AUDIENCE))
    quoted = extract(found.text, found, collection.embedder, said=said)
    return Trial(query, quoted.text, quoted.confidence, quoted.signals, quoted.nearest)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _occurs(answer: str, text: str) -> bool:
    return bool(answer) and re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None
