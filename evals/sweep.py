"""What would other settings have found? One thing changed at a time, over the same questions.

Each is compared with the default, but other fusions with the default without recency.

With so many comparisons, some look significant by chance: the p-values are corrected for their number (`corrected`).
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, NamedTuple

from rich.console import RenderableType
from rich.table import Table

from evals.classic import WORDS, Classic
from evals.comparing import Comparison, compare, corrected, interval
from evals.datasets.dataset import AUDIENCE, Dataset
from evals.finding import (
    CONFIGURATIONS,
    Configuration,
    Find,
    by_distribution,
    by_rank,
    finding,
    search_text,
    spelling,
)
from evals.indexing import Collection
from evals.measuring import MEASURES
from evals.plotting import Bars
from evals.retrieval import Scores, evaluate
from evals.retrieval_reporting import LEADING
from evals.windowed import Windowed
from rag.domain import Passage
from rag.fusion import by_score, ranked_anew
from rag.ports import Embedder, Hits
from rag.retrieval import Ranking, Retriever, Search, planned
from rag.techniques.plan import usual

DEFAULT = "default"
_UNDATED = "without recency"
_RRF, _DBSF = "fusion RRF k=60", "fusion DBSF"
_BASELINES = {_RRF: _UNDATED, _DBSF: _UNDATED}
"""What is compared with something other than the default: recency takes from scores, which these have on scales of their own."""

_WINDOWS = (64, 96, 128, 192)  # tokens; the default is the model's whole window
_CLASSIC_WORDS = (100, 200)
_CANDIDATES = (10, 25, 100)
_PASSAGES = (3, 6, 8, 12)
_WEIGHTS = (0.2, 0.3, 0.4, 0.6, 0.7, 0.8)  # of the embeddings' side; the default is 0.5
_DIGITS = 4

Opened = Callable[[Embedder], AbstractContextManager[Collection]]
"""The dataset's collection, cut and embedded by an embedder."""


class Swept(NamedTuple):
    """The scores by variant, `default` first."""

    dataset: Dataset
    scores: Mapping[str, Scores]

    def differences(self, measure: str) -> dict[str, tuple[Comparison, float]]:
        """Every variant minus its baseline, mostly the default, with its p-value corrected for as many variants."""
        found = {
            name: compare(scores.of(measure), self.scores[_BASELINES.get(name, DEFAULT)].of(measure))
            for name, scores in self.scores.items()
            if name != DEFAULT
        }
        ps = corrected({name: comparison.p for name, comparison in found.items()})
        return {name: (comparison, ps[name]) for name, comparison in found.items()}

    def bars(self, measure: str) -> Bars:
        """Mean and interval of each variant, for a plot."""
        return {
            name: (scores.overall[measure], interval([*scores.of(measure).values()]))
            for name, scores in self.scores.items()
        }


def weighted(dense: float) -> Ranking:
    """The product's fusion with the embeddings' side counting `dense`, 0..1, and the words' side the rest."""

    def ranked(hits: Hits) -> list[Passage]:
        passages: dict[str, Passage] = {}
        scores: dict[str, float] = {}
        for weight, side in ((2 * dense, Hits(hits.dense, ())), (2 - 2 * dense, Hits((), hits.sparse))):
            for passage in by_score(side):
                key = passage.chunk.point_id
                passages.setdefault(key, passage)
                scores[key] = scores.get(key, 0.0) + weight * passage.score
        order = sorted(scores, key=lambda key: (-scores[key], key))
        # The new scores, too: techniques that follow add to them.
        return ranked_anew(replace(passages[key], score=scores[key]) for key in order)

    return ranked


def first(passages: int) -> Configuration:
    """The default, but only the documents of so many passages: what an answer is written from.

    The default is measured over ten documents, so that these can only lose against it: what matters is how much.
    """

    def configured(dataset: Dataset, collection: Collection, candidates: int) -> Find:  # noqa: ARG001 - as every configuration
        retriever = Retriever(
            collection.embedder, collection.index, candidates=candidates, passages=passages, ranking=by_score
        )
        retrieve = planned(retriever.retrieve, [*usual(collection.embedder)])

        return lambda query: [
            *dict.fromkeys(
                passage.chunk.document_id
                for passage in retrieve(Search(search_text(query), AUDIENCE)).passages[:passages]
            )
        ]

    return configured


def variants() -> dict[str, Configuration]:
    """What can be compared over one collection, by name; the default first."""
    default = CONFIGURATIONS[DEFAULT]
    return {
        DEFAULT: default,
        **{f"candidates {number}": _with_candidates(default, number) for number in _CANDIDATES},
        **{f"passages {number}": first(number) for number in _PASSAGES},
        _UNDATED: CONFIGURATIONS["spelling"],
        _RRF: finding(by_rank, spelling),
        _DBSF: finding(by_distribution, spelling),
        **{f"dense weight {weight:g}": finding(weighted(weight), usual) for weight in _WEIGHTS},
        f"classic {WORDS} words": CONFIGURATIONS["classic"],
        **{f"classic {words} words": _classic(words) for words in _CLASSIC_WORDS},
    }


def sweep(
    dataset: Dataset,
    embedder: Embedder,
    opened: Opened,
    *,
    candidates: int,
    split: str | None = None,
    windows: Sequence[int] = _WINDOWS,
) -> Swept:
    """Measure all variants. Chunks of each smaller window are embedded once and kept. Raises DatasetUnusable."""
    with opened(embedder) as collection:
        report = evaluate(dataset, collection, variants(), candidates=candidates, split=split)
    scores = {**report.scores}
    for window in (window for window in windows if window < embedder.max_tokens):
        with opened(Windowed(embedder, window)) as collection:
            cut = evaluate(dataset, collection, [DEFAULT], candidates=candidates, split=split)
        scores[f"chunks of {window} tokens"] = cut.scores[DEFAULT]
    return Swept(report.dataset, scores)


def _with_candidates(configuration: Configuration, number: int) -> Configuration:
    return lambda dataset, collection, _: configuration(dataset, collection, number)


def _classic(words: int) -> Configuration:
    def configured(dataset: Dataset, collection: Collection, candidates: int) -> Find:  # noqa: ARG001 - it has its own five
        kept = collection.folder.with_name(f"{collection.folder.name}-classic-{words}.npy")
        find = Classic(dataset, collection.embedder, kept, words=words).find
        return lambda query: find(search_text(query))

    return configured


def sweep_json(swept: Swept) -> dict[str, Any]:
    """{"dataset": NAME, "variants": {VARIANT: {MEASURE: {"mean", "interval", and beside the default: "difference", "p",
    "verdict"}}}}; p-values and verdicts are corrected (Holm) over the variants.
    """
    found: dict[str, dict[str, Any]] = {name: {} for name in swept.scores}
    for measure in MEASURES:
        differences = swept.differences(measure)
        for name, (mean, span) in swept.bars(measure).items():
            row: dict[str, Any] = {
                "mean": round(mean, _DIGITS),
                "interval": [round(x, _DIGITS) for x in span],
            }
            if name in differences:
                row |= _plain(*differences[name])
            found[name][measure] = row
    queries = len(swept.scores[DEFAULT].queries)
    return {"dataset": swept.dataset.name, "queries": queries, "variants": found}


def _plain(found: Comparison, p: float) -> dict[str, Any]:
    return {
        "difference": round(found.difference, _DIGITS),
        "difference_interval": [round(found.low, _DIGITS), round(found.high, _DIGITS)],
        "p": round(p, _DIGITS),
        "verdict": found._replace(p=p).verdict,
    }


def sweep_tables(swept: Swept, measure: str = LEADING) -> Iterator[RenderableType]:
    """One row a variant."""
    count = len(swept.scores[DEFAULT].queries)
    table = Table(
        "variant",
        title=f"{swept.dataset.name}: {measure} over {count} queries, each variant against the default",
        title_justify="left",
        caption=f"p corrected for {len(swept.scores) - 1} comparisons (Holm); RRF and DBSF: against {_UNDATED!r}",
        caption_justify="left",
    )
    for name in (measure, "95 %", "ms/query", "difference", "95 %", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    differences = swept.differences(measure)
    for name, (mean, span) in swept.bars(measure).items():
        row = [name, f"{mean:.3f}", _span(*span), f"{1000 * swept.scores[name].seconds / count:.1f}"]
        if name in differences:
            found, p = differences[name]
            row += [
                f"{found.difference:+.3f}",
                _span(found.low, found.high),
                f"{p:.3f}",
                found._replace(p=p).verdict,
            ]
        table.add_row(*row)
    yield table


def _span(low: float, high: float) -> str:
    return f"{low:.3f} … {high:.3f}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--measure", choices=MEASURES, default=LEADING, help=f"what is shown; default: {LEADING}"
    )
