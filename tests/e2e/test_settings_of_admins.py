"""Settings changed by clicks and forms, in Slack alone, and what holds from then on."""

from bot.admin.channel_form import LANGUAGE, SOURCES
from bot.admin.channel_replies import CHANGE
from bot.admin.source_card import PAUSE, RESUME, SCHEDULE
from bot.admin.source_fields import EVERY
from sandbox.client import Message, Sandbox
from sandbox.reading import message_text
from tests.e2e.test_embedded import SECONDS, ask
from tests.e2e.waiting import eventually
from workers.admin.administering import NOT_AN_ADMIN

ADMIN = "footnote-admin"
QUESTION = "how many days of annual leave do I have?"


def says(bot: Sandbox, text: str) -> Message:
    ts = bot.post("ines", f"@footnote {text}", channel=ADMIN)
    return bot.wait_for_reply(ADMIN, ts, SECONDS)


def now(bot: Sandbox, message: Message) -> Message:
    thread = bot.thread(ADMIN, str(message.thread_ts))
    return next(one for one in thread if one.ts == message.ts)


def opened(bot: Sandbox, user: str, message: Message, button: str) -> str:
    bot.click(user, button, channel=ADMIN, ts=message.ts)
    return str(bot.wait_for_view(user, SECONDS)["id"])


def home(bot: Sandbox, user: str, expected: str) -> str:
    def read() -> str:
        view = bot.home(user)
        return message_text("", view["blocks"]) if view else ""

    bot.open_home(user)
    eventually(lambda: expected in read(), SECONDS)
    return read()


def test_a_channel_searches_one_source_and_speaks_german(bot: Sandbox) -> None:
    assert "25 days" in ask(bot, QUESTION).as_text()
    message = says(bot, "settings #general")
    view = opened(bot, "ines", message, CHANGE)
    [block] = [one for one in bot.views("ines")[-1]["blocks"] if one.get("block_id") == SOURCES]
    sources = {one["text"]["text"]: one["value"] for one in block["element"]["options"]}
    bot.submit("ines", view, {LANGUAGE: "de", SOURCES: [sources["salaries"]]})
    eventually(lambda: "language: German" in now(bot, message).as_text(), SECONDS)
    answer = ask(bot, QUESTION).as_text()
    assert "25 days" not in answer
    assert "Hier gibt es noch nichts" in answer
    assert "searches salaries" in home(bot, "ines", "speaks German")

    bot.join("marco", ADMIN)
    view = opened(bot, "marco", message, CHANGE)
    bot.leave("marco", ADMIN)
    bot.submit("marco", view, {LANGUAGE: "fr"})
    assert bot.views("marco")[-1]["blocks"][0]["text"]["text"] == NOT_AN_ADMIN

    assert "as everywhere again" in says(bot, "settings #general reset").as_text()
    assert "25 days" in ask(bot, QUESTION).as_text()
    trail = says(bot, "audit").as_text()
    assert "language as everywhere → de" in trail
    assert "marco: settings" in trail
    assert "(refused)" in trail


def test_a_source_is_paused_and_scheduled_by_clicks(bot: Sandbox) -> None:
    message = says(bot, "show pages")
    bot.click("ines", PAUSE, channel=ADMIN, ts=message.ts)
    eventually(lambda: "Paused pages" in now(bot, message).as_text(), SECONDS)
    bot.click("ines", RESUME, channel=ADMIN, ts=message.ts)
    eventually(lambda: "Resumed pages" in now(bot, message).as_text(), SECONDS)
    bot.submit("ines", opened(bot, "ines", message, SCHEDULE), {EVERY: "6h"})
    eventually(lambda: "synced every 6 h" in now(bot, message).as_text(), SECONDS)


def test_admins_read_on_the_home_tab_that_all_is_well(bot: Sandbox) -> None:
    ask(bot, QUESTION)
    shown = home(bot, "ines", "Health")
    assert "does not work" not in shown
    for part in (
        "Slack  ·  answered within",
        "queue",
        "workers",
        "index  ·  answers",
        "model  ·  all-MiniLM",
    ):
        assert part in shown
    assert "salaries" in shown
    assert "Health" not in home(bot, "marco", "What you asked last")
