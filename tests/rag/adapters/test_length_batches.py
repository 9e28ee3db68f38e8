"""Batches by length: every text once, none over the budget, little padding."""

from hypothesis import given
from hypothesis import strategies as st

from rag.adapters.length_batches import length_batches


@given(st.lists(st.integers(1, 600), max_size=80), st.integers(1, 1200))
def test_every_place_stands_in_one_batch_within_the_budget(lengths: list[int], most_tokens: int) -> None:
    batches = list(length_batches(lengths, most_tokens))
    assert sorted(place for batch in batches for place in batch) == [*range(len(lengths))]
    for batch in batches:
        assert batch
        assert len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= most_tokens


def test_the_short_ones_go_together() -> None:
    assert list(length_batches([90, 10, 100, 10, 12], 100)) == [[1, 3, 4], [0], [2]]


def test_no_texts_no_batches() -> None:
    assert list(length_batches([])) == []
