"""`/ask`: an answer that nobody else sees, and sharing it."""

import time

from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS
from tests.e2e.waiting import eventually
from workers.intake import HOW_TO_ASK
from workers.rendering import RATE, SHARE, vote_value
from workers.replies import PLACEHOLDER

QUESTION = "how many days of annual leave do I have?"


def whispers(bot: Sandbox, user: str, channel: str = "general") -> list[Message]:
    return [message for message in bot.channel(channel, as_user=user) if message.ephemeral]


def last(bot: Sandbox, user: str, channel: str = "general") -> Message:
    """The private message that came after the placeholder."""
    eventually(lambda: whispers(bot, user, channel)[-1].text != PLACEHOLDER, SECONDS)
    return whispers(bot, user, channel)[-1]


def test_the_answer_is_for_the_asker_alone(bot: Sandbox) -> None:
    before = len(bot.channel("general", as_user="ines"))
    assert bot.command("marco", "/ask", QUESTION, channel="general")["outcome"] == "acknowledged"
    assert whispers(bot, "marco")[-1].text.startswith((PLACEHOLDER, "Full-time"))
    answer = last(bot, "marco")
    assert QUESTION in answer.as_text(), "the question is restated: nobody sees what was typed"
    assert "25 days of annual leave" in answer.as_text()
    assert "[1] Annual leave <https://handbook.example/leave.md#how-many-days>" in answer.as_text()
    assert len(bot.channel("general", as_user="ines")) == before
    assert answer.pings() == []


def test_it_can_be_rated(bot: Sandbox) -> None:
    bot.command("marco", "/ask", QUESTION, channel="general")
    answer = last(bot, "marco")
    [question_id] = [button["value"] for button in answer.buttons() if button.get("action_id") == SHARE]
    clicked = bot.click("marco", RATE, channel="general", ts=answer.ts, value=vote_value(question_id, -1))
    assert clicked["outcome"] == "acknowledged"
    eventually(lambda: bot.views("marco"))
    bot.close_view("marco", bot.views("marco")[0]["id"])


def test_shared_it_is_answered_once_for_everybody_there(bot: Sandbox) -> None:
    bot.command("priya", "/ask", QUESTION, channel="ask-footnote")
    answer = last(bot, "priya", "ask-footnote")
    for _ in range(2):
        assert bot.click("priya", SHARE, channel="ask-footnote", ts=answer.ts)["outcome"] == "acknowledged"

    def seen_by_others() -> list[Message]:
        return [
            m for m in bot.channel("ask-footnote", as_user="ines") if m.from_app and m.text != PLACEHOLDER
        ]

    eventually(seen_by_others, SECONDS)
    time.sleep(1)
    [shared] = seen_by_others()
    assert QUESTION in shared.as_text()
    assert shared.pings() == ["@U01PRIYA"], "who asked is named, as they wanted"
    # A guest is in that channel: what everybody there may read says nothing of leave.
    assert "25 days of annual leave" in answer.as_text()
    assert "25 days of annual leave" not in shared.as_text()


def test_where_the_bot_is_not_it_says_so(bot: Sandbox) -> None:
    bot.command("marco", "/ask", QUESTION, channel="random")
    answer = last(bot, "marco", "random")
    assert "25 days" in answer.as_text(), "a private answer needs no membership"
    bot.click("marco", SHARE, channel="random", ts=answer.ts)
    eventually(lambda: "Invite me" in whispers(bot, "marco", "random")[-1].text)
    assert [m for m in bot.channel("random", as_user="ines") if m.from_app] == []


def test_nothing_asked_is_a_hint(bot: Sandbox) -> None:
    bot.command("ines", "/ask", "  ", channel="general")
    eventually(lambda: any(m.text == HOW_TO_ASK for m in whispers(bot, "ines")), SECONDS)


def test_two_questions_are_two_answers(bot: Sandbox) -> None:
    before = len(whispers(bot, "priya"))
    bot.command("priya", "/ask", QUESTION, channel="general")
    bot.command("priya", "/ask", "where do I park my bicycle?", channel="general")
    eventually(
        lambda: len([m for m in whispers(bot, "priya")[before:] if m.text != PLACEHOLDER]) == 2, SECONDS
    )
    said = "\n".join(m.as_text() for m in whispers(bot, "priya")[before:])
    assert "25 days" in said
    assert "cellar" in said
