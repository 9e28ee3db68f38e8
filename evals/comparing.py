"""How sure is a mean, and is one configuration really better than another? Over the same questions, each counting alike."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal, NamedTuple

import numpy as np
from scipy import stats

_RESAMPLES = 2000
_SEED = 20260101  # so that a second run of the same figures prints the same intervals
_LEVEL = 0.95
SIGNIFICANT = 0.05

Verdict = Literal["better", "worse", "no difference shown"]


class Interval(NamedTuple):
    """The 95 % bootstrap interval of a mean."""

    low: float
    high: float


class Comparison(NamedTuple):
    """A configuration minus the baseline: the mean difference, its 95 % interval, and the chance `p` of one as large if
    the two were alike.
    """

    difference: float
    low: float
    high: float
    p: float
    questions: int

    @property
    def verdict(self) -> Verdict:
        return self.judged(SIGNIFICANT)

    def judged(self, level: float) -> Verdict:
        if self.p >= level or self.difference == 0:
            return "no difference shown"
        return "better" if self.difference > 0 else "worse"


def interval(values: Sequence[float]) -> Interval:
    """Of the mean of `values`, by the percentile bootstrap (Efron & Tibshirani 1993) as scipy computes it."""
    if len(values) < 2 or min(values) == max(values):  # noqa: PLR2004 - one value has no spread
        mean = fmean(values) if values else float("nan")
        return Interval(mean, mean)
    found = stats.bootstrap(
        (np.asarray(values, dtype=float),),
        np.mean,
        n_resamples=_RESAMPLES,
        confidence_level=_LEVEL,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


def compare(values: Mapping[str, float], baseline: Mapping[str, float]) -> Comparison:
    """Paired by question, over those that both have: bootstrap interval and randomisation test (Smucker, Allan &
    Carterette 2007, "A comparison of statistical significance tests for information retrieval evaluation").
    """
    shared = sorted(values.keys() & baseline.keys())
    differences = np.asarray([values[key] - baseline[key] for key in shared], dtype=float)
    if not differences.any():
        return Comparison(0.0, 0.0, 0.0, 1.0, len(shared))
    low, high = interval(differences.tolist())
    test = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=_RESAMPLES,
        rng=np.random.default_rng(_SEED),
    )
    return Comparison(float(differences.mean()), low, high, float(test.pvalue), len(shared))


def corrected(ps: Mapping[str, float]) -> dict[str, float]:
    """p-values for as many comparisons at once (Holm 1979, "A simple sequentially rejective multiple test procedure")."""
    found: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(ps, key=lambda name: ps[name])):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[name]))
        found[name] = highest
    return found
