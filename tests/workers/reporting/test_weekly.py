"""A time of the week."""

from datetime import UTC, datetime

import pytest

from rag.errors import ConfigError
from workers.reporting.weekly import Weekly


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("said", "now", "latest"),
    [
        ("monday 09:00", "2026-11-23T09:00", "2026-11-23T09:00"),  # a Monday
        ("Mon 9", "2026-11-23T08:59", "2026-11-16T09:00"),
        ("monday 09:00", "2026-11-29T23:59", "2026-11-23T09:00"),
        ("sunday 23:30", "2026-11-23T00:00", "2026-11-22T23:30"),
        ("fri 00:00", "2026-11-27T12:00", "2026-11-27T00:00"),
    ],
)
def test_when_it_was_last(said: str, now: str, latest: str) -> None:
    weekly = Weekly.parse(said)
    assert weekly is not None
    assert weekly.latest(at(now)) == at(latest)


def test_off_is_never() -> None:
    assert (Weekly.parse("off"), Weekly.parse(" Never "), Weekly.parse("")) == (None, None, None)


@pytest.mark.parametrize("said", ["daily", "someday 09:00", "monday 24:00", "monday", "monday 9:5", "mo 9"])
def test_what_is_no_time_of_the_week_is_said(said: str) -> None:
    with pytest.raises(ConfigError, match="ADMIN_DIGEST"):
        Weekly.parse(said)
