"""`test "question"` in the admin channel: what is understood, who may, what is written down, and the buttons below a result."""

from typing import Any

import pytest

from bot.admin.commands import Command, Misunderstood, parse
from bot.admin.trial_words import ONE_OF_THEM, PICK_A_PERSON, ToTry, to_try
from rag.domain import Answer, Chunk, Outcome
from rag.explaining import Candidate, Explanation
from sandbox.client import Message
from tests.bot.offices import AdminOffice
from workers.admin.explaining_words import SHOW_CHUNK, TRYING, explained
from workers.elements import text_element
from workers.intake import TOO_LONG

INES, MARCO, TOM, DANA = "U01INES", "U01MARCO", "U01TOM", "U02DANA"
CHUNK = Chunk("T1", "s", "a.md", 0, "Leave", (), "25 days", "https://x.example", frozenset({"members"}))
FOUND = Explanation(
    "days",
    (Candidate(CHUNK, "used", readers=frozenset({"members"})),),
    1,
    (),
    Answer("", Outcome.ANSWERED),
    None,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"how many days?"', ToTry("how many days?")),
        ("how many days", ToTry("how many days")),
        ("'how many days?' as me", ToTry("how many days?")),
        ('"days in the office" as <@U01TOM|tom>', ToTry("days in the office", "U01TOM")),
        ('"days" for <@U01TOM>', ToTry("days", "U01TOM")),
        ('"days" in <#C01GENERAL|general>', ToTry("days", "C01GENERAL")),
        ('"days" in channel:c01general', ToTry("days", "C01GENERAL")),
        ('"days of R&amp;D as <@U01TOM|tom> said"', ToTry("days of R&D as @tom said")),
        ("days in the office", ToTry("days in the office")),
        ('"days" as <@U01TOM> in <#C01GENERAL|general>', ONE_OF_THEM),
        ('"days" as @tom', PICK_A_PERSON.format("@tom")),
        ('""', None),
        ("as <@U01TOM>", ToTry("as @someone")),
        ("", None),
    ],
)
def test_what_is_to_be_tried_and_for_whom(text: str, expected: Any) -> None:
    assert to_try(text) == expected


def test_as_a_command() -> None:
    assert parse("<@U1> test “how many days?” as <@U01TOM>", [], "U1") == Command(
        "test", to_try=ToTry("how many days?", "U01TOM")
    )
    assert isinstance(parse("<@U1> test", [], "U1"), Misunderstood)
    near = parse('<@U1> tset "how many days"', [], "U1")
    assert isinstance(near, Misunderstood)
    assert "Did you mean" in near.sentence
    for question in (
        "best way to reset a password",
        "the latest prices",
        "rest of the leave",
        "tests of code",
    ):
        assert parse(f"<@U1> {question}", [], "U1") is None, question


def test_it_is_written_down_noted_and_handed_on(office: AdminOffice) -> None:
    reply = office.reply(office.says(INES, 'test "how many days?"'))
    assert reply.text == TRYING
    [trial_id] = office.tried
    trial = office.trials.get(trial_id)
    assert trial is not None
    assert (trial.question, trial.user_id, trial.reader_id, trial.ts) == (
        "how many days?",
        INES,
        INES,
        reply.ts,
    )
    [noted] = office.audit.latest()
    assert (noted.action, noted.subject, noted.outcome) == ("test", "", "done")


@pytest.mark.parametrize(
    ("said", "reader"), [("as <@U01TOM>", TOM), ("in <#C01GENERAL|general>", "C01GENERAL")]
)
def test_for_whom_is_in_the_audit_and_the_question_is_not(
    office: AdminOffice, said: str, reader: str
) -> None:
    reply = office.reply(office.says(INES, f'test "the secret plan" {said}'))
    assert reply.pings() == []
    trial = office.trials.get(office.tried[0])
    assert trial is not None
    assert trial.reader_id == reader
    [noted] = office.audit.latest()
    assert (noted.user_id, noted.action, noted.subject) == (INES, "test", reader)
    assert "secret" not in repr(noted)


def test_nobody_else_may_and_nothing_is_tried(office: AdminOffice) -> None:
    for user in (MARCO, TOM, DANA):
        office.says(user, 'test "days" as <@U01INES>')
    assert office.tried == []
    assert {(one.action, one.subject, one.outcome) for one in office.audit.latest()} == {
        ("test", INES, "refused")
    }


def test_what_is_too_long_is_not_tried(office: AdminOffice) -> None:
    reply = office.reply(office.says(INES, f'test "{"days " * 900}"'))
    assert reply.text == TOO_LONG
    assert office.tried == []


def test_it_is_tried_though_slack_takes_no_message_now(office: AdminOffice) -> None:
    office.sandbox.fault("error", "chat.postMessage", count=None)
    office.says(INES, 'test "days"')
    office.sandbox.clear_faults()
    trial = office.trials.get(office.tried[0])
    assert trial is not None
    assert trial.ts is None


def result(office: AdminOffice, trial_id: str) -> Message:
    """The message with its buttons, as a worker posts it."""
    message = explained(
        trial_id, "days", FOUND, reader=[text_element("Ines")], seen_by=frozenset({"members"})
    )
    ts = office.client.chat_postMessage(channel="C01ADMIN", text=message.text, blocks=message.blocks)["ts"]
    return next(one for one in office.sandbox.channel("footnote-admin") if one.ts == ts)


def test_a_chunk_is_shown_for_the_same_readers_to_who_clicked(office: AdminOffice) -> None:
    office.sandbox.join("marco", "footnote-admin")
    office.says(INES, 'test "days" as <@U01TOM>')
    office.click(MARCO, result(office, office.tried[0]), f"{SHOW_CHUNK}_1")
    trial = office.trials.get(office.tried[1])
    assert trial is not None
    assert (trial.user_id, trial.reader_id, trial.point_id) == (MARCO, TOM, CHUNK.point_id)
    assert trial.thread_ts == getattr(office.trials.get(office.tried[0]), "thread_ts", None)
    noted = office.audit.latest()[0]
    assert (noted.user_id, noted.action, noted.subject) == (MARCO, "show chunk", TOM)
    assert noted.after == {"chunk": CHUNK.point_id}


@pytest.mark.parametrize("user", [MARCO, TOM, DANA])
def test_who_is_no_admin_or_not_any_more_sees_no_chunk(office: AdminOffice, user: str) -> None:
    office.sandbox.join("marco", "footnote-admin")
    office.says(INES, 'test "days"')
    shown = result(office, office.tried[0])
    office.sandbox.leave("marco", "footnote-admin")
    office.click(user, shown, f"{SHOW_CHUNK}_1")
    assert len(office.tried) == 1
    last = office.audit.latest()[0]
    assert (last.user_id, last.action, last.outcome) == (user, "show chunk", "refused")


def test_a_test_that_is_not_kept_any_more_shows_nothing(office: AdminOffice) -> None:
    office.click(INES, result(office, "gone"), f"{SHOW_CHUNK}_1")
    assert office.tried == []
