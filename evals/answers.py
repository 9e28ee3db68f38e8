"""How good are the answers, and are they given when they should be? See `evals.answering` for the measures."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from evals.answering import MEASURES, Answered, answered, measured
from evals.chaos import percentile
from evals.comparing import Interval, compare, interval
from evals.datasets.dataset import Dataset
from evals.finding import classic_of
from evals.holding_out import HoldingOut
from evals.indexing import Collection
from evals.one_sided import OneSided
from evals.plotting import Bars
from evals.ratings import Ratings
from evals.separating import auroc, confusion
from rag.answering import Answerer
from rag.composition import answerer_of
from rag.domain import Answer, Outcome
from rag.ports import LLM, Embedder, Index
from rag.settings import Settings

_DIGITS = 4


BASELINES = ("classic", "dense", "sparse")
"""What is compared with: the same answering over what the tutorial's recipe, or one side of the search alone, finds."""

PLOTTED = ("holds_answer", "in_context", "f1", "rouge_l", "precision", "recall")


def run(
    dataset: Dataset,
    collection: Collection,
    settings: Settings,
    llm: LLM | None,
    *,
    hold_out: bool,
    baselines: Sequence[str] = BASELINES,
) -> dict[str, Any]:
    """Answer every question, and with `hold_out` once more without the documents that answer it; the figures as JSON.

    What the threshold would hold back is measured all the same: text and confidence are told apart. `configs` has the
    measures of the `baselines` beside those of the default, `against` the default minus each of them, paired by question.
    """
    index = HoldingOut(collection.index)
    answerer = _answerer(collection.embedder, index.as_index(), settings, llm)
    answers = [*answered(dataset, answerer)]
    threshold = settings.retrieval.answer_threshold
    figures: dict[str, Any] = {
        "dataset": dataset.name,
        "llm": llm.name if llm else None,
        "threshold": threshold,
    }
    figures |= _figures(answers)
    figures["abstention"] = _abstention(
        answers, [one.query.answerable is not False for one in answers], threshold
    )
    by_measure = {"default": measured(answers)} | {
        name: measured([*answered(dataset, _baseline(name, dataset, collection, settings, llm))])
        for name in baselines
    }
    figures["configs"] = {
        name: {measure: _mean([*values.values()]) for measure, values in each.items() if values}
        for name, each in by_measure.items()
    }
    figures["against"] = {
        name: {
            measure: compare(values, by_measure[name][measure])._asdict()
            for measure, values in by_measure["default"].items()
            if values and by_measure[name][measure]
        }
        for name in baselines
    }
    if hold_out:
        figures["held out"] = _held_out(dataset, answers, answerer, index, threshold)
    return figures


def _baseline(
    name: str, dataset: Dataset, collection: Collection, settings: Settings, llm: LLM | None
) -> Answerer:
    index = {
        "classic": lambda: classic_of(dataset, collection).as_index(),
        "dense": OneSided(collection.index, "dense").as_index,
        "sparse": OneSided(collection.index, "sparse").as_index,
    }[name]()
    return _answerer(collection.embedder, index, settings, llm)


def _answerer(embedder: Embedder, index: Index, settings: Settings, llm: LLM | None) -> Answerer:
    whole = settings.retrieval.model_copy(update={"answer_threshold": 0.0})
    anew = settings.answer.model_copy(update={"cache_seconds": 0.0})
    return answerer_of(Settings(retrieval=whole, llm=settings.llm, answer=anew), embedder, index, llm)


def _figures(answers: Sequence[Answered]) -> dict[str, Any]:
    by_measure = measured(answers)
    seconds = sorted(one.seconds for one in answers)
    return {
        "questions": len(answers),
        "measures": {name: _mean([*values.values()]) for name, values in by_measure.items() if values},
        "types": _by_type(answers, by_measure["holds_answer"]),
        "sentences": _mean(
            [_length(one.answer) for one in answers if one.answer.outcome is Outcome.ANSWERED]
        ),
        "ms": {f"p{at}": round(1000 * percentile(seconds, at), 1) for at in (50, 95)},
        "answers": {
            one.query.id: {"confidence": round(one.answer.confidence, _DIGITS), **_rounded(one.measures)}
            for one in answers
        },
    }


def _held_out(
    dataset: Dataset, answers: Sequence[Answered], answerer: Answerer, index: HoldingOut, threshold: float
) -> dict[str, Any]:
    """The answerable questions, each with its documents and without them."""
    gold: dict[str, set[str]] = {}
    for qrel in dataset.qrels:
        gold.setdefault(qrel.query_id, set()).add(qrel.document_id)
    there = [one for one in answers if one.query.id in gold and one.query.answerable is not False]
    without: list[Answered] = []
    for one in there:
        index.hidden = gold[one.query.id]
        alone = Dataset(dataset.name, (), (one.query,), ())
        without += answered(alone, answerer)
    index.hidden = ()
    return _abstention([*there, *without], [True] * len(there) + [False] * len(without), threshold)


def _abstention(answers: Sequence[Answered], answerable: Sequence[bool], threshold: float) -> dict[str, Any]:
    confidences = [
        one.answer.confidence if one.answer.outcome is Outcome.ANSWERED else 0.0 for one in answers
    ]
    done = confusion(confidences, answerable, threshold)
    return {"auroc": round(auroc(confidences, answerable), _DIGITS), **done._asdict()}


def _by_type(answers: Sequence[Answered], holding: Mapping[str, float]) -> dict[str, Any]:
    kinds: dict[str, list[float]] = {}
    for one in answers:
        if one.query.type and one.query.id in holding:
            kinds.setdefault(one.query.type, []).append(holding[one.query.id])
    return {
        kind: {"holds_answer": round(fmean(kinds[kind]), _DIGITS), "questions": len(kinds[kind])}
        for kind in sorted(kinds)
    }


def _length(answer: Answer) -> float:
    """Pieces quoted; sentences, mostly."""
    return float(sum(max(1, len(citation.quotes)) for citation in answer.citations))


def _mean(values: Sequence[float]) -> dict[str, Any]:
    if not values:
        return {"mean": None, "interval": None, "questions": 0}
    low, high = interval(values)
    return {
        "mean": round(fmean(values), _DIGITS),
        "interval": [round(low, _DIGITS), round(high, _DIGITS)],
        "questions": len(values),
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, _DIGITS) for name, value in values.items()}


def tables(figures: Mapping[str, Any], rated: Ratings | None) -> list[RenderableType]:
    """What `run` found, for people."""
    model = figures["llm"] or "no language model: quoted"
    table = Table(
        "measure",
        title=f"{figures['dataset']}: {figures['questions']} answers, {model}",
        title_justify="left",
    )
    for name in ("mean", "95 %", "questions"):
        table.add_column(name, justify="right")
    for name in MEASURES:
        if found := figures["measures"].get(name):
            low, high = found["interval"]
            table.add_row(name, f"{found['mean']:.3f}", f"{low:.3f} – {high:.3f}", str(found["questions"]))
    if found := figures["sentences"]:
        table.add_row("pieces quoted", f"{found['mean'] or 0:.2f}", "", str(found["questions"]))
    table.add_row("ms, p50", f"{figures['ms']['p50']}", "", "")
    table.add_row("ms, p95", f"{figures['ms']['p95']}", "", "")
    table.add_row("ratings", f"{rated.good} good, {rated.bad} bad" if rated else "none yet", "", "")
    parts: list[RenderableType] = [table]
    if figures["against"]:
        parts.append(_against_table(figures))
    if figures["types"]:
        kinds = Table("type", "questions", "holds_answer", title="By type of question", title_justify="left")
        for kind, values in figures["types"].items():
            kinds.add_row(kind, str(values["questions"]), f"{values['holds_answer']:.3f}")
        parts.append(kinds)
    parts.append(_abstention_table(figures))
    return parts


def bars(figures: Mapping[str, Any]) -> dict[str, Bars]:
    """By measure: mean and interval of each configuration, as `evals.plotting.plot` takes them."""
    return {
        measure: {
            name: (each[measure]["mean"], Interval(*each[measure]["interval"]))
            for name, each in figures["configs"].items()
            if measure in each
        }
        for measure in PLOTTED
        if measure in figures["configs"]["default"]
    }


def _against_table(figures: Mapping[str, Any]) -> Table:
    """The means of the baselines, and what the default has more, with its paired 95 % interval."""
    table = Table(
        "measure",
        title="Beside the same answering over what simpler searches find",
        title_justify="left",
        caption="difference: the default minus the baseline, its 95 % interval and p, paired by question",
        caption_justify="left",
    )
    table.add_column("default", justify="right")
    for name in figures["against"]:
        table.add_column(name, justify="right")
        table.add_column("difference", justify="right", no_wrap=True)
    for measure in MEASURES:
        if measure in figures["configs"]["default"]:
            row = [measure, f"{figures['configs']['default'][measure]['mean']:.3f}"]
            for name, differences in figures["against"].items():
                row += _compared(figures["configs"][name].get(measure), differences.get(measure))
            table.add_row(*row)
    return table


def _compared(found: Mapping[str, Any] | None, difference: Mapping[str, float] | None) -> tuple[str, str]:
    if not found or not difference:
        return "", ""
    span = rf"\[{difference['low']:+.3f}, {difference['high']:+.3f}]"
    return f"{found['mean']:.3f}", f"{difference['difference']:+.3f} {span} p={difference['p']:.3f}"


def _abstention_table(figures: Mapping[str, Any]) -> Table:
    table = Table(
        "", title=f"Answered from a confidence of {figures['threshold']:g} on", title_justify="left"
    )
    for column in ("answerable: answered", "held back", "not answerable: held back", "answered", "AUROC"):
        table.add_column(column, justify="right")
    for label, name in (("as asked", "abstention"), ("gold documents held out", "held out")):
        if name in figures:
            done = figures[name]
            table.add_row(
                label,
                *(
                    str(done[key])
                    for key in (
                        "answered_answerable",
                        "abstained_answerable",
                        "abstained_unanswerable",
                        "answered_unanswerable",
                    )
                ),
                f"{done['auroc']:.3f}",
            )
    return table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--hold-out", action="store_true", help="ask once more without the documents that answer"
    )
    parser.add_argument(
        "--baseline",
        action="append",
        choices=(*BASELINES, "none"),
        help="repeatable; default: all of them",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where to draw the figures, as PNG")
