"""How well a confidence tells questions with an answer from those without. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Confusion(NamedTuple):
    """Questions by what was done and what should have been."""

    answered_answerable: int
    abstained_answerable: int
    answered_unanswerable: int
    abstained_unanswerable: int

    @property
    def abstained_rightly(self) -> float:
        """The share of unanswerable questions that were held back; nan where there is none."""
        return _share(self.abstained_unanswerable, self.answered_unanswerable)

    @property
    def abstained_wrongly(self) -> float:
        """The share of answerable questions that were held back; nan where there is none."""
        return _share(self.abstained_answerable, self.answered_answerable)


def confusion(confidences: Sequence[float], answerable: Sequence[bool], threshold: float) -> Confusion:
    """What a threshold does: a question is answered where its confidence reaches it."""
    done = [
        (confidence >= threshold, there) for confidence, there in zip(confidences, answerable, strict=True)
    ]
    return Confusion(
        answered_answerable=done.count((True, True)),
        abstained_answerable=done.count((False, True)),
        answered_unanswerable=done.count((True, False)),
        abstained_unanswerable=done.count((False, False)),
    )


def auroc(confidences: Sequence[float], answerable: Sequence[bool]) -> float:
    """The chance that an answerable question gets more confidence than an unanswerable one; equal counts half.

    0.5 is guessing, 1 is perfect, nan where one of the two kinds is missing. The area under the ROC curve by the
    Mann-Whitney statistic (Hanley & McNeil 1982, "The meaning and use of the area under a ROC curve").
    """
    values = np.asarray(confidences, dtype=float)
    there = np.asarray(answerable, dtype=bool)
    differences = values[there][:, None] - values[~there][None, :]
    return float(np.mean((differences > 0) + 0.5 * (differences == 0))) if differences.size else float("nan")


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else float("nan")
