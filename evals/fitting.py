"""The weights of the confidence, from questions of which it is known whether they can be answered. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_STEPS = 100  # Newton's method needs about ten
_SETTLED = 1e-10


class Logistic(NamedTuple):
    """p = 1 / (1 + exp(-(bias + Σ weight · feature))), on the features as they come."""

    weights: tuple[float, ...]
    bias: float

    def __call__(self, features: Sequence[float]) -> float:
        return float(_sigmoid(self.bias + np.dot(self.weights, features)))


def fit(features: Sequence[Sequence[float]], labels: Sequence[bool], *, l2: float = 1.0) -> Logistic:
    """The logistic regression of `labels` on `features`, both kinds of label counting alike in sum.

    `l2` is the ridge on the weights of the standardised features; the bias goes free. So 0.5 is where the two kinds
    are equally likely, whatever their numbers in the sample. Newton's method, as in Hastie, Tibshirani & Friedman,
    "The Elements of Statistical Learning", §4.4.1. Raises ValueError unless both labels occur.
    """
    x = np.asarray(features, dtype=float)
    y = np.asarray(labels, dtype=float)
    if not 0 < y.sum() < len(y):
        raise ValueError("both kinds of label are needed")
    centre, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    design = np.column_stack([(x - centre) / spread, np.ones(len(y))])
    sample = np.where(y == 1, len(y) / (2 * y.sum()), len(y) / (2 * (len(y) - y.sum())))
    ridge = np.diag([*[l2] * x.shape[1], 0.0])
    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        p = _sigmoid(design @ beta)
        gradient = design.T @ (sample * (p - y)) + ridge @ beta
        hessian = design.T @ (design * (sample * p * (1 - p))[:, None]) + ridge
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if np.abs(step).max() < _SETTLED:
            break
    weights = beta[:-1] / spread
    return Logistic(tuple(weights.tolist()), float(beta[-1] - weights @ centre))


def _sigmoid(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x)))
