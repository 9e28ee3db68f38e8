"""The figures of retrieval: tables for people, JSON for programs and for a later comparison, a plot for both."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from evals.comparing import Comparison, Interval, compare, interval
from evals.datasets.dataset import DatasetUnusable
from evals.measuring import MEASURES
from evals.retrieval import PerQuery, Report

LEADING = "ndcg@10"
"""The measure of which intervals and differences are shown in tables; the JSON has them for all."""

_DIGITS = 4  # of a measure; more than any dataset here can tell apart

Baseline = tuple[str, PerQuery]
"""A name, and the measures by query id."""


def baseline_of(report: Report, name: str) -> Baseline:
    """One of the report's own configurations. Raises DatasetUnusable where it was not among those measured."""
    if name not in report.scores:
        raise DatasetUnusable(f"The baseline {name} was not measured: give it as a --config, too.")
    return name, report.scores[name].queries


def read_baseline(path: Path, configuration: str = "default") -> Baseline:
    """A configuration of an earlier run, from its JSON. Raises DatasetUnusable."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        queries = content["queries_by_config"][configuration]
    except (OSError, ValueError, KeyError, TypeError):
        raise DatasetUnusable(
            f"{path}: is no JSON of an earlier run that measured {configuration}."
        ) from None
    return f"{configuration} of {path.name}", queries


def compared(report: Report, baseline: Baseline, measure: str = LEADING) -> dict[str, Comparison]:
    """Every configuration against the baseline."""
    before = {query_id: values[measure] for query_id, values in baseline[1].items()}
    return {name: compare(scores.of(measure), before) for name, scores in report.scores.items()}


def intervals(report: Report, measure: str = LEADING) -> dict[str, Interval]:
    return {name: interval([*scores.of(measure).values()]) for name, scores in report.scores.items()}


def retrieval_json(report: Report, baseline: Baseline | None = None) -> dict[str, Any]:
    """{"dataset": NAME, "configs": {CONFIG: {MEASURE: x}}} and, beside it, what the figures rest on.

    `intervals` are [low, high]; `against` is every configuration minus the baseline; `queries_by_config` holds the
    measures of each query, with which a later run can be compared.
    """
    content: dict[str, Any] = {
        "dataset": report.dataset.name,
        "configs": {name: _rounded(scores.overall) for name, scores in report.scores.items()},
        "intervals": _by_configuration({measure: intervals(report, measure) for measure in MEASURES}),
        "split": report.split,
        "documents": len(report.dataset.pages),
        "chunks": report.chunks,
        "queries": len(report.judged),
        "seconds": {
            "indexing": round(report.indexing_seconds, 2),
            **{name: round(scores.seconds, 2) for name, scores in report.scores.items()},
        },
        "types": {
            name: {kind: _rounded(values) for kind, values in report.by_type(name).items()}
            for name in report.scores
        },
    }
    if baseline:
        differences = {measure: compared(report, baseline, measure) for measure in MEASURES}
        content["against"] = {"baseline": baseline[0], "configs": _by_configuration(differences)}
    content["queries_by_config"] = {
        name: {query_id: _rounded(values) for query_id, values in scores.queries.items()}
        for name, scores in report.scores.items()
    }
    return content


def retrieval_tables(report: Report, baseline: Baseline | None = None) -> Iterable[RenderableType]:
    """The configurations side by side, then, where the queries have types, each type."""
    judged = len(report.judged)
    overall = Table(
        "configuration",
        title=f"{report.dataset.name}{f' ({report.split})' if report.split else ''}: {len(report.dataset.pages)} documents, "
        f"{report.chunks} chunks, {judged} judged queries",
        title_justify="left",
        caption=rf"\[low, high]: 95 % intervals of {LEADING}"
        + (f"; difference, interval and p: paired with {baseline[0]}" if baseline else ""),
        caption_justify="left",
    )
    for name in (LEADING, "", *(name for name in MEASURES if name != LEADING), "ms/query"):
        overall.add_column(name, justify="right", no_wrap=True)
    if baseline:
        overall.add_column("difference", justify="right", no_wrap=True)
        overall.add_column("", no_wrap=True)
    spans, differences = intervals(report), compared(report, baseline) if baseline else {}
    for name, scores in report.scores.items():
        row = [name, f"{scores.overall[LEADING]:.3f}", _span(spans[name])]
        row += [f"{scores.overall[measure]:.3f}" for measure in MEASURES if measure != LEADING]
        row.append(f"{1000 * scores.seconds / judged:.1f}")
        if baseline:
            row += _difference(differences[name])
        overall.add_row(*row)
    yield overall
    yield from _type_tables(report)


def _type_tables(report: Report) -> Iterable[RenderableType]:
    """One table: a row a type, a column a configuration."""
    kinds = {name: report.by_type(name) for name in report.scores}
    counts: dict[str, int] = {}
    for query in report.judged:
        counts[query.type] = counts.get(query.type, 0) + 1
    types = sorted({kind for values in kinds.values() for kind in values})
    if not types:
        return
    table = Table("type", "queries", title=f"{LEADING} by type of question", title_justify="left")
    for name in kinds:
        table.add_column(name, justify="right")
    for kind in types:
        table.add_row(kind, str(counts[kind]), *(f"{values[kind][LEADING]:.3f}" for values in kinds.values()))
    yield table


def _by_configuration(by_measure: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    names = dict.fromkeys(name for values in by_measure.values() for name in values)
    return {name: {measure: _plain(values[name]) for measure, values in by_measure.items()} for name in names}


def _plain(value: Interval | Comparison) -> Any:
    if isinstance(value, Interval):
        return [round(value.low, _DIGITS), round(value.high, _DIGITS)]
    return {
        "difference": round(value.difference, _DIGITS),
        "interval": [round(value.low, _DIGITS), round(value.high, _DIGITS)],
        "p": round(value.p, _DIGITS),
        "queries": value.questions,
        "verdict": value.verdict,
    }


def _difference(found: Comparison) -> list[str]:
    if found.p == 1.0:
        return ["", ""]
    return [
        f"{found.difference:+.3f} \\[{found.low:+.3f}, {found.high:+.3f}]",
        f"{found.verdict} (p {found.p:.3f})",
    ]


def _span(span: Interval) -> str:
    return f"\\[{span.low:.3f}, {span.high:.3f}]"


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, _DIGITS) for name, value in values.items()}
