"""The home tab, as different people see it."""

from sandbox.client import Sandbox
from sandbox.reading import message_text
from tests.e2e.test_embedded import ask
from tests.e2e.waiting import eventually


def home(bot: Sandbox, user: str, expected: str) -> str:
    """What the home tab says, once it says what is expected."""

    def read() -> str:
        view = bot.home(user)
        return message_text("", view["blocks"]) if view else ""

    bot.open_home(user)
    eventually(lambda: expected in read())
    return read()


def test_it_says_how_to_ask_and_what_there_is(bot: Sandbox) -> None:
    shown = home(bot, "priya", "pages")
    assert "/ask" in shown
    assert "documents" in shown
    assert "looked at today" in shown


def test_it_lists_what_one_asked_with_links_and_nobody_elses(bot: Sandbox) -> None:
    question = "how many days of annual leave do I have?"
    reply = ask(bot, question, user="marco")
    shown = home(bot, "marco", question)
    assert f"archives/C01GENERAL/p{str(reply.thread_ts).replace('.', '')}" in shown
    bot.command("ines", "/ask", "is my salary confidential?", channel="general")
    assert "in private" in home(bot, "ines", "is my salary confidential?")
    assert "is my salary confidential?" not in home(bot, "marco", question)


def test_who_may_read_nothing_learns_of_no_source(bot: Sandbox) -> None:
    shown = home(bot, "tom", "What I know that you may read")
    assert "Nothing yet" in shown
    assert "pages" not in shown


def test_only_the_home_tab_is_drawn(bot: Sandbox) -> None:
    bot.open_home("lea", tab="messages")
    home(bot, "marco", "What you asked last")
    assert bot.home("lea") is None


def test_admins_read_what_was_asked_and_nobody_else_does(bot: Sandbox) -> None:
    ask(bot, "what is the per diem for tokyo?", user="marco")
    shown = home(bot, "ines", "per diem for tokyo")
    assert "For admins" in shown
    assert "What the documents do not say" in shown
    assert "For admins" not in home(bot, "priya", "What you asked last")
