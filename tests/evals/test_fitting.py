"""Logistic regression, where the answer is known."""

import math

import numpy as np
import pytest

from evals.fitting import Logistic, fit


def test_the_weights_that_made_the_labels_are_found() -> None:
    random = np.random.default_rng(7)
    true = Logistic((4.0, -2.0, 0.0), -1.0)
    features = random.uniform(0, 1, size=(20_000, 3))
    labels = random.uniform(size=len(features)) < [true(row) for row in features]
    model = fit(features.tolist(), labels.tolist())
    assert model.weights == pytest.approx(true.weights, abs=0.25)
    # Both kinds count alike, which moves the bias by the log of their odds.
    odds = math.log(labels.mean() / (1 - labels.mean()))
    assert model.bias == pytest.approx(true.bias - odds, abs=0.25)


def test_both_kinds_count_alike() -> None:
    model = fit([[0.0]] * 30 + [[1.0]] * 10, [False] * 30 + [True] * 10)
    assert model([0.5]) == pytest.approx(0.5)
    assert model([1.0]) > 0.9


def test_the_ridge_bounds_what_separates_perfectly() -> None:
    loose, tight = (fit([[0.0], [1.0]], [False, True], l2=l2).weights[0] for l2 in (0.1, 10.0))
    assert 0 < tight < loose < 20


def test_a_feature_that_never_differs_weighs_nothing() -> None:
    model = fit([[1.0, 0.0], [1.0, 1.0]], [False, True])
    assert model.weights[0] == pytest.approx(0)


def test_one_kind_only() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        fit([[0.0], [1.0]], [True, True])
