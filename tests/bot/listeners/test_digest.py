"""The buttons of the digest: who may, at the click and when the form comes back, and what comes of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.admin.adding_form import ADDRESS, NO_ADDRESS
from bot.admin.source_proposal import ADD
from bot.answer_form import ANSWER, QUESTION
from bot.listeners.digest import GONE, NOT_SEEN
from rag.domain import Answer, Outcome
from sandbox.client import Sandbox
from tests.bot.offices import ADMIN_CHANNEL, AdminOffice, admin_office
from tests.e2e.waiting import eventually
from workers.admin.administering import NOT_AN_ADMIN
from workers.asked import Incoming
from workers.reporting.digest import Digest, Gap
from workers.reporting.digest_words import ADD_SOURCE, WRITE_ANSWER, digest_message

INES, MARCO = "U01INES", "U01MARCO"
QUESTION_ASKED = "who runs the chess club?"


class Desk:
    """A digest with one question in it, in the admin channel."""

    def __init__(self, office: AdminOffice, sandbox: Sandbox) -> None:
        self.office, self.sandbox = office, sandbox

    def digest(self, channel: str = "C01GENERAL", **more: Any) -> str:
        """Its ts."""
        asked_ts = self.sandbox.post("ines", QUESTION_ASKED, channel="general")
        asked = Incoming("T01FERNWAY", channel, asked_ts, asked_ts, MARCO, QUESTION_ASKED, **more)
        self.asked = asked
        lost = Answer("no", Outcome.NOT_FOUND)
        self.question_id = self.office.ledger.accept(asked, lost).question_id
        gap = Gap(self.question_id, QUESTION_ASKED, 1, "https://x.example/p1", None)
        message = digest_message(Digest(1, {"not_found": 1}, 0, 0, [gap], 0, [], 0))
        posted: Any = self.office.client.chat_postMessage(
            channel=ADMIN_CHANNEL, text=message.text, blocks=message.blocks
        )
        return str(posted["ts"])

    def click(self, action_id: str, ts: str, user: str = "ines") -> None:
        self.sandbox.click(user, action_id, channel=ADMIN_CHANNEL, ts=ts)

    def form(self, action_id: str, ts: str, user: str = "ines") -> str:
        """The id of the form that a click opens."""
        self.click(action_id, ts, user)
        return str(self.sandbox.wait_for_view(user)["id"])

    def whispers(self, user_id: str = INES) -> list[str]:
        return [one.text for one in self.sandbox.channel(ADMIN_CHANNEL) if one.ephemeral == user_id]

    def trail(self) -> list[tuple[str, str, str]]:
        return [(one.user_id, one.action, one.outcome) for one in self.office.audit.latest()]

    def answers(self) -> list[str]:
        return [one.location for one in self.office.catalogue.sources() if one.kind == "answers"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with admin_office(tmp_path) as office, office.connected() as sandbox:
        yield Desk(office, sandbox)


def test_a_source_is_proposed_in_the_thread_and_read_only_when_added(desk: Desk) -> None:
    ts = desk.digest()
    form = desk.form(ADD_SOURCE, ts)
    wrong = desk.sandbox.submit("ines", form, {ADDRESS: "somewhere in the attic"})
    assert wrong["errors"] == {ADDRESS: NO_ADDRESS}
    desk.sandbox.submit("ines", form, {ADDRESS: "docs.example/chess"})
    proposal = desk.sandbox.wait_for_reply(ADMIN_CHANNEL, ts)
    assert "Shall I read docs.example/chess?" in proposal.as_text()
    assert [one.name for one in desk.office.catalogue.sources()] == ["wiki"]
    desk.click(ADD, proposal.ts)
    eventually(lambda: len(desk.office.catalogue.sources()) == 2)
    assert desk.trail() == [(INES, "add", "done")]


def test_an_answer_is_written_for_those_who_read_the_channel_of_the_question(desk: Desk) -> None:
    form = desk.form(WRITE_ANSWER, desk.digest())
    [view] = desk.sandbox.views("ines")
    texts = {
        one["block_id"]: one["element"].get("initial_value") for one in view["blocks"] if "element" in one
    }
    assert texts[QUESTION] == QUESTION_ASKED
    assert texts[ANSWER] is None
    assert "All full members" in str(view["blocks"])
    empty = desk.sandbox.submit("ines", form, {ANSWER: "   "})
    assert empty["errors"] == {ANSWER: "Please write the answer."}
    assert desk.trail() == []
    done = desk.sandbox.submit("ines", form, {ANSWER: "Priya does, on Thursdays."})
    assert done["response_action"] == "update"
    assert desk.answers() == ["C01GENERAL"]
    assert desk.trail() == [(INES, "answer", "done")]


def test_what_was_written_already_is_shown_again(desk: Desk) -> None:
    ts = desk.digest()
    desk.sandbox.submit("ines", desk.form(WRITE_ANSWER, ts), {ANSWER: "Priya does."})
    desk.sandbox.close_view("ines", desk.sandbox.views("ines")[-1]["id"])
    desk.form(WRITE_ANSWER, ts)
    assert "Priya does." in str(desk.sandbox.views("ines"))


@pytest.mark.parametrize("action_id", [ADD_SOURCE, WRITE_ANSWER])
@pytest.mark.parametrize("user", [MARCO, "U01TOM", "U02DANA"])
def test_nobody_else_may_click(desk: Desk, action_id: str, user: str) -> None:
    ts = desk.digest()
    [message] = [one for one in desk.sandbox.channel(ADMIN_CHANNEL) if one.ts == ts]
    desk.office.click(user, message, action_id)
    assert desk.trail() == [(user, {ADD_SOURCE: "add", WRITE_ANSWER: "answer"}[action_id], "refused")]
    assert desk.office.sandbox.views(user) == []


@pytest.mark.parametrize("action_id", [ADD_SOURCE, WRITE_ANSWER])
def test_who_left_after_the_click_may_not_submit(desk: Desk, action_id: str) -> None:
    desk.sandbox.join("marco", "footnote-admin")
    form = desk.form(action_id, desk.digest(), "marco")
    desk.sandbox.leave("marco", "footnote-admin")
    field, text = {ADD_SOURCE: (ADDRESS, "docs.example"), WRITE_ANSWER: (ANSWER, "Priya.")}[action_id]
    refused = desk.sandbox.submit("marco", form, {field: text})
    assert refused["errors"] == {field: NOT_AN_ADMIN}
    assert [one.name for one in desk.office.catalogue.sources()] == ["wiki"]
    assert [outcome for *_, outcome in desk.trail()] == ["refused"]


@pytest.mark.parametrize(
    "asked", [{"channel": "C01PEOPLE"}, {"response_url": "https://hooks.example/1"}, {"channel": "C0NOWHERE"}]
)
def test_what_was_asked_in_private_is_not_opened(desk: Desk, asked: dict[str, Any]) -> None:
    desk.click(WRITE_ANSWER, desk.digest(**asked))
    eventually(desk.whispers)
    assert desk.whispers() == [NOT_SEEN]
    assert desk.sandbox.views("ines") == []


def test_a_channel_that_was_made_private_since_keeps_its_questions(desk: Desk) -> None:
    form = desk.form(WRITE_ANSWER, desk.digest())
    desk.sandbox.change_channel("general", kind="private")
    refused = desk.sandbox.submit("ines", form, {ANSWER: "Priya."})
    assert refused["errors"] == {ANSWER: NOT_SEEN}
    assert desk.answers() == []


def test_a_question_that_was_deleted_cannot_be_answered(desk: Desk) -> None:
    ts = desk.digest()
    desk.office.ledger.withdraw("T01FERNWAY", "C01GENERAL", desk.asked.ts)
    desk.click(WRITE_ANSWER, ts)
    eventually(desk.whispers)
    assert desk.whispers() == [GONE]
