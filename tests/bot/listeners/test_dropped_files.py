"""A file shared in the admin channel."""

import pytest

from bot.admin.estimate_words import file_size_in_words
from bot.admin.source_fields import CHANNELS, READERS
from bot.admin.source_proposal import ADD, AUDIENCE, CANCEL, CANCELLED
from bot.listeners.dropped_files import MOST, NOT_NOW, dropped_files
from ingestion.estimating import Estimate
from ingestion.registered import RegisteredSource
from sandbox.client import Message, Sandbox
from tests.bot.offices import ADMIN_CHANNEL, ME, AdminOffice
from tests.e2e.waiting import eventually
from tests.ingestion.making import pdf

INES, MARCO = "U01INES", "U01MARCO"
TRAVEL = b"# Travelling\n\nBook trains, and never planes."


def added(office: AdminOffice) -> list[RegisteredSource]:
    return [one for one in office.catalogue.sources() if one.name != "wiki"]


def proposed(sandbox: Sandbox, name: str = "travel.md", content: bytes = TRAVEL) -> tuple[Message, str]:
    """The proposal, and the id of the file."""
    ts, file_id = sandbox.upload("ines", name, content, channel=ADMIN_CHANNEL)
    return sandbox.wait_for_reply(ADMIN_CHANNEL, ts, 20), file_id


def now(sandbox: Sandbox, message: Message) -> Message:
    thread = sandbox.thread(ADMIN_CHANNEL, str(message.thread_ts))
    return next(one for one in thread if one.ts == message.ts)


def shares(office: AdminOffice, user: str, *names: str, text: str = "", **more: object) -> str:
    """As Slack tells of it, whoever is said to have shared them."""
    files = [
        {"id": office.sandbox.upload("ines", name, TRAVEL, channel=ADMIN_CHANNEL)[1], "name": name}
        for name in names
    ]
    return office.drops(user, text, **{"subtype": "file_share", "files": files, **more})


def test_it_says_what_it_found_and_keeps_nothing(office: AdminOffice, sandbox: Sandbox) -> None:
    message, _ = proposed(sandbox)
    text = message.as_text()
    assert "Shall I read Travelling?" in text
    assert "a file in Slack: MD, travel.md" in text.replace("\u2060", "")
    assert f"read by the members of #{ADMIN_CHANNEL}" in text
    assert "1 chunk, about a few seconds, going by 7 documents" in text
    assert [one["action_id"] for one in message.buttons()] == [ADD, AUDIENCE, CANCEL]
    assert added(office) == []


def test_pages_are_counted(office: AdminOffice, sandbox: Sandbox) -> None:
    message, _ = proposed(
        sandbox,
        "plan.pdf",
        pdf([[(50, 700, 12, "One is the first page.")], [(50, 700, 12, "Two is the second.")]]),
    )
    assert "2 pages, " in message.as_text()


def test_added_once_for_those_who_were_chosen(office: AdminOffice, sandbox: Sandbox) -> None:
    message, file_id = proposed(sandbox)
    sandbox.click("ines", AUDIENCE, channel=ADMIN_CHANNEL, ts=message.ts)
    form = sandbox.wait_for_view("ines")
    sandbox.submit("ines", form["id"], {READERS: ["members"], CHANNELS: []})
    message = now(sandbox, message)
    assert "read by all full members" in message.as_text()
    assert "travel.md" in message.as_text().replace("\u2060", "")
    office.click(INES, message, ADD)
    office.click(INES, message, ADD)
    [source] = added(office)
    assert (source.kind, source.location, source.name) == ("slack_file", file_id, "Travelling")
    assert source.readers == {"members"}
    assert office.action(source) == "sync"
    assert [one.action for one in office.audit.latest()] == ["add"]


def test_cancelled_is_cancelled(office: AdminOffice, sandbox: Sandbox) -> None:
    message, _ = proposed(sandbox)
    sandbox.click("ines", CANCEL, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: CANCELLED in now(sandbox, message).as_text())
    office.click(INES, message, ADD)
    assert added(office) == []


def test_another_file_of_the_same_title_is_called_otherwise(office: AdminOffice, sandbox: Sandbox) -> None:
    office.click(INES, proposed(sandbox)[0], ADD)
    message, file_id = proposed(sandbox)
    assert f"Shall I read Travelling ({file_id})?" in message.as_text()
    office.click(INES, message, ADD)
    assert len(added(office)) == 2


def test_a_file_that_is_deleted_is_removed(office: AdminOffice, sandbox: Sandbox) -> None:
    message, file_id = proposed(sandbox)
    office.click(INES, message, ADD)
    [source] = added(office)
    sandbox.delete_file(file_id)
    eventually(lambda: office.action(source) == "remove")


@pytest.mark.parametrize(
    ("name", "content", "fields", "said"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(50), {}, "is an image"),
        ("big.txt", b"x" * 1_100_000, {}, "is larger than 1 MB"),
        ("empty.md", b" ", {}, "is empty"),
        ("theirs.md", TRAVEL, {"user_team": "T0OTHER"}, "another organisation"),
        ("drive.md", TRAVEL, {"is_external": True, "mode": "external"}, "Google Drive"),
    ],
)
def test_what_cannot_be_read_is_said_and_has_no_button(
    office: AdminOffice, name: str, content: bytes, fields: dict[str, object], said: str
) -> None:
    _, file_id = office.sandbox.upload("ines", name, content, channel=ADMIN_CHANNEL)
    if fields:
        office.sandbox.change_file(file_id, **fields)
    reply = office.reply(
        office.drops(INES, "", subtype="file_share", files=[{"id": file_id, "name": f"{name} <!channel>"}])
    )
    assert said in reply.as_text()
    assert reply.buttons() == []
    assert reply.pings() == []


def test_while_slack_is_away_it_says_so(office: AdminOffice) -> None:
    office.sandbox.fault("error", "files.info", count=None)
    ts = shares(office, INES, "travel.md")
    office.sandbox.clear_faults()
    assert office.reply(ts).as_text() == NOT_NOW


def test_each_file_of_a_message_and_no_more_than_some(office: AdminOffice) -> None:
    ts = shares(office, INES, *(f"{number}.md" for number in range(MOST + 2)))
    assert len(office.replies(ts)) == MOST


def test_who_is_no_admin_is_not_answered(office: AdminOffice) -> None:
    assert office.replies(shares(office, MARCO, "travel.md")) == []
    [noted] = office.audit.latest()
    assert (noted.user_id, noted.action, noted.outcome) == (MARCO, "propose", "refused")


def test_who_is_no_admin_any_more_adds_nothing(office: AdminOffice) -> None:
    office.sandbox.join("marco", "footnote-admin")
    message = office.reply(shares(office, MARCO, "travel.md"))
    office.sandbox.leave("marco", "footnote-admin")
    for action in (ADD, CANCEL, AUDIENCE):
        office.click(MARCO, message, action)
    assert added(office) == []


def test_with_a_question_in_a_thread_elsewhere_or_by_a_bot_it_is_no_proposal(office: AdminOffice) -> None:
    assert office.replies(shares(office, INES, "a.md", text=f"<@{ME}> what does it say?")) == []
    assert office.replies(shares(office, INES, "a.md", bot_id="B0OTHER")) == []
    head = office.sandbox.post("ines", "head", channel=ADMIN_CHANNEL)
    shares(office, INES, "a.md", thread_ts=head)
    assert office.replies(head) == []
    assert office.replies(shares(office, INES, "a.md", channel="C01GENERAL"), "C01GENERAL") == []


def test_only_what_is_shared_with_a_message_counts() -> None:
    assert dropped_files({"files": [{"id": "F1"}]}, ME) == ()
    assert dropped_files({"subtype": "file_share"}, ME) == ()


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(12, None), "12 pages, how many chunks it makes shows when it is read"),
        (Estimate(None, 31), "31 chunks; how long that takes is not known yet"),
        (
            Estimate(1, 31, 42.0, 3),
            "1 page, 31 chunks, about 42 seconds, going by 3 documents of other kinds",
        ),
    ],
)
def test_a_file_s_size(estimate: Estimate, said: str) -> None:
    assert said in file_size_in_words(estimate)
