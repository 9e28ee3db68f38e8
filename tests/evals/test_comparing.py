"""Intervals and comparisons, against what is known of them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.comparing import compare, corrected, interval

DRAWN = random.Random(1)  # noqa: S311 - a sample, not a secret
NOISE = [DRAWN.gauss(0.5, 0.1) for _ in range(200)]


def test_an_interval_holds_the_mean_and_shrinks_with_the_sample() -> None:
    low, high = interval(NOISE)
    assert low < sum(NOISE) / 200 < high
    assert high - low == pytest.approx(2 * 1.96 * 0.1 / 200**0.5, rel=0.3)  # of a normal mean
    few = interval(NOISE[:20])
    assert few.high - few.low > high - low


def test_what_does_not_vary_has_no_width() -> None:
    assert interval([0.5]) == (0.5, 0.5)
    assert interval([1.0, 1.0, 1.0]) == (1.0, 1.0)


def test_a_difference_on_every_question_is_shown_and_chance_is_not() -> None:
    before = {str(n): value for n, value in enumerate(NOISE)}
    better = compare({key: value + 0.01 for key, value in before.items()}, before)
    assert (better.verdict, better.questions) == ("better", 200)
    assert better.difference == pytest.approx(0.01)
    assert compare({key: value - 0.01 for key, value in before.items()}, before).verdict == "worse"
    shuffled = {key: value + DRAWN.choice([-0.1, 0.1]) for key, value in before.items()}
    assert compare(shuffled, before).verdict == "no difference shown"
    assert compare(before, before).p == 1.0


def test_only_questions_that_both_have_are_compared() -> None:
    assert compare({"a": 1.0, "b": 0.0}, {"b": 0.0, "c": 1.0}).questions == 1


def test_many_comparisons_need_more_evidence() -> None:
    found = corrected({"a": 0.01, "b": 0.04, "c": 0.03})
    assert found == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})  # Holm's own steps


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_corrected_values_keep_their_order_and_never_fall(ps: dict[str, float]) -> None:
    found = corrected(ps)
    assert all(ps[name] <= found[name] <= 1 for name in ps)
    order = sorted(ps, key=lambda name: ps[name])
    assert [found[name] for name in order] == sorted(found.values())
