"""A link dropped in the admin channel."""

import pytest

from bot.admin.source_fields import CHANNELS, EVERY, NOBODY, READERS
from bot.admin.source_proposal import (
    ADD,
    AUDIENCE,
    CANCEL,
    CANCELLED,
    SCHEDULE,
    dropped,
)
from ingestion.estimating import Estimate
from ingestion.kinds import Proposal
from ingestion.registered import RegisteredSource
from sandbox.client import Message, Sandbox
from tests.bot.offices import ADMIN_CHANNEL, AdminOffice
from tests.e2e.waiting import eventually

INES, MARCO = "U01INES", "U01MARCO"
DOCS = "https://docs.example/guide"


def added(office: AdminOffice) -> list[RegisteredSource]:
    return [one for one in office.catalogue.sources() if one.name != "wiki"]


def proposed(sandbox: Sandbox, text: str = DOCS) -> Message:
    ts = sandbox.post("ines", text, channel=ADMIN_CHANNEL)
    return sandbox.wait_for_reply(ADMIN_CHANNEL, ts)


def now(sandbox: Sandbox, message: Message) -> Message:
    thread = sandbox.thread(ADMIN_CHANNEL, str(message.thread_ts))
    return next(one for one in thread if one.ts == message.ts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" <https://docs.example/guide> ", Proposal("web", DOCS, "docs.example/guide")),
        ("<http://docs.example/guide|docs.example/guide>", Proposal("web", DOCS, "docs.example/guide")),
        ("<https://github.com/o/r>", Proposal("git", "https://github.com/o/r", "o/r")),
        ("git@github.com:o/r.git", Proposal("git", "git@github.com:o/r.git", "o/r")),
        ("<#C01GENERAL|general>", Proposal("slack_channel", "C01GENERAL", "#general")),
        ("look at <https://docs.example/guide>", None),
        ("<https://a.example> <https://b.example>", None),
        ("<@U01INES>", None),
        ("<!here>", None),
        ("<mailto:a@b.example|a@b.example>", None),
        ("/etc/passwd", None),
        ("thanks.really", None),
        (f"<https://a.example/{'x' * 2000}>", None),
        ("", None),
    ],
)
def test_what_is_nothing_but_a_place(text: str, expected: Proposal | None) -> None:
    assert dropped(text) == expected


def test_it_says_what_it_is_and_adds_nothing(office: AdminOffice, sandbox: Sandbox) -> None:
    message = proposed(sandbox)
    text = message.as_text()
    assert "docs.example/guide" in text
    assert "a web site" in text
    assert "read by all full members" in text
    assert "synced every 6 h" in text
    assert "not known yet" in text
    assert [one["action_id"] for one in message.buttons()] == [ADD, AUDIENCE, SCHEDULE, CANCEL]
    assert added(office) == []
    assert office.audit.latest() == []


def test_two_clicks_add_once(office: AdminOffice, sandbox: Sandbox) -> None:
    message = proposed(sandbox)
    office.click(INES, message, ADD)
    office.click(INES, message, ADD)
    [source] = added(office)
    assert (source.location, source.readers, source.every_seconds) == (DOCS, {"members"}, 21_600)
    assert office.action(source) == "sync"
    assert [one.action for one in office.audit.latest()] == ["add"]


def test_added_by_a_click_in_slack(office: AdminOffice, sandbox: Sandbox) -> None:
    message = proposed(sandbox)
    sandbox.click("ines", ADD, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: "Added docs.example/guide" in now(sandbox, message).as_text())
    assert now(sandbox, message).buttons() == []
    again = proposed(sandbox)
    assert "already" in again.as_text()
    assert again.buttons() == []
    assert len(added(office)) == 1


def test_the_audience_and_the_schedule_are_chosen_first(office: AdminOffice, sandbox: Sandbox) -> None:
    message = proposed(sandbox)
    sandbox.click("ines", AUDIENCE, channel=ADMIN_CHANNEL, ts=message.ts)
    form = sandbox.wait_for_view("ines")
    assert sandbox.submit("ines", form["id"], {READERS: [], CHANNELS: []})["errors"] == {CHANNELS: NOBODY}
    sandbox.submit("ines", form["id"], {READERS: ["public"], CHANNELS: ["C01PEOPLE"]})
    assert "guests and connected organisations" in now(sandbox, message).as_text()
    sandbox.click("ines", SCHEDULE, channel=ADMIN_CHANNEL, ts=message.ts)
    sandbox.submit("ines", sandbox.wait_for_view("ines")["id"], {EVERY: "off"})
    assert "synced only when asked" in now(sandbox, message).as_text()
    assert added(office) == []
    sandbox.click("ines", ADD, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: added(office))
    [source] = added(office)
    assert (source.readers, source.every_seconds) == ({"public", "channel:C01PEOPLE"}, None)


def test_cancelled_is_cancelled(office: AdminOffice, sandbox: Sandbox) -> None:
    message = proposed(sandbox)
    sandbox.click("ines", CANCEL, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: CANCELLED in now(sandbox, message).as_text())
    office.click(INES, message, ADD)
    assert added(office) == []


def test_a_private_channel_is_for_its_members(office: AdminOffice, sandbox: Sandbox) -> None:
    message = proposed(sandbox, "#people-private")
    assert "#people-private" in message.as_text()
    assert "read by the members of" in message.as_text()
    hidden = sandbox.add_channel("cellar", members=["ines"], kind="private")
    told = proposed(sandbox, f"<#{hidden}>")
    assert "invite it there first" in told.as_text()
    assert told.buttons() == []


def test_who_is_no_admin_any_more_adds_nothing(office: AdminOffice) -> None:
    office.sandbox.join("marco", "footnote-admin")
    message = office.reply(office.drops(MARCO, f"<{DOCS}>"))
    office.sandbox.leave("marco", "footnote-admin")
    for action in (ADD, CANCEL, AUDIENCE, SCHEDULE):
        office.click(MARCO, message, action)
    assert added(office) == []
    assert {(one.user_id, one.outcome) for one in office.audit.latest()} == {(MARCO, "refused")}
    assert office.replies(office.drops(MARCO, "<https://other.example>")) == []
    office.click(INES, message, ADD)
    assert len(added(office)) == 1


def test_elsewhere_in_threads_and_by_bots_a_link_is_a_link(office: AdminOffice) -> None:
    assert office.replies(office.drops(INES, f"<{DOCS}>", channel="C01GENERAL"), "C01GENERAL") == []
    assert office.replies(office.drops(INES, f"<{DOCS}>", bot_id="B0OTHER")) == []
    head = office.sandbox.post("ines", "head", channel=ADMIN_CHANNEL)
    office.drops(INES, f"<{DOCS}>", thread_ts=head)
    assert office.replies(head) == []


def test_what_slack_tells_twice_is_proposed_once(office: AdminOffice) -> None:
    ts = office.drops(INES, f"<{DOCS}>")
    office.tell(
        {
            "type": "message",
            "channel_type": "group",
            "user": INES,
            "text": f"<{DOCS}>",
            "ts": ts,
            "channel": ADMIN_CHANNEL,
        }
    )
    assert len(office.replies(ts)) == 1


def test_what_cannot_be_opened_can_be_tried_again(office: AdminOffice) -> None:
    message = office.reply(office.drops(INES, "<https://unopenable.example>"))
    office.click(INES, message, ADD)
    office.click(INES, message, ADD)
    assert added(office) == []


def test_how_many_pages_is_told_and_stays_when_something_is_chosen(
    office: AdminOffice, sandbox: Sandbox
) -> None:
    office.estimates[Proposal("web", DOCS, "docs.example/guide")] = Estimate(
        1200, 3400, 720.0, 45, is_alike=True
    )
    message = proposed(sandbox)
    assert (
        "its sitemap lists 1,200 pages: about 3,400 chunks and 12 minutes, going by 45 documents of sources like it here"
        in message.as_text()
    )
    sandbox.click("ines", SCHEDULE, channel=ADMIN_CHANNEL, ts=message.ts)
    sandbox.submit("ines", sandbox.wait_for_view("ines")["id"], {EVERY: "1d"})
    text = now(sandbox, message).as_text()
    assert "synced every 1 d" in text
    assert "its sitemap lists 1,200 pages" in text
