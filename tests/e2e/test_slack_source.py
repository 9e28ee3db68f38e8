"""A channel as a source in the running bot: answered from, followed, and gone when it must be."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from ingestion.catalogue import Catalogue
from ingestion.registered import RegisteredSource
from ingestion.runs import Runs
from rag.settings import Settings
from sandbox.client import Sandbox
from tests.e2e.waiting import eventually
from workers.replies import PLACEHOLDER

SECONDS = 60.0  # within which what was deleted in Slack is gone


class Office:
    """The running bot's sources, and its answers."""

    def __init__(self, bot: Sandbox, settings: Settings) -> None:
        self.bot = bot
        self.engine = create_engine(settings.storage.database_url)
        self.catalogue = Catalogue(self.engine, settings.storage.team_id)
        self.runs = Runs(self.engine, settings.storage.team_id)

    def add(self, channel: str) -> RegisteredSource:
        name = f"channel {channel} {time.time()}"
        source = self.catalogue.add_source(name, kind="slack_channel", location=channel, readers={"members"})
        run = self.runs.request(source.id, "sync", "test")
        eventually(lambda: (found := self.runs.get(run.id)) is not None and found.is_finished, SECONDS)
        return source

    def documents(self, source: RegisteredSource) -> set[str]:
        return set(self.catalogue.documents(source.id))

    def answer(self, question: str) -> str:
        channel, ts = self.bot.direct("marco", question)
        reply = self.bot.wait_for_reply(channel, ts, 30, lambda message: message.text != PLACEHOLDER)
        return reply.as_text()


@pytest.fixture
def office(bot: Sandbox, settings: Settings) -> Iterator[Office]:
    office = Office(bot, settings)
    yield office
    office.engine.dispose()


def test_what_is_deleted_in_slack_is_answered_from_no_more(office: Office, bot: Sandbox) -> None:
    ts = bot.post("ines", "The pump of the aquarium in the lobby has stopped again.", channel="general")
    reply = bot.post(
        "priya",
        "The aquarium pump is restarted with the green lever behind the plant.",
        channel="general",
        thread_ts=ts,
    )
    source = office.add("C01GENERAL")
    question = "How is the aquarium pump in the lobby restarted?"
    assert "green lever" in office.answer(question)

    bot.edit(
        "priya", channel="general", ts=reply, text="The aquarium pump is restarted by the caretaker, Hanna."
    )
    eventually(lambda: "green lever" not in office.answer(question), SECONDS)
    assert "Hanna" in office.answer(question)

    bot.delete("priya", channel="general", ts=reply)
    bot.delete("ines", channel="general", ts=ts)
    eventually(lambda: office.documents(source) == set(), SECONDS)
    assert "Hanna" not in office.answer(question)
    assert office.catalogue.source(source.id) is not None


def test_a_channel_that_becomes_private_is_answered_from_for_its_members_alone(
    office: Office, bot: Sandbox
) -> None:
    channel = bot.add_channel("orchids", members=["ines", "footnote"])
    bot.post("ines", "The vault of the orchid room opens with the word heliotrope.", channel="orchids")
    source = office.add(channel)
    assert "heliotrope" in office.answer("Which word opens the vault of the orchid room?")

    bot.change_channel("orchids", kind="private")

    def narrowed() -> bool:
        found = office.catalogue.source(source.id)
        run = office.runs.latest()[source.id]
        return found is not None and found.readers == {f"channel:{channel}"} and run.is_finished

    eventually(narrowed, SECONDS)
    eventually(
        lambda: "heliotrope" not in office.answer("Which word opens the vault of the orchid room?"), SECONDS
    )


def test_left_and_uninstalled_everything_of_slack_goes(office: Office, bot: Sandbox) -> None:
    bot.post("ines", "The lighthouse lamp is a Fresnel lens.", channel="ask-footnote")
    left, uninstalled = office.add("C01ASK"), office.add("C01GENERAL")
    folders = {source.id for source in office.catalogue.sources() if source.kind == "folder"}

    bot.leave("footnote", "ask-footnote")
    eventually(lambda: office.catalogue.source(left.id) is None, SECONDS)
    assert office.catalogue.source(uninstalled.id) is not None

    bot.uninstall()
    eventually(lambda: {source.id for source in office.catalogue.sources()} == folders, SECONDS)
