"""How good a ranking is, in the measures of the field, computed as trec_eval computes them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import ir_measures
from ir_measures import RR, R, nDCG

from evals.datasets.dataset import Qrel

DEPTH = 10
"""Documents of a ranking that any of the measures looks at."""

Values = Mapping[str, float]
"""Measures by name, each 0..1 and higher = better."""

_MEASURES = {"ndcg@10": nDCG @ 10, "recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10}
_WHOLE = {"all@5": "recall@5", "all@10": "recall@10"}
MEASURES = (*_MEASURES, *_WHOLE)


def measure(ranked: Mapping[str, Sequence[str]], qrels: Iterable[Qrel]) -> dict[str, Values]:
    """The measures of each query that has judgements; a query without a ranking gets zeros.

    `ranked` holds document ids by query id, best first, each once. nDCG (Järvelin & Kekäläinen 2002, "Cumulated
    gain-based evaluation of IR techniques") takes the grades themselves as gains; for recall and reciprocal rank
    a grade of 1 or more is relevant; `all@k` is 1 where all of these are among the first k, as questions of several
    hops need (Yang et al. 2018, HotpotQA). Computed by ir_measures (MacAvaney et al. 2022) over pytrec_eval.
    """
    judged = [ir_measures.Qrel(*qrel) for qrel in qrels]
    # Ties would be broken by document id; the place in the list leaves none.
    run = [
        ir_measures.ScoredDoc(query_id, document_id, -float(place))
        for query_id, document_ids in ranked.items()
        for place, document_id in enumerate(document_ids)
    ]
    names = {str(measure): name for name, measure in _MEASURES.items()}
    values: dict[str, dict[str, float]] = {}
    for metric in ir_measures.iter_calc(_MEASURES.values(), judged, run):
        values.setdefault(metric.query_id, {})[names[str(metric.measure)]] = float(metric.value)
    for row in values.values():
        row |= {name: float(row[recall] == 1) for name, recall in _WHOLE.items()}
    return {query_id: values[query_id] for query_id in sorted(values)}


def mean(values: Iterable[Values]) -> dict[str, float]:
    """The mean of each measure over queries, every query counting alike; zeros where there is none."""
    rows = list(values)
    return {name: fmean(row[name] for row in rows) if rows else 0.0 for name in MEASURES}
