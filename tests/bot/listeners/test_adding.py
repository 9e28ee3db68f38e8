"""“Add a source”: the form, and the message that comes of it."""

import pytest

from bot.admin.adding_form import ADDRESS, CHANNEL, NAME, NEW, NO_ADDRESS, ONE_OF_BOTH
from bot.admin.source_proposal import ADD
from sandbox.client import Message, Sandbox
from tests.bot.offices import ADMIN_CHANNEL, AdminOffice
from tests.e2e.waiting import eventually
from workers.admin.administering import NOT_AN_ADMIN

INES, MARCO = "U01INES", "U01MARCO"


def listed(office: AdminOffice) -> Message:
    return office.reply(office.says(INES, "list"))


def form(sandbox: Sandbox, message: Message, user: str = "ines") -> str:
    sandbox.click(user, NEW, channel=ADMIN_CHANNEL, ts=message.ts)
    return str(sandbox.wait_for_view(user)["id"])


def proposal(sandbox: Sandbox) -> Message:
    return sandbox.wait_for_message(ADMIN_CHANNEL, lambda one: "Shall I read" in one.as_text())


def test_an_address_is_proposed_in_the_channel_and_added_there(office: AdminOffice, sandbox: Sandbox) -> None:
    view = form(sandbox, listed(office))
    sandbox.submit("ines", view, {ADDRESS: "docs.example/guide", NAME: " The  guide "})
    message = proposal(sandbox)
    assert "The guide" in message.as_text()
    assert len(office.catalogue.sources()) == 1
    sandbox.click("ines", ADD, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: len(office.catalogue.sources()) == 2)
    added = next(one for one in office.catalogue.sources() if one.name != "wiki")
    assert (added.name, added.location) == ("The guide", "https://docs.example/guide")


def test_a_channel_is_chosen(office: AdminOffice, sandbox: Sandbox) -> None:
    sandbox.submit("ines", form(sandbox, listed(office)), {CHANNEL: "C01GENERAL"})
    assert "#general" in proposal(sandbox).as_text()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, ONE_OF_BOTH),
        ({ADDRESS: "https://a.example", CHANNEL: "C01GENERAL"}, ONE_OF_BOTH),
        ({ADDRESS: "the handbook of the team"}, NO_ADDRESS),
        ({ADDRESS: "/etc/passwd"}, "A folder on the machine"),
    ],
)
def test_what_is_no_place_is_said_in_the_form(
    office: AdminOffice, sandbox: Sandbox, values: dict[str, str], problem: str
) -> None:
    errors = sandbox.submit("ines", form(sandbox, listed(office)), values)["errors"]
    assert errors[ADDRESS].startswith(problem)


def test_only_admins_get_the_form_and_only_admins_submit_it(office: AdminOffice, sandbox: Sandbox) -> None:
    message = listed(office)
    office.click(MARCO, message, NEW)
    assert sandbox.views("marco") == []
    sandbox.join("marco", "footnote-admin")
    view = form(sandbox, message, "marco")
    sandbox.leave("marco", "footnote-admin")
    sandbox.submit("marco", view, {ADDRESS: "https://docs.example"})
    assert sandbox.views("marco")[-1]["blocks"][0]["text"]["text"] == NOT_AN_ADMIN
    assert not any("Shall I read" in one.as_text() for one in sandbox.channel(ADMIN_CHANNEL))
    assert [one.outcome for one in office.audit.latest()] == ["refused", "refused"]
