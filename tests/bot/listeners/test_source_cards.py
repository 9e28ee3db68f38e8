"""The buttons under one source: who may click them, what they do, what the message says afterwards."""

import pytest

from bot.admin.source_card import AUDIENCE, PAUSE, REINDEX, REMOVE, RESUME, SCHEDULE
from bot.admin.source_fields import CHANNELS, EVERY, NOBODY, READERS
from bot.listeners.reindexing import STARTED
from bot.listeners.source_cards import REMOVED
from sandbox.client import Message, Sandbox
from tests.bot.offices import ADMIN_CHANNEL, AdminOffice
from tests.e2e.waiting import eventually
from workers.admin.administering import NOT_AN_ADMIN

INES, MARCO, TOM, DANA = "U01INES", "U01MARCO", "U01TOM", "U02DANA"
BUTTONS = [PAUSE, AUDIENCE, SCHEDULE, REINDEX, REMOVE]


def shown(office: AdminOffice) -> Message:
    return office.reply(office.says(INES, "show wiki"))


def now(office: AdminOffice, message: Message) -> Message:
    thread = office.sandbox.thread(ADMIN_CHANNEL, str(message.thread_ts))
    return next(one for one in thread if one.ts == message.ts)


def form(sandbox: Sandbox, message: Message, button: str, user: str = "ines") -> str:
    """The id of the form behind the button."""
    sandbox.click(user, button, channel=ADMIN_CHANNEL, ts=message.ts)
    return str(sandbox.wait_for_view(user)["id"])


def noted(office: AdminOffice) -> list[tuple[str, str, str]]:
    return [(one.user_id, one.action, one.outcome) for one in office.audit.latest()]


def test_paused_and_resumed_by_clicks(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    assert [one["action_id"] for one in message.buttons()] == BUTTONS
    sandbox.click("ines", PAUSE, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: "Paused wiki" in now(office, message).as_text())
    assert office.catalogue.sources()[0].is_paused
    assert now(office, message).buttons()[0]["action_id"] == RESUME
    sandbox.click("ines", RESUME, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: "Resumed wiki" in now(office, message).as_text())
    assert noted(office) == [(INES, "resume", "done"), (INES, "pause", "done")]


def test_the_audience_is_chosen_in_a_form(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    view = form(sandbox, message, AUDIENCE)
    assert sandbox.submit("ines", view, {READERS: [], CHANNELS: []})["errors"] == {CHANNELS: NOBODY}
    sandbox.submit("ines", view, {READERS: ["public"], CHANNELS: ["C01PEOPLE"]})
    assert office.catalogue.sources()[0].readers == {"public", "channel:C01PEOPLE"}
    assert "read by everybody, guests" in now(office, message).as_text()
    [done, failed] = office.audit.latest()
    assert (done.action, (done.before or {})["readers"], (done.after or {})["readers"]) == (
        "audience",
        ["members"],
        ["channel:C01PEOPLE", "public"],
    )
    assert failed.outcome == "failed"


def test_the_schedule_is_chosen_in_a_form(office: AdminOffice, sandbox: Sandbox) -> None:
    office.catalogue.schedule(office.wiki.id, 5400)
    message = shown(office)
    sandbox.submit("ines", form(sandbox, message, SCHEDULE))  # as it is, and none of those offered otherwise
    assert office.catalogue.sources()[0].every_seconds == 5400
    assert office.audit.latest() == []
    sandbox.submit("ines", form(sandbox, message, SCHEDULE), {EVERY: "off"})
    assert office.catalogue.sources()[0].every_seconds is None
    assert "synced only when asked" in now(office, message).as_text()


def test_reindexed_by_a_click_and_told_in_the_thread(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    sandbox.click("ines", REINDEX, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: office.action(office.wiki) == "sync")
    eventually(lambda: STARTED in now(office, message).as_text())
    thread = sandbox.thread(ADMIN_CHANNEL, str(message.thread_ts))
    assert "Reindexing wiki" in thread[-1].as_text()


def test_removed_once_with_a_question_first(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    [button] = [one for one in message.buttons() if one["action_id"] == REMOVE]
    assert "It cannot be undone." in button["confirm"]["text"]["text"]
    sandbox.click("ines", REMOVE, channel=ADMIN_CHANNEL, ts=message.ts)
    eventually(lambda: now(office, message).buttons() == [])
    office.click(INES, message, REMOVE)
    assert office.action(office.wiki) == "remove"
    assert noted(office) == [(INES, "remove", "done")]


def test_what_is_gone_is_told(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    view = form(sandbox, message, SCHEDULE)
    office.catalogue.drop(office.wiki.id)
    sandbox.submit("ines", view, {EVERY: "off"})
    assert sandbox.views("ines")[-1]["blocks"][0]["text"]["text"] == REMOVED
    sandbox.click("ines", PAUSE, channel=ADMIN_CHANNEL, ts=message.ts)
    thread = sandbox.thread(ADMIN_CHANNEL, str(message.thread_ts), as_user="ines")
    assert thread[-1].text == REMOVED or REMOVED in [one.text for one in sandbox.channel(ADMIN_CHANNEL)]
    assert office.audit.latest() == []


@pytest.mark.parametrize("user", [MARCO, TOM, DANA])
@pytest.mark.parametrize("button", BUTTONS)
def test_nobody_else_may(office: AdminOffice, user: str, button: str) -> None:
    message, before = shown(office), office.catalogue.overview()
    office.click(user, message, button)
    assert office.catalogue.overview() == before
    assert office.runs.latest() == {}
    assert [one.outcome for one in office.audit.latest()] == ["refused"]


def test_who_was_removed_while_a_form_was_open_changes_nothing(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    for button, values in ((AUDIENCE, {READERS: ["public"]}), (SCHEDULE, {EVERY: "off"})):
        sandbox.join("marco", "footnote-admin")
        view = form(sandbox, message, button, "marco")
        sandbox.leave("marco", "footnote-admin")
        sandbox.submit("marco", view, values)
        assert sandbox.views("marco")[-1]["blocks"][0]["text"]["text"] == NOT_AN_ADMIN
        sandbox.close_view("marco", sandbox.views("marco")[-1]["id"])
    assert office.catalogue.sources()[0] == office.wiki
    assert noted(office) == [(MARCO, "schedule", "refused"), (MARCO, "audience", "refused")]
