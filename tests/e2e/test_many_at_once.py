"""Many questions at the same moment, by a Slack that counts: all are answered, in their order, and nobody else waits for it."""

from collections.abc import Iterator

import pytest

from evals.chaos import PEOPLE
from sandbox.client import Sandbox
from tests.e2e.fairness import (
    QUESTION,
    ask_at_once,
    assert_all_are_answered_once,
    most_overtaken,
    refused,
    seconds_to_the_answer,
)

THREADS = 4


@pytest.fixture
def strict(bot: Sandbox) -> Iterator[Sandbox]:
    bot.settings(rate_limits=True)
    yield bot
    bot.settings(rate_limits=False)


def test_twenty_questions_in_one_channel_and_one_in_another(strict: Sandbox) -> None:
    busy, quiet = (strict.add_channel(name, members=[*PEOPLE, "footnote"]) for name in ("busy", "quiet"))
    asked = ask_at_once(strict, busy)
    elsewhere = strict.post("marco", QUESTION, channel=quiet)

    assert seconds_to_the_answer(strict, quiet, elsewhere) < 8, "the others wait for their own channel only"
    for ts in asked:
        seconds_to_the_answer(strict, busy, ts)
    assert_all_are_answered_once(strict, busy, asked)
    read = [call["arguments"].get("ts") for call in strict.calls("conversations.replies")]
    assert not set(read) & set(asked), "who was sent away has posted nothing that would have to be found"
    assert refused(strict) <= 1
    assert most_overtaken(strict, busy, asked) <= THREADS
