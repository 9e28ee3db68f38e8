"""What a threshold does to questions, and how well a confidence ranks them."""

import math

import pytest

from evals.separating import Confusion, auroc, confusion


def test_confusion_counts_equal_as_answered() -> None:
    done = confusion([0.9, 0.5, 0.4, 0.5, 0.1, 0.0], [True, True, True, False, False, False], 0.5)
    assert done == Confusion(
        answered_answerable=2, abstained_answerable=1, answered_unanswerable=1, abstained_unanswerable=2
    )
    assert done.abstained_wrongly == pytest.approx(1 / 3)
    assert done.abstained_rightly == pytest.approx(2 / 3)


def test_shares_of_nothing() -> None:
    done = confusion([0.9], [True], 0.5)
    assert math.isnan(done.abstained_rightly)
    assert done.abstained_wrongly == 0


@pytest.mark.parametrize(
    ("confidences", "expected"),
    [
        ([0.9, 0.8, 0.2, 0.1], 1.0),
        ([0.1, 0.2, 0.8, 0.9], 0.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5),
        ([0.9, 0.3, 0.5, 0.1], 0.75),
        ([0.9, 0.5, 0.5, 0.1], 0.875),
    ],
)
def test_auroc_of_two_answerable_then_two_unanswerable(confidences: list[float], expected: float) -> None:
    assert auroc(confidences, [True, True, False, False]) == pytest.approx(expected)


def test_auroc_needs_both_kinds() -> None:
    assert math.isnan(auroc([0.5], [True]))
    assert math.isnan(auroc([], []))
