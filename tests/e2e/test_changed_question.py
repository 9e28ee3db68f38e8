"""Questions that are edited or deleted, as people see it."""

import time

from sandbox.client import Sandbox
from tests.e2e.test_embedded import SECONDS, ask, replies
from tests.e2e.waiting import eventually

_QUIET = 2.0  # seconds in which nothing must change


def test_a_deleted_question_takes_its_answer_with_it(bot: Sandbox) -> None:
    reply = ask(bot, "how many days of annual leave do I have?")
    ts = str(reply.thread_ts)
    bot.delete("marco", channel="general", ts=ts)
    eventually(lambda: replies(bot, "general", ts) == [], SECONDS)


def test_in_a_thread_only_the_answer_to_what_was_deleted_goes(bot: Sandbox) -> None:
    thread = str(ask(bot, "how many days of annual leave do I have?").thread_ts)
    second = bot.post("marco", "and how many can I carry over?", channel="general", thread_ts=thread)
    eventually(lambda: len(replies(bot, "general", thread)) == 2, SECONDS)
    eventually(lambda: "five days" in replies(bot, "general", thread)[-1].as_text(), SECONDS)
    bot.delete("marco", channel="general", ts=second)
    eventually(lambda: len(replies(bot, "general", thread)) == 1, SECONDS)
    assert "25 days" in replies(bot, "general", thread)[0].as_text()


def test_an_edit_after_the_answer_leaves_it_as_it_is(bot: Sandbox) -> None:
    reply = ask(bot, "how many days of annual leave do I have?")
    ts = str(reply.thread_ts)
    bot.edit("marco", channel="general", ts=ts, text="<@U01FOOTNOTE> where do I park my bicycle?")
    time.sleep(_QUIET)
    [left] = replies(bot, "general", ts)
    assert left.as_text() == reply.as_text()
