"""An admin's session from end to end: a channel added, read, asked about, looked at and removed, in Slack alone."""

from bot.admin.replies import REMOVE
from bot.admin.source_proposal import ADD
from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS, ask
from tests.e2e.waiting import eventually
from workers.admin.pinned_list import NOTE

ADMIN = "footnote-admin"


def says(bot: Sandbox, text: str) -> Message:
    ts = bot.post("ines", f"@footnote {text}", channel=ADMIN)
    return bot.wait_for_reply(ADMIN, ts, SECONDS)


def pinned(bot: Sandbox) -> str:
    return next((one.as_text() for one in bot.channel(ADMIN) if one.from_app and NOTE in one.as_text()), "")


def test_a_session(bot: Sandbox) -> None:
    assert "audience NAME" in says(bot, "help").as_text()
    assert "pages" in says(bot, "list").as_text()
    eventually(lambda: "pages" in pinned(bot), SECONDS)

    bot.add_channel("harbour", members=["ines", "marco", "priya", "footnote"])
    bot.post("marco", "The ferry to the harbour office leaves at 06:40 from pier seven.", channel="harbour")
    dropped = bot.post("ines", "#harbour", channel=ADMIN)
    proposal = bot.wait_for_reply(ADMIN, dropped, SECONDS)
    assert "a Slack channel" in proposal.as_text()
    assert "#harbour" not in says(bot, "list").as_text()
    bot.click("ines", ADD, channel=ADMIN, ts=proposal.ts)
    eventually(lambda: "1 document" in says(bot, "show “#harbour”").as_text(), SECONDS)
    assert "06:40" in ask(bot, "when does the ferry to the harbour office leave?").as_text()

    assert "Paused" in says(bot, "pause pages").as_text()
    assert "Did you mean pages?" in says(bot, "resume page").as_text()
    assert "Resumed" in says(bot, "resume pages").as_text()
    assert "every 1 d" in says(bot, "schedule pages daily").as_text()

    question = says(bot, "remove “#harbour”")
    bot.click("ines", REMOVE, channel=ADMIN, ts=question.ts)
    eventually(lambda: "#harbour" not in says(bot, "list").as_text(), SECONDS)
    assert "06:40" not in ask(bot, "when does the ferry to the harbour office leave?").as_text()
    trail = says(bot, "audit").as_text()
    for done in ("ines: add #harbour", "ines: pause pages", "ines: remove #harbour"):
        assert done in trail


def test_a_question_in_the_admin_channel_is_answered(bot: Sandbox) -> None:
    reply = ask(bot, "how many days of annual leave do I have?", channel=ADMIN, user="ines")
    assert "25 days" in reply.as_text()


def test_a_file_is_dropped_added_asked_about_and_deleted(bot: Sandbox) -> None:
    text = b"# Sauna\n\nThe sauna of the boat house is heated on Thursdays from five o'clock on."
    ts, file_id = bot.upload("ines", "sauna.md", text, channel=ADMIN)
    proposal = bot.wait_for_reply(ADMIN, ts, SECONDS)
    said = proposal.as_text()
    assert "Sauna" in said
    assert "1 chunk, about a few seconds, going by" in said
    assert "read by the members of #C01ADMIN" in said
    assert "Thursdays" not in ask(bot, "when is the sauna heated?", channel=ADMIN, user="ines").as_text()
    bot.click("ines", ADD, channel=ADMIN, ts=proposal.ts)
    eventually(lambda: "1 document" in says(bot, "show Sauna").as_text(), SECONDS)
    reply = ask(bot, "when is the sauna heated?", channel=ADMIN, user="ines")
    assert "Thursdays" in reply.as_text()
    assert any(file_id in url for _, url in reply.links())
    assert "Thursdays" not in ask(bot, "when is the sauna heated?").as_text(), "not said to everybody"
    bot.delete_file(file_id)
    eventually(lambda: "Sauna" not in says(bot, "list").as_text(), SECONDS)
    assert (
        "Thursdays" not in ask(bot, "when is the sauna heated again?", channel=ADMIN, user="ines").as_text()
    )
