"""Commands in the admin channel: who may, what they do, what is noted."""

from sqlalchemy import update

from bot.admin.replies import DIGEST_COMES, KEEP, REMOVE
from bot.listeners.erasing import ERASE, KEEP_PERSON
from tests.bot.offices import AdminOffice
from workers.admin.administering import NOT_AN_ADMIN
from workers.admin.audit import audit

INES, MARCO, TOM, DANA = "U01INES", "U01MARCO", "U01TOM", "U02DANA"


def test_an_ex_admin_may_not_even_click(office: AdminOffice) -> None:
    office.sandbox.join("marco", "footnote-admin")
    question = office.reply(office.says(MARCO, "remove wiki"))
    office.sandbox.leave("marco", "footnote-admin")
    office.click(MARCO, question, REMOVE)
    assert office.action(office.wiki) is None
    assert [(one.user_id, one.outcome) for one in office.audit.latest()] == [(MARCO, "refused")]


def test_a_channel_that_is_not_private_any_more_makes_nobody_an_admin(office: AdminOffice) -> None:
    office.sandbox.change_channel("footnote-admin", kind="public")
    assert office.reply(office.says(INES, "pause wiki")).text == NOT_AN_ADMIN
    office.sandbox.change_channel("footnote-admin", kind="private", is_ext_shared=True)
    assert office.reply(office.says(INES, "pause wiki")).text == NOT_AN_ADMIN
    assert not office.catalogue.sources()[0].is_paused


def test_when_slack_does_not_say_who_is_an_admin_nobody_is(office: AdminOffice) -> None:
    office.sandbox.fault("error", "conversations.members", count=None)
    office.says(INES, "pause wiki")
    office.sandbox.clear_faults()
    assert not office.catalogue.sources()[0].is_paused


def test_bots_are_not_heard(office: AdminOffice) -> None:
    ts = office.says(INES, "pause wiki", bot_id="B0OTHER")
    assert office.replies(ts) == []
    assert office.asked == []
    assert not office.catalogue.sources()[0].is_paused


def test_elsewhere_nothing_is_a_command(office: AdminOffice) -> None:
    office.says(INES, "remove wiki", channel="C01GENERAL")
    assert len(office.asked) == 1
    assert office.audit.latest() == []


def test_a_question_in_the_admin_channel_is_a_question(office: AdminOffice) -> None:
    ts = office.says(INES, "how many days of leave do I have?")
    assert len(office.asked) == 1
    assert office.replies(ts) == []


def test_what_slack_tells_twice_is_done_once(office: AdminOffice) -> None:
    event = {"type": "app_mention", "user": INES, "text": "<@U01FOOTNOTE> pause wiki", "channel": "C01ADMIN"}
    ts = office.sandbox.post("ines", "twice", channel="C01ADMIN")
    office.tell({**event, "ts": ts})
    office.tell({**event, "ts": ts})
    assert len(office.replies(ts)) == 1
    assert len(office.audit.latest()) == 1


def test_a_source_is_added_with_what_is_usual(office: AdminOffice) -> None:
    reply = office.reply(
        office.says(INES, "add <https://docs.example/x> as &lt;b&gt;Docs&lt;/b&gt; &amp; more")
    )
    added = next(one for one in office.catalogue.sources() if one.location == "https://docs.example/x")
    assert (added.name, added.readers, added.every_seconds) == ("<b>Docs</b> & more", {"members"}, 21_600)
    assert office.action(added) == "sync"
    assert (
        "Added <b>Docs</b> & more: a web site, read by all full members of the workspace, synced every 6 h"
        in reply.as_text()
    )
    [noted] = office.audit.latest()
    assert (noted.action, noted.user_id, noted.before) == ("add", INES, None)
    assert noted.after is not None
    assert noted.after["location"] == "https://docs.example/x"
    again = office.reply(office.says(INES, "add https://docs.example/x"))
    assert "already" in again.as_text()
    assert len(office.catalogue.sources()) == 2


def test_what_cannot_be_opened_is_not_added(office: AdminOffice) -> None:
    reply = office.reply(office.says(INES, "add https://unopenable.example"))
    assert "That address cannot be opened." in reply.as_text()
    assert [one.outcome for one in office.audit.latest()] == ["failed"]
    assert len(office.catalogue.sources()) == 1


def test_a_channel_is_added_by_its_name_and_a_private_one_for_its_members(office: AdminOffice) -> None:
    office.says(INES, "add <#C01GENERAL>")
    office.says(INES, "add <#C01PEOPLE|>")
    readers = {one.name: one.readers for one in office.catalogue.sources()}
    assert readers["#general"] == {"members"}
    assert readers["#people-private"] == {"channel:C01PEOPLE"}
    widened = office.says(INES, "audience “#people-private” public")
    assert "the members of" in office.reply(widened).as_text()
    assert {one.name: one.readers for one in office.catalogue.sources()} == readers


def test_pause_and_resume_keep_the_schedule(office: AdminOffice) -> None:
    office.says(INES, "pause wiki")
    [paused] = office.catalogue.sources()
    assert (paused.is_paused, paused.every_seconds) == (True, 3600)
    assert "paused" in office.reply(office.says(INES, "list")).as_text()
    assert "already" in office.reply(office.says(INES, "pause wiki")).as_text()
    assert "nothing to read" in office.reply(office.says(INES, "reindex")).as_text()
    office.says(INES, "resume wiki")
    assert not office.catalogue.sources()[0].is_paused
    changes = [(one.action, (one.before or {}).get("is_paused")) for one in office.audit.latest()]
    assert changes == [("resume", True), ("reindex", None), ("pause", False)]


def test_audience_and_schedule_are_noted_with_before_and_after(office: AdminOffice) -> None:
    office.says(INES, "audience wiki public, <#C01GENERAL|general>")
    office.says(INES, "schedule wiki every 2 hours")
    [wiki] = office.catalogue.sources()
    assert (wiki.readers, wiki.every_seconds) == ({"public", "channel:C01GENERAL"}, 7200)
    assert office.action(wiki) == "readers"
    shown = office.reply(office.says(INES, "audit")).as_text()
    assert "ines: schedule wiki, synced every 1 h → every 2 h" in shown
    assert "ines: audience wiki, read by members → channel:C01GENERAL, public" in shown


def test_a_source_is_removed_only_when_that_is_confirmed_and_once(office: AdminOffice) -> None:
    question = office.reply(office.says(INES, "remove wiki"))
    assert office.action(office.wiki) is None
    office.click(INES, question, KEEP)
    assert office.action(office.wiki) is None
    office.click(INES, question, REMOVE)
    office.click(INES, question, REMOVE)
    assert office.action(office.wiki) == "remove"
    assert [one.action for one in office.audit.latest()] == ["remove"]


def test_help_fits_on_one_screen(office: AdminOffice) -> None:
    shown = office.reply(office.says(INES, "help")).as_text()
    assert len(shown.splitlines()) <= 16
    assert all(len(line) <= 110 for line in shown.splitlines())


def test_a_digest_is_asked_for_once_in_the_thread_and_noted(office: AdminOffice) -> None:
    ts = office.says(INES, "digest")
    assert office.reply(ts).text == DIGEST_COMES
    [wanted] = office.reports.wanted("digest:")
    assert wanted.thread_ts == ts
    assert [one.action for one in office.audit.latest()] == ["digest"]


def test_a_word_with_a_slip_is_named_and_not_done(office: AdminOffice) -> None:
    assert "Did you mean “pause wiki”?" in office.reply(office.says(INES, "pasue wiki")).as_text()
    assert not office.catalogue.sources()[0].is_paused


def test_reindex_is_told_in_the_thread_and_twice_is_once(office: AdminOffice) -> None:
    first = office.reply(office.says(INES, "reindex wiki —full"))
    assert "Reindexing wiki, every document anew" in first.as_text()
    again = office.reply(office.says(INES, "reindex wiki --full"))
    assert "one run is enough" in again.as_text()
    assert [one.action for one in office.audit.latest()] == ["reindex"]


def test_the_audit_as_a_file_computes_nothing(office: AdminOffice) -> None:
    office.says(INES, 'add https://sheet.example as "=HYPERLINK(1)"')
    reply = office.reply(office.says(INES, "audit csv"))
    [file] = reply.raw["files"]
    assert file["name"] == "audit.csv"
    content = office.fetch(file["url_private_download"]).decode()
    assert content.startswith('"at","who","where","action"')
    assert '"\'=HYPERLINK(1)"' in content
    assert '"=' not in content
    assert '"audit csv"' in content  # who took it away is in it


def test_a_person_is_erased_once_that_is_confirmed(office: AdminOffice) -> None:
    office.says(MARCO, "how many days of leave?", channel="C01GENERAL")
    office.says(TOM, "how many hours a week?", channel="C01GENERAL")
    question = office.reply(office.says(INES, f"erase <@{MARCO}>"))
    assert "Erase all there is of marco? 1 question, 0 ratings" in question.as_text()
    office.click(INES, question, KEEP_PERSON)
    assert office.audit.latest() == []
    office.click(INES, question, ERASE)
    noted = office.audit.latest()[0]
    assert (noted.action, noted.user_id, noted.subject) == ("erase", INES, MARCO)
    assert "There is nothing of marco." in office.reply(office.says(INES, f"erase {MARCO}")).as_text()
    assert "1 question" in office.reply(office.says(INES, f"forget <@{TOM}>")).as_text()


def test_an_ex_admin_may_not_click_erase(office: AdminOffice) -> None:
    office.says(TOM, "how many days of leave?", channel="C01GENERAL")
    office.sandbox.join("marco", "footnote-admin")
    question = office.reply(office.says(MARCO, f"erase <@{TOM}>"))
    office.sandbox.leave("marco", "footnote-admin")
    office.click(MARCO, question, ERASE)
    assert [(one.action, one.outcome) for one in office.audit.latest()] == [("erase", "refused")]
    assert "1 question" in office.reply(office.says(INES, f"erase <@{TOM}>")).as_text()


def test_the_audit_says_when_it_was_changed_behind_its_back(office: AdminOffice) -> None:
    office.says(INES, "pause wiki")
    assert "1 entry, all as written" in office.reply(office.says(INES, "audit")).as_text()
    with office.engine.begin() as connection:
        connection.execute(update(audit).values(user_id=MARCO))
    assert "was changed or taken out" in office.reply(office.says(INES, "audit")).as_text()
