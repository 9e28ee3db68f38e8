"""`python -m bot` as a person meets it: mention, follow-up, direct message, not found, hints, and a Slack that fails."""

import pytest

from rag.errors import Transient
from sandbox.client import Message, Sandbox
from workers.intake import HOW_TO_ASK, TOO_LONG
from workers.replies import PLACEHOLDER

BOT = "<@U01FOOTNOTE>"
SECONDS = 20


def is_final(message: Message) -> bool:
    return message.text != PLACEHOLDER


def ask(
    sandbox: Sandbox, text: str, *, channel: str = "general", user: str = "marco", thread: str | None = None
) -> Message:
    """Mention the bot; its final message."""
    ts = sandbox.post(user, f"{BOT} {text}", channel=channel, thread_ts=thread)
    return sandbox.wait_for_reply(
        channel, thread or ts, SECONDS, lambda m: is_final(m) and float(m.ts) > float(ts)
    )


def replies(sandbox: Sandbox, channel: str, ts: str) -> list[Message]:
    return [message for message in sandbox.thread(channel, ts) if message.from_app]


def test_a_mention_becomes_an_answer_with_its_source(bot: Sandbox) -> None:
    reply = ask(bot, "how many days of annual leave do I have?")
    assert "25 days of annual leave" in reply.as_text()
    assert "\n[1] Annual leave <https://handbook.example/leave.md#how-many-days>" in reply.as_text()
    assert reply.pings() == []


def test_a_mention_gives_one_answer_though_slack_tells_it_twice(bot: Sandbox) -> None:
    bot.duplicate_events(4, with_header=False)
    reply = ask(bot, "what does WR-4107 mean?")
    assert "the valve does not answer" in reply.as_text()
    assert len(replies(bot, "general", str(reply.thread_ts))) == 1


def test_a_follow_up_is_understood_from_its_thread(bot: Sandbox) -> None:
    first = ask(bot, "how many days of annual leave do I have?")
    second = ask(bot, "and how many can I carry over?", thread=first.thread_ts)
    assert "five days" in second.as_text()
    assert len(replies(bot, "general", str(first.thread_ts))) == 2


def test_a_direct_message_is_answered_in_its_thread(bot: Sandbox) -> None:
    channel, ts = bot.direct("priya", "where do I park my bicycle?")
    reply = bot.wait_for_reply(channel, ts, SECONDS, is_final)
    assert "cellar" in reply.as_text()
    assert "#:~:text=" in reply.as_text()


def test_what_the_documents_do_not_say_is_said(bot: Sandbox) -> None:
    reply = ask(bot, "who won the football world cup in 1974?")
    assert "couldn't find" in reply.as_text()


def test_a_private_source_is_read_where_all_may_read_it_and_nowhere_else(bot: Sandbox) -> None:
    question = "what is the salary of band seven?"
    assert "5,100" in ask(bot, question, channel="people-private", user="priya").as_text()
    public = ask(bot, question, user="priya").as_text()
    assert "5,100" not in public
    assert "Salary bands" not in public
    channel, ts = bot.direct("priya", question)
    assert "5,100" in bot.wait_for_reply(channel, ts, SECONDS, is_final).as_text()
    channel, ts = bot.direct("marco", question)
    assert "5,100" not in bot.wait_for_reply(channel, ts, SECONDS, is_final).as_text()


def test_where_a_guest_reads_along_nothing_for_members_is_said(bot: Sandbox) -> None:
    assert (
        "25 days"
        not in ask(bot, "how many days of annual leave do I have?", channel="ask-footnote").as_text()
    )


@pytest.mark.parametrize(("text", "hint"), [("", HOW_TO_ASK), ("   ", HOW_TO_ASK), ("x" * 4001, TOO_LONG)])
def test_what_is_no_question_gets_a_hint(bot: Sandbox, text: str, hint: str) -> None:
    assert ask(bot, text).as_text() == hint


def test_bots_and_side_talk_get_no_answer(bot: Sandbox) -> None:
    ts = bot.post("marco", "how many days of annual leave do we have?", channel="general")
    ask(bot, "how many days of annual leave do I have?")
    assert replies(bot, "general", ts) == []


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
@pytest.mark.parametrize("fault", ["drop_reply", "http", "rate_limited", "reset"])
def test_a_slack_that_fails_once_still_shows_one_answer(bot: Sandbox, method: str, fault: str) -> None:
    bot.fault(fault, method, seconds=1)
    reply = ask(bot, "how many days of annual leave do I have?")
    assert "25 days" in reply.as_text()
    assert len(replies(bot, "general", str(reply.thread_ts))) == 1
    bot.clear_faults()


def test_a_slack_that_does_not_tell_who_reads_gets_an_apology_not_an_answer(bot: Sandbox) -> None:
    bot.fault("error", "conversations.info", count=None)
    bot.add_channel("new", members=["marco", "footnote"])
    reply = ask(bot, "how many days of annual leave do I have?", channel="new")
    bot.clear_faults()
    assert reply.as_text() == Transient.user_message


def test_after_the_connection_broke_questions_are_taken_again(bot: Sandbox) -> None:
    bot.disconnect("abrupt")
    bot.wait_for_socket(40)
    assert "25 days" in ask(bot, "how many days of annual leave do I have?").as_text()


def test_twenty_questions_at_once_get_twenty_answers(bot: Sandbox) -> None:
    asked = [bot.post("marco", f"{BOT} what does WR-4107 mean?", channel="general") for _ in range(20)]
    for ts in asked:
        bot.wait_for_reply("general", ts, SECONDS, is_final)
        assert len(replies(bot, "general", ts)) == 1
