"""The home tab for admins and for everybody else, asked at every look; settings changed from there."""

import pytest

from bot.admin.adding_form import NEW
from bot.admin.channel_form import LANGUAGE
from bot.admin.channel_replies import CHANGE, PICK
from rag.domain import Answer, Outcome
from sandbox.client import Sandbox
from sandbox.reading import message_text
from tests.bot.offices import ADMIN_CHANNEL, AdminOffice
from tests.e2e.waiting import eventually
from workers.admin.administering import NOT_AN_ADMIN
from workers.asked import Incoming
from workers.channels import ChannelSettings

GENERAL = "C01GENERAL"


def read(sandbox: Sandbox, user: str) -> str:
    view = sandbox.home(user)
    return message_text("", view["blocks"]) if view else ""


def look(sandbox: Sandbox, user: str) -> str:
    """The id of the home tab, drawn anew."""
    before = (sandbox.home(user) or {}).get("hash")
    sandbox.open_home(user)
    eventually(lambda: (sandbox.home(user) or {}).get("hash") not in (None, before))
    return str((sandbox.home(user) or {})["id"])


def test_an_admin_sees_how_everything_stands(sandbox: Sandbox) -> None:
    look(sandbox, "ines")
    shown = read(sandbox, "ines")
    for expected in ("For admins", "Health", "Slack  ·  answers", "wiki  ·  not read yet", "What failed"):
        assert expected in shown


@pytest.mark.parametrize("user", ["marco", "tom", "dana"])
def test_a_member_a_guest_and_an_external_see_none_of_it(sandbox: Sandbox, user: str) -> None:
    look(sandbox, user)
    shown = read(sandbox, user)
    assert "For admins" not in shown
    assert "[Change]" not in shown


def test_who_is_an_admin_no_more_sees_none_of_it_any_more(office: AdminOffice, sandbox: Sandbox) -> None:
    sandbox.join("marco", "footnote-admin")
    view = look(sandbox, "marco")
    assert "For admins" in read(sandbox, "marco")
    sandbox.fault("error", "views.publish")  # what Slack tells of the leaving comes to nothing
    sandbox.leave("marco", "footnote-admin")
    eventually(lambda: [one for one in sandbox.faults() if one.get("count") == 0] or not sandbox.faults())
    sandbox.clear_faults()
    sandbox.click("marco", NEW, view=view)
    assert sandbox.wait_for_view("marco")["blocks"][0]["text"]["text"] == NOT_AN_ADMIN
    sandbox.click("marco", PICK, view=view, value=GENERAL)
    eventually(lambda: len(sandbox.views("marco")) == 2)
    assert sandbox.views("marco")[-1]["blocks"][0]["text"]["text"] == NOT_AN_ADMIN
    look(sandbox, "marco")
    assert "For admins" not in read(sandbox, "marco")
    assert {(one.user_id, one.outcome) for one in office.audit.latest()} == {("U01MARCO", "refused")}


def test_leaving_the_admin_channel_is_enough(sandbox: Sandbox) -> None:
    sandbox.join("marco", "footnote-admin")
    look(sandbox, "marco")
    sandbox.leave("marco", "footnote-admin")
    eventually(lambda: "For admins" not in read(sandbox, "marco"))


def test_a_channel_is_changed_from_there_and_shown_anew(office: AdminOffice, sandbox: Sandbox) -> None:
    view = look(sandbox, "ines")
    sandbox.click("ines", PICK, view=view, value=GENERAL)
    sandbox.submit("ines", sandbox.wait_for_view("ines")["id"], {LANGUAGE: "de"})
    assert office.channels.of(GENERAL) == ChannelSettings(language="de")
    eventually(lambda: "speaks German" in read(sandbox, "ines"))
    sandbox.click("ines", CHANGE, view=str((sandbox.home("ines") or {})["id"]))
    sandbox.submit("ines", sandbox.wait_for_view("ines")["id"], {LANGUAGE: "everywhere"})
    eventually(lambda: "None: every channel is as everywhere." in read(sandbox, "ines"))
    assert [one.action for one in office.audit.latest()] == ["settings", "settings"]


def test_a_source_is_added_from_there(sandbox: Sandbox) -> None:
    sandbox.click("ines", NEW, view=look(sandbox, "ines"))
    sandbox.submit("ines", sandbox.wait_for_view("ines")["id"], {"address": "https://docs.example"})
    assert sandbox.wait_for_message(ADMIN_CHANNEL, lambda one: "Shall I read" in one.as_text())


def test_what_was_asked_in_private_is_counted_and_not_told(office: AdminOffice, sandbox: Sandbox) -> None:
    private = {
        "C01PEOPLE": "who is to be let go",
        "D01MARCO": "am I ill enough",
        "C01GENERAL": "what is the per diem",
    }
    for number, (channel_id, text) in enumerate(private.items()):
        ts = f"{number}.5"
        asked = Incoming("T01FERNWAY", channel_id, ts=ts, thread_ts=ts, user_id="U01MARCO", text=text)
        office.ledger.accept(asked, Answer("no", Outcome.NOT_FOUND))
    look(sandbox, "ines")
    shown = read(sandbox, "ines")
    assert "3 asked" in shown
    assert "what is the per diem" in shown
    assert "let go" not in shown
    assert "ill enough" not in shown
    assert "2 more, asked where not all admins can read" in shown


def test_where_a_guest_administers_no_words_are_told(office: AdminOffice, sandbox: Sandbox) -> None:
    sandbox.join("tom", "footnote-admin")
    asked = Incoming(
        "T01FERNWAY", GENERAL, ts="1.5", thread_ts="1.5", user_id="U01MARCO", text="the per diem"
    )
    office.ledger.accept(asked, Answer("no", Outcome.NOT_FOUND))
    look(sandbox, "ines")
    assert "the per diem" not in read(sandbox, "ines")
