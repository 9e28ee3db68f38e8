"""What a source would cost, in words."""

import pytest

from bot.admin.estimate_words import size_in_words, time_in_words
from ingestion.estimating import Estimate


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(), "how many pages it has is not known yet; how long that takes is not known yet, since"),
        (Estimate(1), "its sitemap lists 1 page; how long that takes is not known yet"),
        (
            Estimate(None, 340, 95.0, 12),
            "not known yet: 100 of them would be about 340 chunks and 2 minutes, going by 12 documents of other kinds",
        ),
        (
            Estimate(2, 7, 4.0, 1, is_alike=True),
            "its sitemap lists 2 pages: about 7 chunks and a few seconds, going by 1 document of sources like it here",
        ),
    ],
)
def test_a_size(estimate: Estimate, said: str) -> None:
    assert said in size_in_words(estimate)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "a few seconds"),
        (42.4, "42 seconds"),
        (90, "2 minutes"),
        (5_000, "83 minutes"),
        (7_200, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_a_time(seconds: float, said: str) -> None:
    assert time_in_words(seconds) == said
