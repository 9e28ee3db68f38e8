"""How long does finding take, beside what no search can do without? Without Slack and without a language model.

For each question, in turn and on the same index: `embed_query` and `index.search` alone; then all that the product does before a word
is written: embed, search, fuse, bring copies together, correct, weigh dates, and read what stands around the passages. The
order of the two is drawn anew for each question, so that neither profits from what the other has warmed.
"""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.table import Table

from evals.chaos import percentile
from evals.datasets import open_dataset
from evals.datasets.dataset import AUDIENCE
from evals.indexing import Collection, open_collection
from evals.reporting import show, write_json
from rag.composition import open_embedder
from rag.errors import FootnoteError
from rag.expansion import expanded
from rag.retrieval import Retriever, Search, planned
from rag.settings import RetrievalSettings, Settings
from rag.techniques.plan import usual

_WARM_UP = 10
_SEED = 7


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the dataset")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when measured, 2 when the dataset or a setting must be changed."""
    settings = Settings()
    try:
        dataset = open_dataset(arguments.data)
        embedder = open_embedder(settings)
        texts = [query.text for query in islice(cycle(dataset.queries), arguments.questions + _WARM_UP)]
        with open_collection(dataset, embedder, settings.storage.data_dir / "evals") as collection:
            figures = measured(texts, collection, settings.retrieval)
    except FootnoteError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    show(_table(dataset.name, figures))
    if arguments.json:
        write_json(arguments.json, figures)
    return 0


def measured(texts: Sequence[str], collection: Collection, settings: RetrievalSettings) -> dict[str, Any]:
    """Milliseconds at the median and at the 95th percentile, and their ratio at the median."""
    retriever = Retriever(
        collection.embedder, collection.index, candidates=settings.candidates, passages=settings.passages
    )
    retrieve = planned(retriever.retrieve, usual(collection.embedder))

    def bare(text: str) -> None:
        vector = collection.embedder.embed_query(text)
        collection.index.search(text, vector, audience=AUDIENCE, limit=settings.candidates)

    def whole(text: str) -> None:
        found = retrieve(Search(text, AUDIENCE))
        expanded(found.passages, lambda passage, reach: retriever.around(passage, reach, audience=AUDIENCE))

    seconds = _interleaved({"embed and search": bare, "all that finds": whole}, texts)
    p50 = {name: percentile(sorted(values), 50) for name, values in seconds.items()}
    first, second = p50.values()
    return {
        "chunks": collection.chunks,
        "questions": len(texts) - _WARM_UP,
        **{
            f"{name}, p{percent}, ms": round(1000 * percentile(sorted(values), percent), 2)
            for name, values in seconds.items()
            for percent in (50, 95)
        },
        "ratio, p50": round(second / first, 2),
    }


def _interleaved(paths: dict[str, Callable[[str], None]], texts: Sequence[str]) -> dict[str, list[float]]:
    order = random.Random(_SEED)  # noqa: S311 - an order, not a secret
    seconds: dict[str, list[float]] = {name: [] for name in paths}
    for text in texts:
        for name in order.sample([*paths], len(paths)):
            began = perf_counter()
            paths[name](text)
            seconds[name].append(perf_counter() - began)
    return {name: values[_WARM_UP:] for name, values in seconds.items()}


def _table(name: str, figures: dict[str, Any]) -> Table:
    table = Table("", "", title=f"{name}: the time to find", show_header=False)
    table.columns[1].justify = "right"
    for label, figure in figures.items():
        table.add_row(label, str(figure))
    return table
