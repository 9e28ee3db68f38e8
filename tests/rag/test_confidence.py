"""How likely the documents hold an answer: the shape of a search, and what happens where there is hardly a search."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.confidence import NOTHING, Signals, closeness, confidence, likelihood, signals
from rag.settings import RetrievalSettings

THRESHOLD = RetrievalSettings.model_construct().answer_threshold  # the default, whatever .env says
USUAL = signals([], [], piece=0.0, words=0.0, cover=0.0)
FUSED = [1.8, 1.5, 1.4, 1.3, 1.2, 1.1, 1.0]


def crowd(best: float, *, candidates: int = 50) -> list[float]:
    """Cosines that fall slowly behind the best one."""
    return [best, *(0.4 - 0.2 * place / candidates for place in range(candidates - 1))]


@pytest.mark.parametrize(
    ("ahead", "deviations"),
    [(1, 7.0), (2, 4.899), (5, 3.0), (10, 2.0), (25, 1.0)],
)
def test_the_lead_is_in_shares_of_what_the_best_of_fifty_is_expected_to_have(
    ahead: int, deviations: float
) -> None:
    scores = [0.6] * ahead + [0.2] * (50 - ahead)
    expected = sum(1 / place for place in range(1, 51)) - 1
    found = signals(scores, FUSED, piece=0.5, words=1.0, cover=0.5)
    assert found.lead == pytest.approx(deviations / expected, abs=0.001)


def test_the_best_of_an_exponential_crowd_leads_by_one_however_many_they_are() -> None:
    for candidates in (50, 100, 200):
        # The expected places of n draws: sums of 1/i.
        scores = [sum(1 / i for i in range(place, candidates + 1)) for place in range(1, candidates + 1)]
        assert signals(scores, FUSED, piece=0.5, words=1.0, cover=0.5).lead == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize(
    ("fused", "drop"),
    [(FUSED, 0.7), ([*FUSED, 0.0], 0.7), ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 0.0), ([1.8, 1.6], 0.2)],
)
def test_the_drop_is_from_the_first_to_the_sixth_or_the_last(fused: list[float], drop: float) -> None:
    assert signals(crowd(0.5), fused, piece=0.5, words=1.0, cover=0.5).drop == pytest.approx(drop)


@pytest.mark.parametrize("candidates", range(9))
def test_among_few_the_shape_says_nothing(candidates: int) -> None:
    for best in (0.1, 0.4, 0.9):
        found = signals(crowd(best)[:candidates], FUSED[:candidates], piece=0.6, words=0.8, cover=0.7)
        assert found == Signals(USUAL.lead, 0.6, 0.8, USUAL.drop, 0.7)


def test_where_all_are_equally_near_the_best_leads_by_no_chance() -> None:
    for scores in ([0.4] * 50, [0.4 + 1e-9, *[0.4] * 49]):
        assert signals(scores, FUSED, piece=0.5, words=1.0, cover=0.5).lead == USUAL.lead


def test_from_few_to_many_nothing_jumps() -> None:
    for best in (0.3, 0.9):
        leads = [
            signals(crowd(best)[:candidates], FUSED, piece=0.5, words=1.0, cover=0.5).lead
            for candidates in range(5, 60)
        ]
        assert max(abs(a - b) for a, b in itertools.pairwise(leads)) < 0.1


@pytest.mark.parametrize(
    ("candidates", "piece", "words", "answered"),
    [
        (1, 0.6, 1.0, True),
        (3, 0.6, 0.7, True),
        (6, 0.45, 0.5, True),
        (10, 0.6, 0.7, True),
        (1, 0.05, 0.0, False),
        (3, 0.1, 0.0, False),
        (6, 0.15, 0.2, False),
        (10, 0.1, 0.1, False),
    ],
)
def test_three_documents_are_enough_for_an_answer_and_not_for_every_question(
    candidates: int, piece: float, words: float, answered: bool
) -> None:
    scores = [0.5 - 0.02 * place for place in range(candidates)]
    found = signals(scores, FUSED[:candidates], piece=piece, words=words, cover=words)
    assert (confidence(found, piece) >= THRESHOLD) is answered


def test_a_crowd_without_a_leader_is_held_back_and_one_with_is_not() -> None:
    level = [1.5, 1.48, 1.45, 1.44, 1.43, 1.42]
    assert confidence(signals(crowd(0.41), level, piece=0.45, words=0.8, cover=0.5), 0.41) < THRESHOLD
    assert confidence(signals(crowd(0.60), FUSED, piece=0.45, words=0.8, cover=0.5), 0.60) > THRESHOLD


@pytest.mark.parametrize(
    ("nearest", "close"), [(-0.2, 0), (0.2, 0), (0.25, 0), (0.3, 0.5), (0.35, 1), (1, 1)]
)
def test_what_is_about_something_else_gets_no_confidence_however_it_leads(
    nearest: float, close: float
) -> None:
    assert closeness(nearest) == pytest.approx(close)
    leading = Signals(lead=1.9, piece=0.6, words=1.0, drop=1.5, cover=1.0)
    assert confidence(leading, nearest) == pytest.approx(close * likelihood(leading))


def test_nothing_found_is_no_confidence() -> None:
    assert confidence(NOTHING, 0.0) == 0.0


figures = st.floats(-1, 2)


@given(figures, figures, st.integers(1, 60), st.sampled_from(Signals._fields))
def test_more_of_a_signal_never_lowers_the_confidence(a: float, b: float, candidates: int, name: str) -> None:
    found = signals(crowd(0.5)[:candidates], FUSED, piece=0.5, words=0.5, cover=0.5)
    less, more = (found._replace(**{name: value}) for value in sorted((a, b)))
    assert 0 <= confidence(less, 0.5) <= confidence(more, 0.5) <= 1


@given(st.floats(0.41, 1), st.floats(0.41, 1), st.integers(9, 100))
def test_the_further_the_best_stands_out_the_more_confidence(a: float, b: float, candidates: int) -> None:
    """Up to rounding: the rest stays where it is."""
    near, far = (
        confidence(signals(crowd(best, candidates=candidates), FUSED, piece=0.5, words=0.5, cover=0.5), best)
        for best in sorted((a, b))
    )
    assert near <= far + 1e-9


@given(st.lists(st.floats(-1, 1), max_size=80), st.lists(st.floats(0, 2), max_size=80), figures, figures)
def test_no_search_is_too_odd(dense: list[float], fused: list[float], piece: float, words: float) -> None:
    found = signals(
        sorted(dense, reverse=True), sorted(fused, reverse=True), piece=piece, words=words, cover=words
    )
    assert 0 <= confidence(found, max(dense, default=0.0)) <= 1
