"""How good are the answers, and are they given when they should be? See `evals.answering` for the measures."""

import argparse
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from evals.answering import MEASURES, Answered, answered, measured
from evals.chaos import percentile
from evals.comparing import interval
from evals.datasets.dataset import Dataset
from evals.holding_out import HoldingOut
from evals.indexing import Collection
from evals.ratings import Ratings
from evals.separating import auroc, confusion
from rag.answering import Answerer
from rag.composition import answerer_of
from rag.domain import Answer, Outcome
from rag.ports import LLM
from rag.settings import Settings

_DIGITS = 4


def run(
    dataset: Dataset, collection: Collection, settings: Settings, llm: LLM | None, *, hold_out: bool
) -> dict[str, Any]:
    """Answer every question, and with `hold_out` once more without the documents that answer it; the figures as JSON.

    What the threshold would hold back is measured all the same: text and confidence are told apart.
    """
    index = HoldingOut(collection.index)
    answerer = _answerer(collection, index, settings, llm)
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
    if hold_out:
        figures["held out"] = _held_out(dataset, answers, answerer, index, threshold)
    return figures


def _answerer(collection: Collection, index: HoldingOut, settings: Settings, llm: LLM | None) -> Answerer:
    whole = settings.retrieval.model_copy(update={"answer_threshold": 0.0})
    anew = settings.answer.model_copy(update={"cache_seconds": 0.0})
    return answerer_of(
        Settings(retrieval=whole, llm=settings.llm, answer=anew), collection.embedder, index.as_index(), llm
    )


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
    if figures["types"]:
        kinds = Table("type", "questions", "holds_answer", title="By type of question", title_justify="left")
        for kind, values in figures["types"].items():
            kinds.add_row(kind, str(values["questions"]), f"{values['holds_answer']:.3f}")
        parts.append(kinds)
    parts.append(_abstention_table(figures))
    return parts


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
