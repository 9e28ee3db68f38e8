"""Asking on in a thread without mentioning the bot again, and people talking to each other there."""

import time

from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS, ask, is_final, replies
from workers.intake import STOPPED

_QUIET = 3.0  # seconds in which nothing must come


def say(bot: Sandbox, text: str, thread: str, user: str = "marco") -> str:
    return bot.post(user, text, channel="general", thread_ts=thread)


def next_reply(bot: Sandbox, thread: str, after: str) -> Message:
    return bot.wait_for_reply(
        "general", thread, SECONDS, lambda m: is_final(m) and float(m.ts) > float(after)
    )


def test_who_asked_asks_on_and_side_talk_is_left_alone(bot: Sandbox) -> None:
    thread = str(ask(bot, "how many days of annual leave do I have?").thread_ts)
    reply = next_reply(bot, thread, say(bot, "and how many can I carry over?", thread))
    assert "five days" in reply.as_text()
    say(bot, "thanks!", thread)
    say(bot, "does anybody know more?", thread, user="priya")
    say(bot, "<@U01INES> is that so?", thread)
    time.sleep(_QUIET)
    assert len(replies(bot, "general", thread)) == 2


def test_it_is_quiet_when_told_so_until_it_is_mentioned(bot: Sandbox) -> None:
    thread = str(ask(bot, "how many days of annual leave do I have?").thread_ts)
    assert ask(bot, "stop following", thread=thread).as_text() == STOPPED
    say(bot, "and how many can I carry over?", thread)
    time.sleep(_QUIET)
    assert len(replies(bot, "general", thread)) == 2
    assert "five days" in ask(bot, "how many days can I carry over?", thread=thread).as_text()


def test_a_thread_without_us_is_none_of_our_business(bot: Sandbox) -> None:
    thread = bot.post("marco", "how many days of annual leave do I have?", channel="general")
    say(bot, "and how many can I carry over?", thread)
    time.sleep(_QUIET)
    assert replies(bot, "general", thread) == []
