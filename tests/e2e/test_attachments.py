"""A file sent along with a question, from the message to the answer: what only it says, and what cannot be read of it."""

import pytest

from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS
from tests.ingestion.making import saved, word
from workers.intake import ASK_ABOUT_FILE
from workers.replies import PLACEHOLDER

ASKED = "@footnote for how many euros does Brandt offer the turbine?"
OFFER = "The supplier Brandt offers the turbine for 4,200 euros, delivery included."


def document() -> bytes:
    written = word()
    written.add_heading("Offer", 1)
    written.add_paragraph(OFFER)
    return saved(written)


def reply(bot: Sandbox, channel: str, ts: str) -> Message:
    return bot.wait_for_reply(channel, ts, SECONDS, lambda m: m.text != PLACEHOLDER)


@pytest.mark.parametrize(
    ("name", "content"), [("offer.txt", OFFER.encode()), ("offer.docx", document())], ids=["txt", "docx"]
)
def test_what_only_the_file_says_is_answered_and_cited(bot: Sandbox, name: str, content: bytes) -> None:
    ts, file_id = bot.upload("marco", name, content, channel="general", text=ASKED)
    answer = reply(bot, "general", ts)
    assert "4,200 euros" in answer.as_text()
    assert f"[1] {name} <{bot.url}/files/U01MARCO/{file_id}/{name}>" in answer.as_text()
    again = bot.post("marco", ASKED, channel="general")
    assert "4,200 euros" not in reply(bot, "general", again).as_text(), "it was read for its own question"


def test_in_a_direct_message_too(bot: Sandbox) -> None:
    channel, _ = bot.direct("priya", "hello")
    ts, _ = bot.upload(
        "priya", "offer.txt", OFFER.encode(), channel=channel, text=ASKED.removeprefix("@footnote ")
    )
    assert (
        "4,200 euros"
        in bot.wait_for_reply(
            channel, ts, SECONDS, lambda m: m.text != PLACEHOLDER, as_user="priya"
        ).as_text()
    )


def test_a_picture_is_named_and_the_documents_answer(bot: Sandbox) -> None:
    ts, _ = bot.upload(
        "marco",
        "photo.png",
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        channel="general",
        text="@footnote how many days of annual leave do I have?",
    )
    said = reply(bot, "general", ts).as_text()
    assert said.replace("\u2060", "").startswith("I could not read `photo.png`: it is an image.")
    assert "25 days of annual leave" in said
    assert "[1] Annual leave <https://handbook.example/leave.md#how-many-days>" in said


def test_a_file_of_a_connected_organisation_s_channel_is_asked_for(bot: Sandbox) -> None:
    """There an event tells nothing but the id of a file."""
    bot.change_channel("general", is_ext_shared=True)
    ts, _ = bot.upload("marco", "offer.txt", OFFER.encode(), channel="general", text=ASKED)
    assert "4,200 euros" in reply(bot, "general", ts).as_text()
    bot.change_channel("general", is_ext_shared=False)


def test_a_slack_that_fails_at_first_does_not_lose_the_file(bot: Sandbox) -> None:
    bot.fault("http", "files.info", count=1)
    ts, _ = bot.upload("marco", "offer.txt", OFFER.encode(), channel="general", text=ASKED)
    assert "4,200 euros" in reply(bot, "general", ts).as_text()


def test_a_file_without_a_question_is_told_what_to_do(bot: Sandbox) -> None:
    ts, _ = bot.upload("marco", "offer.txt", OFFER.encode(), channel="general", text="@footnote")
    assert reply(bot, "general", ts).text == ASK_ABOUT_FILE
