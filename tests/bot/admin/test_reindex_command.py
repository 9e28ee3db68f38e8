"""What is typed after /reindex, and who may have it done."""

import pytest

from bot.admin.reindex_command import USAGE, Wanted, wanted
from bot.listeners.reindexing import ELSEWHERE, NOTHING_TO_STOP, SHARED, STARTED
from ingestion.registered import RegisteredSource
from ingestion.runs import ALL_SOURCES
from sandbox.client import Message
from tests.bot.offices import AdminOffice
from workers.admin.administering import NOT_AN_ADMIN


def source(name: str) -> RegisteredSource:
    return RegisteredSource(name, "T", name, "folder", "/x", frozenset({"members"}))


WIKI, STATUS, TWO = source("wiki"), source("status"), source("Two Words")
SOURCES = [WIKI, STATUS, TWO]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("", Wanted("start")),
        ("all", Wanted("start")),
        ("  wiki ", Wanted("start", WIKI)),
        ("WIKI", Wanted("start", WIKI)),
        ("“wiki”", Wanted("start", WIKI)),
        ("two words", Wanted("start", TWO)),
        ("wiki --full", Wanted("start", WIKI, full=True)),
        ("--full wiki", Wanted("start", WIKI, full=True)),
        ("wiki —full", Wanted("start", WIKI, full=True)),
        ("wiki –FULL", Wanted("start", WIKI, full=True)),
        ("--full", Wanted("start", full=True)),
        ("status", Wanted("status")),
        ('"status"', Wanted("start", STATUS)),
        ("cancel", Wanted("cancel")),
        ("Stop", Wanted("cancel")),
        ("cancel wiki", Wanted("cancel", WIKI)),
        ("help", USAGE),
        ("cancel --full", USAGE),
        ("status of the union", USAGE),
    ],
)
def test_what_is_typed(text: str, means: Wanted | str) -> None:
    assert wanted(text, SOURCES) == means


@pytest.mark.parametrize("text", ["wikki", "wikki --full", "cancel wikki"])
def test_a_letter_wrong_is_asked_back_and_nothing_is_done(text: str) -> None:
    said = wanted(text, SOURCES)
    assert isinstance(said, str)
    assert "Did you mean wiki?" in said


def reindex(office: AdminOffice, text: str, *, user: str = "ines", channel: str = "footnote-admin") -> str:
    """What whoever typed it is told, alone."""
    before = {one.ts for one in office.sandbox.channel(channel)}
    assert office.sandbox.command(user, "/reindex", text, channel=channel)["outcome"] == "acknowledged"
    new = [one for one in office.sandbox.channel(channel) if one.ts not in before and one.ephemeral]
    return new[-1].as_text()


def told(office: AdminOffice, channel: str = "footnote-admin") -> list[Message]:
    """The messages that everybody there sees."""
    return [one for one in office.sandbox.channel(channel) if one.from_app and not one.ephemeral]


def test_all_sources_that_are_not_paused(office: AdminOffice) -> None:
    paused = office.catalogue.add_source(
        "old", kind="web", location="https://old.example", readers={"members"}
    )
    office.catalogue.pause(paused.id)
    with office.connected():
        assert STARTED in reindex(office, "")
    [message] = told(office)
    assert "Reindexing 1 source" in message.as_text()
    assert set(office.runs.latest()) == {office.wiki.id}
    [entry] = office.audit.latest()
    assert (entry.action, entry.user_id, entry.after) == ("reindex", "U01INES", {"full": False, "runs": 1})


def test_two_who_ask_for_the_same_share_one_run_and_one_message(office: AdminOffice) -> None:
    office.sandbox.join("priya", "footnote-admin")
    with office.connected():
        reindex(office, "wiki")
        run = office.runs.latest()[office.wiki.id]
        assert SHARED in reindex(office, "wiki", user="priya")
    assert office.runs.latest()[office.wiki.id].id == run.id
    assert len(told(office)) == 1


def test_in_another_channel_there_is_another_message_of_the_same_run(office: AdminOffice) -> None:
    office.sandbox.join("ines", "general")
    with office.connected():
        reindex(office, "wiki")
        run = office.runs.latest()[office.wiki.id]
        reindex(office, "wiki", channel="general")
    assert office.runs.latest()[office.wiki.id].id == run.id
    assert "Reindexing wiki" in told(office, "general")[-1].as_text()


def test_where_the_bot_cannot_write_the_admin_channel_is_told(office: AdminOffice) -> None:
    office.sandbox.add_channel("without-us", members=["ines"])
    with office.connected():
        assert ELSEWHERE in reindex(office, "wiki", channel="without-us")
    office.messages.sweep()
    [message] = told(office)
    assert "Reindexing wiki" in message.as_text()


def test_everything_in_full_is_the_index_built_anew(office: AdminOffice) -> None:
    with office.connected():
        reindex(office, "--full")
    assert office.runs.latest()[ALL_SOURCES].action == "rebuild"
    assert "all sources into a new index" in told(office)[0].as_text()


def test_full_goes_before_a_sync_that_leaves_out_what_did_not_change(office: AdminOffice) -> None:
    with office.connected():
        reindex(office, "wiki")
        first = office.runs.latest()[office.wiki.id]
        reindex(office, "wiki --full")
        second = office.runs.latest()[office.wiki.id]
        assert first.id != second.id
        stopped = office.runs.get(first.id)
        assert stopped is not None and stopped.state == "cancelled"
        assert SHARED in reindex(office, "wiki --full")
    assert office.runs.latest()[office.wiki.id].id == second.id


def test_cancel_stops_it_and_says_so(office: AdminOffice) -> None:
    with office.connected():
        assert NOTHING_TO_STOP in reindex(office, "cancel")
        reindex(office, "wiki")
        assert "Stopped: wiki" in reindex(office, "cancel")
        assert office.runs.latest()[office.wiki.id].state == "cancelled"
        assert "wiki is not being read" in reindex(office, "cancel wiki")
    assert [one.action for one in office.audit.latest()] == ["cancel", "reindex"]


def test_a_removal_is_not_stopped(office: AdminOffice) -> None:
    office.runs.request(office.wiki.id, "remove", "U01INES")
    with office.connected():
        assert "wiki is not being read" in reindex(office, "cancel wiki")
    assert office.runs.latest()[office.wiki.id].state == "requested"


def test_status_is_told_to_who_asks_alone(office: AdminOffice) -> None:
    with office.connected():
        assert "wiki" in reindex(office, "status")
    assert told(office) == []


@pytest.mark.parametrize(
    "text", ["", "wiki", "wiki --full", "--full", "status", "cancel", "cancel wiki", "nonsense"]
)
@pytest.mark.parametrize("user", ["marco", "tom", "dana"])
def test_nobody_else_may(office: AdminOffice, user: str, text: str) -> None:
    """A member who was removed a moment ago, a guest, one from elsewhere."""
    office.sandbox.join("marco", "footnote-admin")
    office.sandbox.leave("marco", "footnote-admin")
    command = {
        "command": "/reindex",
        "text": text,
        "user_id": {"marco": "U01MARCO", "tom": "U01TOM", "dana": "U02DANA"}[user],
        "channel_id": "C01GENERAL",
        "team_id": "T01FERNWAY",
    }
    assert NOT_AN_ADMIN in office.types(command)
    assert office.runs.latest() == {}
    assert told(office, "general") == []
    assert [one.outcome for one in office.audit.latest()] == ["refused"]
