"""What does each technique cost? Calls of the language model, searches, and the time it adds of itself.

Each question is searched for by the usual plan, and by the usual plan with one technique around it, in an order drawn anew; a
language model that answers at once, in process, stands in for a real one, whose time comes on top for each call. What is
found is therefore no measure of quality here. Indexing techniques are measured on the dataset's documents likewise.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from threading import Lock
from typing import Any

from rich.table import Table

from evals.chaos import percentile
from evals.datasets import open_dataset
from evals.datasets.dataset import AUDIENCE, SOURCE
from evals.enriching import enriched
from evals.indexing import Collection, open_collection
from evals.interleaving import asked, interleaved
from evals.reporting import show, write_json
from rag.composition import open_embedder
from rag.errors import FootnoteError
from rag.ports import Message, Model
from rag.retrieval import Found, Retriever, Search, planned
from rag.settings import RetrievalSettings, Settings
from rag.techniques.plan import NAMES, Parts, plan, usual
from rag.techniques.routing import Described

_REPLIES: dict[str, Any] = {
    "steps": "several",
    "sources": [SOURCE],
    "grades": [{"document": 1, "grade": "correct"}, {"document": 2, "grade": "ambiguous"}],
}
_SOURCES = {
    SOURCE: Described(SOURCE, "all of the documents"),
    "others": Described("others", "nothing at all"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the dataset")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when measured, 2 when the dataset or a setting must be changed."""
    settings = Settings()
    try:
        dataset = open_dataset(arguments.data)
        embedder = open_embedder(settings)
        texts = asked(dataset, arguments.questions)
        with open_collection(dataset, embedder, settings.storage.data_dir / "evals") as collection:
            figures = measured(texts, collection, settings.retrieval)
        written = enriched(dataset, embedder, InstantLLM)
    except FootnoteError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    show(_table(f"{dataset.name}: what a technique costs for each question", figures))
    show(_table(f"{dataset.name}: what an indexing technique costs, once", written))
    if arguments.json:
        write_json(arguments.json, {"asking": figures, "indexing": written})
    return 0


@dataclass
class InstantLLM:
    """Replies at once with something plausible: variants of the question last asked about, or fixed values."""

    calls: int = 0
    name: str = "instant"
    _lock: Lock = field(default_factory=Lock)

    def complete(self, messages: Sequence[Message]) -> str:
        with self._lock:  # indexing asks by several threads
            self.calls += 1
        return f"It is as the documents say: {_question(messages)}"

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        yield self.complete(messages)

    def parse(self, messages: Sequence[Message], model: type[Model]) -> Model:
        self.calls += 1
        question = _question(messages)
        variants = [f"{question} {word}" for word in ("rules", "exceptions", "steps", "contacts", "dates")]
        # As many as were asked for is what a real model writes; the technique takes no more.
        return model.model_validate({**_REPLIES, "queries": variants})

    def close(self) -> None: ...


def _question(messages: Sequence[Message]) -> str:
    return messages[-1].content.partition("<question>\n")[2].partition("\n</question>")[0]


def measured(
    texts: Sequence[str], collection: Collection, settings: RetrievalSettings
) -> dict[str, dict[str, float]]:
    """By technique: calls of the LLM and searches of the index for each question, and milliseconds added at the median."""
    retriever = Retriever(
        collection.embedder, collection.index, candidates=settings.candidates, passages=settings.passages
    )
    plain = planned(retriever.retrieve, usual(collection.embedder))
    return {name: _cost(name, texts, collection, retriever.retrieve, plain) for name in NAMES}


def _cost(
    name: str,
    texts: Sequence[str],
    collection: Collection,
    retrieve: Callable[[Search], Found],
    plain: Callable[[Search], Found],
) -> dict[str, float]:
    llm = InstantLLM()
    searches = 0

    def counted(search: Search) -> Found:
        nonlocal searches
        searches += 1
        return retrieve(search)

    # Counted without the usual ones, so that a search that they repeat is not taken for the technique's.
    parts = Parts(collection.embedder, lambda _: _SOURCES)
    techniques = plan([name], parts, llm)
    around = planned(counted, techniques)
    for text in texts:
        around(Search(text, AUDIENCE))
    calls = llm.calls / len(texts)
    with_it = planned(plain, techniques)
    paths = {
        "with": lambda text: with_it(Search(text, AUDIENCE)),
        "without": lambda text: plain(Search(text, AUDIENCE)),
    }
    seconds = interleaved(paths, texts)
    added = [after - before for after, before in zip(seconds["with"], seconds["without"], strict=True)]
    return {
        "LLM calls": round(calls, 2),
        "searches": round(searches / len(texts), 2),
        "ms added, p50": round(1000 * percentile(sorted(added), 50), 2),
        "ms without it, mean": round(1000 * fmean(seconds["without"]), 2),
    }


def _table(title: str, figures: dict[str, dict[str, float]]) -> Table:
    table = Table("technique", title=title)
    for label in next(iter(figures.values())):
        table.add_column(label, justify="right")
    for technique, costs in figures.items():
        table.add_row(technique, *map(str, costs.values()))
    return table
