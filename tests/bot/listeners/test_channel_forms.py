"""A channel's settings in the admin channel: who may see and change them, what is noted, what the message says afterwards."""

import pytest

from bot.admin.channel_form import (
    CHANGED_MEANWHILE,
    CHOOSE_A_CHANNEL,
    CHOSEN,
    LANGUAGE,
    MODE,
    NOT_IN_THERE,
    PEOPLE,
    PEOPLE_CHANNEL,
    SOURCES,
)
from bot.admin.channel_replies import CHANGE
from sandbox.client import Message, Sandbox
from tests.bot.offices import ADMIN_CHANNEL, AdminOffice
from tests.e2e.waiting import eventually
from workers.admin.administering import NOT_AN_ADMIN
from workers.channels import AS_EVERYWHERE, ChannelSettings

INES, MARCO, TOM, DANA = "U01INES", "U01MARCO", "U01TOM", "U02DANA"
GENERAL = "C01GENERAL"


def shown(office: AdminOffice, user: str = INES) -> Message:
    return office.reply(office.says(user, f"settings <#{GENERAL}|general>"))


def now(office: AdminOffice, message: Message) -> Message:
    thread = office.sandbox.thread(ADMIN_CHANNEL, str(message.thread_ts))
    return next(one for one in thread if one.ts == message.ts)


def opened_by(sandbox: Sandbox, user: str, message: Message) -> str:
    """The id of the form behind the button."""
    sandbox.click(user, CHANGE, channel=ADMIN_CHANNEL, ts=message.ts)
    return str(sandbox.wait_for_view(user)["id"])


def test_a_channel_is_as_everywhere_until_it_is_changed(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    assert "which is as everywhere" in message.as_text()
    form = opened_by(sandbox, "ines", message)
    entered = {MODE: "never", LANGUAGE: "de", SOURCES: [office.wiki.id]}
    sandbox.submit("ines", form, entered)
    expected = ChannelSettings(follow_ups="never", language="de", sources=frozenset({office.wiki.id}))
    assert office.channels.of(GENERAL) == expected
    text = now(office, message).as_text()
    assert "answered: mentions only" in text
    assert "language: German" in text
    assert "searched: wiki" in text
    assert sandbox.views("ines") == []
    [noted] = office.audit.latest()
    assert (noted.user_id, noted.action, noted.subject, noted.outcome) == (INES, "settings", GENERAL, "done")
    assert (noted.before or {})["language"] is None
    assert (noted.after or {})["language"] == "de"
    assert (noted.after or {})["sources"] == ["wiki"]
    assert "wiki" in office.reply(office.says(INES, "settings")).as_text()
    office.says(INES, f"settings <#{GENERAL}> reset")
    assert office.channels.of(GENERAL) == AS_EVERYWHERE


def test_submitted_as_it_is_nothing_is_noted(office: AdminOffice, sandbox: Sandbox) -> None:
    sandbox.submit("ines", opened_by(sandbox, "ines", shown(office)))
    assert office.audit.latest() == []


def test_what_is_wrong_is_said_in_the_form(office: AdminOffice, sandbox: Sandbox) -> None:
    form = opened_by(sandbox, "ines", shown(office))
    asked = sandbox.submit("ines", form, {PEOPLE: CHOSEN})
    assert asked["errors"] == {PEOPLE_CHANNEL: CHOOSE_A_CHANNEL}
    cellar = sandbox.add_channel("cellar", members=["ines"], kind="private")
    asked = sandbox.submit("ines", form, {PEOPLE: CHOSEN, PEOPLE_CHANNEL: cellar})
    assert asked["errors"] == {PEOPLE_CHANNEL: NOT_IN_THERE}
    assert office.channels.of(GENERAL) == AS_EVERYWHERE
    sandbox.submit("ines", form, {PEOPLE: CHOSEN, PEOPLE_CHANNEL: "C01PEOPLE"})
    assert office.channels.of(GENERAL).people_channel == "C01PEOPLE"


def test_two_forms_at_once_do_not_undo_each_other(office: AdminOffice, sandbox: Sandbox) -> None:
    message = shown(office)
    form = opened_by(sandbox, "ines", message)
    office.channels.put(GENERAL, ChannelSettings(language="fr"), by="U01PRIYA")
    asked = sandbox.submit("ines", form, {MODE: "never"})
    assert asked["errors"] == {PEOPLE: CHANGED_MEANWHILE}
    assert office.channels.of(GENERAL) == ChannelSettings(language="fr")


def test_who_was_removed_a_second_ago_cannot_open_it(office: AdminOffice, sandbox: Sandbox) -> None:
    sandbox.join("marco", "footnote-admin")
    message = shown(office, MARCO)
    sandbox.leave("marco", "footnote-admin")
    office.click(MARCO, message, CHANGE)
    assert sandbox.views("marco") == []
    assert [(one.user_id, one.action, one.outcome) for one in office.audit.latest()] == [
        (MARCO, "settings", "refused")
    ]


def test_who_was_removed_while_the_form_was_open_cannot_submit_it(
    office: AdminOffice, sandbox: Sandbox
) -> None:
    sandbox.join("marco", "footnote-admin")
    form = opened_by(sandbox, "marco", shown(office, MARCO))
    sandbox.leave("marco", "footnote-admin")
    sandbox.submit("marco", form, {LANGUAGE: "de"})
    [view] = sandbox.views("marco")
    assert view["blocks"][0]["text"]["text"] == NOT_AN_ADMIN
    assert office.channels.of(GENERAL) == AS_EVERYWHERE
    assert [(one.user_id, one.outcome) for one in office.audit.latest()] == [(MARCO, "refused")]


@pytest.mark.parametrize("user", [MARCO, TOM, DANA])
@pytest.mark.parametrize("command", ["settings", "settings <#C01GENERAL>", "settings <#C01GENERAL> reset"])
def test_nobody_else_reads_or_changes_them(office: AdminOffice, user: str, command: str) -> None:
    office.channels.put(GENERAL, ChannelSettings(language="fr"), by=INES)
    ts = office.says(user, command)
    assert all(one.ephemeral == user and one.text == NOT_AN_ADMIN for one in office.replies(ts))
    office.click(user, shown(office), CHANGE)
    assert office.sandbox.views(user) == []
    assert office.channels.of(GENERAL) == ChannelSettings(language="fr")
    assert {one.outcome for one in office.audit.latest()} == {"refused"}


def test_a_bot_is_not_heard(office: AdminOffice) -> None:
    assert office.replies(office.says(INES, "settings", bot_id="B0OTHER")) == []


def test_where_the_message_is_gone_it_is_set_all_the_same(office: AdminOffice, sandbox: Sandbox) -> None:
    form = opened_by(sandbox, "ines", shown(office))
    sandbox.fault("error", "chat.update", error="message_not_found")
    sandbox.submit("ines", form, {LANGUAGE: "es"})
    eventually(lambda: office.channels.of(GENERAL).language == "es")
    assert sandbox.views("ines") == []


def test_a_channel_that_is_renamed_keeps_its_settings(office: AdminOffice, sandbox: Sandbox) -> None:
    form = opened_by(sandbox, "ines", shown(office))
    sandbox.submit("ines", form, {LANGUAGE: "de"})
    before = office.channels.of(GENERAL)
    sandbox.change_channel("general", name="everybody")
    sandbox.add_channel("general", members=["ines", "footnote"])  # the old name is another channel's now
    assert office.channels.of(GENERAL) == before
    renamed = office.reply(office.says(INES, f"settings <#{GENERAL}|everybody>"))
    assert "language: German" in renamed.as_text()
