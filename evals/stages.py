"""How long does finding take, beside what no search can do without? Without Slack and without a language model.

For each question, in turn and on the same index: `embed_query` and `index.search` alone; then all that the product does before a word
is written: embed, search, fuse, bring copies together, correct, weigh dates, and read what stands around the passages; then the same
with late interaction. The order of the three is drawn anew for each question, so that neither profits from what the other has warmed.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar, cast

from rich.table import Table

from evals.chaos import percentile
from evals.datasets import open_dataset
from evals.datasets.dataset import AUDIENCE
from evals.indexing import Collection, open_collection
from evals.interleaving import WARM_UP, asked, interleaved
from evals.reporting import show, write_json
from rag.adapters.late_interaction import LateInteraction
from rag.composition import open_embedder
from rag.copies import without_copies
from rag.errors import FootnoteError
from rag.expansion import expanded
from rag.fusion import by_score
from rag.ports import TokenEmbedder
from rag.retrieval import Found, Retrieve, Retriever, Search, planned
from rag.settings import RetrievalSettings, Settings
from rag.techniques.plan import usual
from rag.techniques.recency import Recency
from rag.techniques.reranking import Reranking
from rag.techniques.spelling import Spelling

Result = TypeVar("Result")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the dataset")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument(
        "--token-vectors", action="store_true", help="store the vectors of tokens, as INDEXING_TECHNIQUES may"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when measured, 2 when the dataset or a setting must be changed."""
    settings = Settings()
    try:
        dataset = open_dataset(arguments.data)
        embedder = open_embedder(settings)
        texts = asked(dataset, arguments.questions)
        folder = settings.storage.data_dir / "evals"
        with open_collection(dataset, embedder, folder, tokens=arguments.token_vectors) as collection:
            figures = measured(texts, collection, settings.retrieval)
    except FootnoteError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    show(_table(dataset.name, figures))
    if arguments.json:
        write_json(arguments.json, figures)
    return 0


def measured(texts: Sequence[str], collection: Collection, settings: RetrievalSettings) -> dict[str, Any]:
    """Milliseconds at the median and at the 95th percentile, the ratio of the first two at the median, and what re-ranking adds."""
    retriever = Retriever(
        collection.embedder, collection.index, candidates=settings.candidates, passages=settings.passages
    )
    techniques = usual(collection.embedder)
    # What re-ranks stands where `rag.composition` puts it.
    late = Reranking(LateInteraction(cast("TokenEmbedder", collection.embedder), collection.index))

    def bare(text: str) -> None:
        vector = collection.embedder.embed_query(text)
        collection.index.search(text, vector, audience=AUDIENCE, limit=settings.candidates)

    def whole(retrieve: Retrieve, text: str) -> None:
        found = retrieve(Search(text, AUDIENCE))
        expanded(found.passages, lambda passage, reach: retriever.around(passage, reach, audience=AUDIENCE))

    paths: dict[str, Callable[[str], None]] = {
        "embed and search": bare,
        "all that finds": partial(whole, planned(retriever.retrieve, techniques)),
        "with re-ranking": partial(whole, planned(retriever.retrieve, (late, *techniques))),
    }
    seconds = interleaved(paths, texts)
    p50 = {name: percentile(sorted(values), 50) for name, values in seconds.items()}
    first, second, third = p50.values()
    return {
        "chunks": collection.chunks,
        "questions": len(texts) - WARM_UP,
        **{
            f"{name}, p{percent}, ms": round(1000 * percentile(sorted(values), percent), 2)
            for name, values in seconds.items()
            for percent in (50, 95)
        },
        **{
            f"  {stage}, p50, ms": took
            for stage, took in _by_stage(texts, collection, retriever, settings).items()
        },
        "ratio, p50": round(second / first, 2),
        "re-ranking adds, p50, ms": round(1000 * (third - second), 2),
    }


def _by_stage(
    texts: Sequence[str], collection: Collection, retriever: Retriever, settings: RetrievalSettings
) -> dict[str, float]:
    """What each stage of finding takes, one after the other, in milliseconds at the median."""
    seconds: dict[str, list[float]] = {}

    def timed(stage: str, work: Callable[[], Result]) -> Result:
        began = perf_counter()
        result = work()
        seconds.setdefault(stage, []).append(perf_counter() - began)
        return result

    embedder, index = collection.embedder, collection.index
    spelling, recency = Spelling(embedder.count_tokens), Recency()
    around = partial(retriever.around, audience=AUDIENCE)
    for text in texts:
        vector = timed("embed", partial(embedder.embed_query, text))
        hits = timed(
            "search", partial(index.search, text, vector, audience=AUDIENCE, limit=settings.candidates)
        )
        fused = timed("fuse", partial(by_score, hits))
        distinct = timed("bring copies together", partial(without_copies, fused))
        found = Found(vector, hits, tuple(distinct), tuple(distinct[: settings.passages]), text)
        search = Search(text, AUDIENCE)
        known = partial(_given, found)
        timed("look at the spelling", partial(spelling, search, known))
        timed("weigh dates", partial(recency, search, known))
        timed("read around", partial(expanded, found.passages, around))
    return {
        stage: round(1000 * percentile(sorted(values[WARM_UP:]), 50), 2) for stage, values in seconds.items()
    }


def _given(found: Found, _: Search) -> Found:
    """A retrieval that costs nothing: what stands around it is timed alone."""
    return found


def _table(name: str, figures: dict[str, Any]) -> Table:
    table = Table("", "", title=f"{name}: the time to find", show_header=False)
    table.columns[1].justify = "right"
    for label, figure in figures.items():
        table.add_row(label, str(figure))
    return table
