"""The bot that reports: a digest asked for, a question that the documents do not answer, answered from there."""

from bot.answer_form import ANSWER
from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS, ask, is_final
from tests.e2e.waiting import eventually
from workers.reporting.digest_words import WRITE_ANSWER

ADMIN = "footnote-admin"


def digest(bot: Sandbox) -> Message:
    """As an admin gets it, in the thread of asking for it."""
    ts = bot.post("ines", "@footnote digest", channel=ADMIN)
    return bot.wait_for_reply(ADMIN, ts, SECONDS, lambda m: "The last seven days" in m.as_text())


def test_what_is_missing_is_told_and_answered_from_there(bot: Sandbox) -> None:
    question = "who looks after the espresso machine?"
    ask(bot, question)
    channel, ts = bot.direct("priya", "who will be dismissed on friday?")
    bot.wait_for_reply(channel, ts, SECONDS, is_final)
    ask(bot, "how many days of annual leave do I have?")
    told = digest(bot)
    text = told.as_text()
    assert "3 questions  ·  33% answered" in text
    assert question in text
    assert "dismissed" not in text
    assert "1 question asked in private" in text
    assert told.pings() == []

    bot.click("ines", WRITE_ANSWER, channel=ADMIN, ts=told.ts)
    form = bot.wait_for_view("ines")
    bot.submit("ines", form["id"], {ANSWER: "Hanna from facilities."})
    bot.close_view("ines", bot.views("ines")[-1]["id"])
    eventually(lambda: "Hanna" in ask(bot, question).as_text(), SECONDS * 2)
    trail = bot.wait_for_reply(ADMIN, bot.post("ines", "@footnote audit", channel=ADMIN), SECONDS).as_text()
    assert "ines: answer C01GENERAL" in trail
    assert "ines: digest" in trail


def test_a_source_that_fails_is_told_of_once_and_that_it_works_again(bot: Sandbox) -> None:
    channel = bot.add_channel("harbour", members=["ines", "marco", "footnote"])
    bot.post("marco", "The ferry leaves at 06:40 from pier seven.", channel="harbour")
    asked = bot.post("ines", f"@footnote add <#{channel}> as Harbour", channel=ADMIN)
    bot.wait_for_reply(ADMIN, asked, SECONDS)

    def reports() -> list[Message]:
        heads = [one for one in bot.channel(ADMIN) if one.from_app and "Harbour" in one.as_text()]
        threads = [it for head in heads for it in bot.thread(ADMIN, head.ts) if it.from_app]
        return [
            *{
                it.ts: it
                for it in threads
                if "could not be read" in it.as_text() or "works again" in it.as_text()
            }.values()
        ]

    bot.fault("error", "conversations.history", error="not_in_channel", count=None)
    bot.post("ines", "@footnote reindex Harbour", channel=ADMIN)
    eventually(lambda: len(reports()) == 1, 2 * SECONDS)
    bot.clear_faults()
    bot.post("ines", "@footnote reindex Harbour", channel=ADMIN)
    eventually(lambda: len(reports()) == 2, 2 * SECONDS)
    first, second = reports()
    assert "could not be read" in first.as_text()
    assert "works again" in second.as_text()
    assert second.thread_ts == first.ts
