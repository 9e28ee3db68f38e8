"""How likely the documents hold an answer, judged from what the search found and before a word is written. Pure.

Two of the signals look at the shape of the search: where there is an answer, one passage stands out from the rest; where
there is none, many are equally near. The other three look at the best find by itself. A shape needs a crowd: among few
candidates (a small team's documents, a reader who may see little) its two signals stay at their usual value and
the others decide, so that three documents are enough to be answered from. And a shape shows what is best, not that it is
any good: one passage stands out for "who won the world cup in 1974?", too. So nothing far away gets any confidence.
"""

import math
from collections.abc import Sequence
from statistics import fmean, pstdev
from typing import NamedTuple

_FEW = 8  # candidates up to which the shape of the search says nothing
_MANY = 50  # candidates from which on it counts in full
_LEVEL = 0.005  # cosines that spread less than this are all the same
_SIXTH = 5
_FAR, _NEAR = 0.25, 0.35  # cosines between which being about the same thing goes from no to yes


class Signals(NamedTuple):
    """What the confidence rests on; more of each is better.

    lead   By how many standard deviations the best of the dense candidates stands above their mean, as a share of what is
           to be expected of the best of so many: for n draws whose tail falls off exponentially that is
           1 + 1/2 + … + 1/n - 1. So it means the same for ten candidates as for fifty. About 0.6..1.6, usually 0.95;
           the most possible is 2 for fifty candidates.
    piece  The cosine of the question and the nearest piece of text that could be quoted. About 0.1..0.9.
    words  The share of the question's words that occur in any of the candidates. 0..1.
    drop   By how much the fused score falls from the first passage to the sixth. 0..3, usually 0.9.
    cover  The share of the question's words that the best single piece holds together with its title and headings, rare
           words counting more. 0..1. Words that are all there, but each somewhere else, are no answer.
    """

    lead: float
    piece: float
    words: float
    drop: float
    cover: float


NOTHING = Signals(0.0, 0.0, 0.0, 0.0, 0.0)
"""Of a search that found nothing to quote."""

_USUAL = Signals(lead=0.95, piece=0.0, words=0.0, drop=0.9, cover=0.0)

# From `python -m evals fit --data examples/handbook`: its 138 questions as asked, and those with an answer once more without the
# pages that hold it. See docs/decisions/0015-quoting-and-abstaining.md for what that gives on other documents.
_WEIGHTS = Signals(lead=0.98, piece=2.45, words=1.42, drop=1.04, cover=0.98)
_BIAS = -4.79


def signals(
    dense: Sequence[float], fused: Sequence[float], *, piece: float, words: float, cover: float
) -> Signals:
    """The signals of one search, from the scores of its dense candidates and of the fused list, both best first."""
    weight = min(1.0, max(0.0, (len(dense) - _FEW) / (_MANY - _FEW)))
    return Signals(
        lead=_weighed(_lead(dense), _USUAL.lead, weight),
        piece=piece,
        words=words,
        drop=_weighed(_drop(fused), _USUAL.drop, weight),
        cover=cover,
    )


def confidence(signals: Signals, nearest: float) -> float:
    """How likely there is an answer, 0..1, where the best of the dense candidates has the cosine `nearest`."""
    return likelihood(signals) * closeness(nearest)


def likelihood(signals: Signals) -> float:
    """0..1, by logistic regression on the signals; 0.5 where answers and misses would be equally frequent."""
    weighed = sum(weight * value for weight, value in zip(_WEIGHTS, signals, strict=True))
    return 1 / (1 + math.exp(-(_BIAS + weighed)))


def of_written(found: float) -> float:
    """How likely a written answer is right, where what was found has the confidence `found`; 0.5..1.

    That a model found an answer in the documents, and that what it claims stood the check, makes it more likely than not; how
    clearly the documents were found decides the rest. Chosen, not fitted.
    """
    return (1 + found) / 2


def closeness(nearest: float) -> float:
    """0 for a question about something else altogether, 1 for one on a subject of the documents.

    Not fitted, but chosen for all-MiniLM-L6-v2: of the handbook's questions with an answer nineteen in twenty are nearer
    than 0.31, of general-knowledge questions asked of it fewer than one in ten.
    """
    return min(1.0, max(0.0, (nearest - _FAR) / (_NEAR - _FAR)))


def _lead(scores: Sequence[float]) -> float:
    spread = pstdev(scores) if scores else 0.0
    if spread < _LEVEL:
        return _USUAL.lead
    expected = sum(1 / place for place in range(2, len(scores) + 1))
    return (max(scores) - fmean(scores)) / spread / expected


def _drop(scores: Sequence[float]) -> float:
    return scores[0] - scores[min(_SIXTH, len(scores) - 1)] if scores else 0.0


def _weighed(value: float, usual: float, weight: float) -> float:
    return usual + weight * (value - usual)
