"""Asking by shortcut: about a message, and from anywhere."""

from sandbox.client import Message, Sandbox
from tests.e2e.test_ask import last, whispers
from tests.e2e.test_embedded import SECONDS, is_final
from tests.e2e.waiting import eventually

QUESTION = "how many days of annual leave do I have?"


def test_a_message_is_answered_to_whoever_asked_about_it(bot: Sandbox) -> None:
    ts = bot.post("priya", QUESTION, channel="random")
    before = len(bot.channel("random", as_user="priya"))
    assert bot.shortcut("marco", "ask_about_message", channel="random", ts=ts)["outcome"] == "acknowledged"
    answer = last(bot, "marco", "random")
    assert QUESTION in answer.as_text()
    assert "25 days of annual leave" in answer.as_text()
    assert len(bot.channel("random", as_user="priya")) == before


def test_a_message_without_words_gets_a_hint(bot: Sandbox) -> None:
    ts = bot.post("priya", "<@U01FOOTNOTE>", channel="ask-footnote")
    before = len(whispers(bot, "ines", "ask-footnote"))
    bot.shortcut("ines", "ask_about_message", channel="ask-footnote", ts=ts)
    eventually(lambda: len(whispers(bot, "ines", "ask-footnote")) > before, SECONDS)
    assert "for example" in whispers(bot, "ines", "ask-footnote")[-1].text


def ask_by_form(bot: Sandbox, user: str, question: str) -> dict[str, object]:
    bot.shortcut(user, "ask_anywhere")
    eventually(lambda: bot.views(user))
    return bot.submit(user, bot.views(user)[-1]["id"], {"question": question})


def test_the_form_is_answered_in_direct_messages(bot: Sandbox) -> None:
    assert ask_by_form(bot, "ines", "where do I park my bicycle?")["outcome"] == "acknowledged"
    direct = bot.do("open_direct", users=["ines", "footnote"])["channel"]

    def answers() -> list[Message]:
        return [m for m in bot.channel(direct) if m.from_app and is_final(m)]

    eventually(answers, SECONDS)
    [answer] = answers()
    assert "where do I park my bicycle?" in answer.as_text()
    assert "cellar" in answer.as_text()


def test_a_form_without_a_question_stays(bot: Sandbox) -> None:
    answer = ask_by_form(bot, "priya", "   ")
    assert answer.get("errors") or answer.get("response_action") == "errors"
    bot.close_view("priya", bot.views("priya")[-1]["id"])
