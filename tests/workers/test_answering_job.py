"""One question from claim to final message: whatever goes wrong on the way, exactly one message in the end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from rag.answering import NOT_FOUND
from rag.database import open_database
from rag.domain import Answer, Chunk, Outcome, Question, Scope, Turn
from rag.drafting import Show
from rag.errors import LLMRefused, LLMUnavailable, ReplyImpossible, SlackUnavailable
from tests.fakes import EverybodyReads, RecordingReplies, ScriptedAnswerer, ScriptedAttachments
from workers.answering_job import STOPPED, AnsweringJob
from workers.asked import Claimed, Incoming
from workers.attachments import Attached
from workers.channels import ChannelSettings
from workers.growing import GrowingMessage, Note
from workers.languages import sayer
from workers.ledger import Ledger
from workers.rendering import Rendered
from workers.slack.pacing import NotYet

ASKED = Incoming("T1", "C1", "1763700000.000100", "1763700000.000100", "U1", "how many days?")
AWAY = SlackUnavailable("away", retry_after_seconds=0)
ANSWERED = Answer("25 days.", Outcome.ANSWERED)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield Ledger(engine)
    engine.dispose()


def job(
    ledger: Ledger, replies: RecordingReplies, *answers: Answer | Exception, attempts: int = 3
) -> AnsweringJob:
    return AnsweringJob(
        ledger,
        replies,
        EverybodyReads(),
        ScriptedAnswerer(list(answers)),
        attempts=attempts,
        lease_seconds=5,
        budget_seconds=20,
        first_delay_seconds=0,
    )


def run_to_the_end(ledger: Ledger, work: AnsweringJob, question_id: str) -> int:
    """Attempts until the question is finished, as the sweep would make them; how many there were."""
    for attempt in range(1, 20):
        work.run(question_id)
        if ledger.counts().get("finished"):
            return attempt
    raise AssertionError("never finished")


def test_an_answer_replaces_the_placeholder(ledger: Ledger) -> None:
    replies = RecordingReplies()
    assert run_to_the_end(ledger, job(ledger, replies, ANSWERED), ledger.accept(ASKED).question_id) == 1
    assert replies.texts == ["25 days."]


@pytest.mark.parametrize("statuses", [True, False])
def test_where_the_answer_stands_is_noted(ledger: Ledger, *, statuses: bool) -> None:
    replies = RecordingReplies(statuses=statuses)
    run_to_the_end(ledger, job(ledger, replies, ANSWERED), ledger.accept(ASKED).question_id)
    (ts,) = replies.posted
    assert ledger.knows_message(ASKED.team_id, ASKED.channel_id, ts)


def test_a_finished_question_is_left_alone(ledger: Ledger) -> None:
    replies = RecordingReplies()
    work = job(ledger, replies, ANSWERED)
    question_id = ledger.accept(ASKED).question_id
    for _ in range(3):
        work.run(question_id)
    assert replies.texts == ["25 days."]


@pytest.mark.parametrize("statuses", [True, False])
@pytest.mark.parametrize("method", ["history", "begin", "finish"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_that_fails_or_whose_reply_is_lost_makes_no_second_message(
    ledger: Ledger, method: str, when: str, *, statuses: bool
) -> None:
    replies = RecordingReplies(faults=[(method, when, AWAY), (method, when, AWAY)], statuses=statuses)
    run_to_the_end(ledger, job(ledger, replies, ANSWERED), ledger.accept(ASKED).question_id)
    assert replies.texts == ["25 days."]


def test_a_fault_nobody_thought_of_still_ends_in_one_message(ledger: Ledger) -> None:
    replies = RecordingReplies(
        faults=[("begin", "after", ZeroDivisionError()), ("finish", "before", KeyError("x"))]
    )
    run_to_the_end(ledger, job(ledger, replies, ANSWERED), ledger.accept(ASKED).question_id)
    assert replies.texts == ["25 days."]


def test_the_stored_answer_is_posted_even_if_answering_again_would_differ(ledger: Ledger) -> None:
    replies = RecordingReplies(faults=[("finish", "before", AWAY)])
    other = Answer("26 days.", Outcome.ANSWERED)
    run_to_the_end(ledger, job(ledger, replies, ANSWERED, other), ledger.accept(ASKED).question_id)
    assert replies.texts == ["25 days."]


def test_a_service_that_comes_back_in_time_gives_a_late_answer(ledger: Ledger) -> None:
    replies = RecordingReplies()
    work = job(ledger, replies, LLMUnavailable("away"), ANSWERED)
    assert run_to_the_end(ledger, work, ledger.accept(ASKED).question_id) == 2
    assert replies.texts == ["25 days."]


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([LLMUnavailable("a"), LLMUnavailable("b"), LLMUnavailable("c")], LLMUnavailable.user_message),
        ([LLMRefused("x")], LLMRefused.user_message),
        ([ZeroDivisionError("secret path /etc")], "Something went wrong on my side"),
    ],
)
def test_what_cannot_be_answered_gets_one_apology(ledger: Ledger, faults: list[Exception], said: str) -> None:
    replies = RecordingReplies()
    run_to_the_end(ledger, job(ledger, replies, *faults), ledger.accept(ASKED).question_id)
    assert len(replies.texts) == 1
    assert replies.texts[0].startswith(said)
    assert "secret" not in replies.texts[0]


def test_a_question_that_kills_its_worker_is_not_tried_for_ever(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    for _ in range(3):  # three workers claimed it and died
        claimed = ledger.claim(question_id, lease_seconds=5)
        assert claimed is not None
        assert ledger.begin_answer(claimed) is not None
        ledger.release(claimed, error="killed", delay_seconds=0)
    replies = RecordingReplies()
    run_to_the_end(ledger, job(ledger, replies, ANSWERED), question_id)
    assert replies.texts[0].startswith("I could not reach")


def test_a_slack_that_is_away_for_long_delays_the_answer_and_nothing_else(ledger: Ledger) -> None:
    replies = RecordingReplies(faults=[("begin", "before", AWAY)] * 8)
    run_to_the_end(ledger, job(ledger, replies, ANSWERED), ledger.accept(ASKED).question_id)
    assert replies.texts == ["25 days."]


def test_one_sent_away_comes_back_in_time_for_its_turn(ledger: Ledger) -> None:
    replies = RecordingReplies(faults=[("finish", "before", NotYet(0.3))])
    work = job(ledger, replies, ANSWERED)
    question_id = ledger.accept(ASKED).question_id
    work.run(question_id)
    assert ledger.due(quiet_seconds=0, limit=10) == []
    time.sleep(0.31)
    assert ledger.due(quiet_seconds=0, limit=10) == [question_id], "not some time later, as after an error"
    work.run(question_id)
    assert replies.texts == ["25 days."]


def test_however_often_one_is_sent_away_it_is_answered(ledger: Ledger) -> None:
    replies = RecordingReplies(faults=[("history", "before", NotYet(0))] * 8)
    run_to_the_end(ledger, job(ledger, replies, ANSWERED, attempts=1), ledger.accept(ASKED).question_id)
    assert replies.texts == ["25 days."]


def test_where_no_reply_can_ever_be_posted_it_ends_quietly(ledger: Ledger) -> None:
    replies = RecordingReplies(faults=[("begin", "before", ReplyImpossible("is_archived"))])
    run_to_the_end(ledger, job(ledger, replies, ANSWERED), ledger.accept(ASKED).question_id)
    assert replies.texts == []


def test_the_thread_before_the_question_is_given_to_the_answerer(ledger: Ledger) -> None:
    replies = RecordingReplies(turns=(Turn("asker", "about leave"),))
    answerer = ScriptedAnswerer([])
    work = AnsweringJob(
        ledger, replies, EverybodyReads(), answerer, attempts=1, lease_seconds=5, budget_seconds=20
    )
    work.run(ledger.accept(ASKED).question_id)
    assert answerer.asked[0].history == (Turn("asker", "about leave"),)
    assert answerer.asked[0].text == "how many days?"


def test_a_question_edited_while_it_is_answered_gets_one_answer_to_what_it_says_now(ledger: Ledger) -> None:
    replies = RecordingReplies()

    class Edited(ScriptedAnswerer):
        def answer(self, question: Question, show: Show | None = None) -> Answer:
            if not self.asked:
                ledger.reword(ASKED.team_id, ASKED.channel_id, ASKED.ts, "how many hours?")
            super().answer(question)
            return Answer(f"to: {question.text}", Outcome.ANSWERED)

    work = AnsweringJob(
        ledger, replies, EverybodyReads(), Edited([]), attempts=3, lease_seconds=5, budget_seconds=30
    )
    run_to_the_end(ledger, work, ledger.accept(ASKED).question_id)
    assert replies.texts == ["to: how many hours?"]


@pytest.mark.parametrize("moment", ["before", "while", "after"])
def test_a_question_that_is_deleted_leaves_no_answer(ledger: Ledger, moment: str) -> None:
    replies = RecordingReplies()

    def delete() -> None:
        ledger.withdraw(ASKED.team_id, ASKED.channel_id, ASKED.ts)

    class Deleted(ScriptedAnswerer):
        def answer(self, question: Question, show: Show | None = None) -> Answer:
            if moment == "while":
                delete()
            return super().answer(question)

    work = AnsweringJob(
        ledger, replies, EverybodyReads(), Deleted([]), attempts=3, lease_seconds=5, budget_seconds=30
    )
    question_id = ledger.accept(ASKED).question_id
    if moment == "before":
        delete()
    run_to_the_end(ledger, work, question_id)
    if moment == "after":
        assert len(replies.texts) == 1
        delete()
        run_to_the_end(ledger, work, question_id)
    assert replies.texts == []


def test_an_answer_posted_in_the_moment_of_the_deletion_is_taken_away(ledger: Ledger) -> None:
    class Late(RecordingReplies):
        """Everybody else is done with the deletion before the post arrives."""

        def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> str | None:
            ledger.withdraw(ASKED.team_id, ASKED.channel_id, ASKED.ts)
            work.run(claimed.question_id)
            assert self.texts == []
            return super().finish(claimed, ts, message)

    replies = Late()
    work = AnsweringJob(
        ledger,
        replies,
        EverybodyReads(),
        ScriptedAnswerer([]),
        attempts=3,
        lease_seconds=5,
        budget_seconds=30,
    )
    work.run(ledger.accept(ASKED).question_id)
    assert replies.texts == []


@dataclass
class Watched:
    """A message that grows in memory."""

    ts: str | None = None
    shown: Answer | None = None

    def show(self, draft: Answer) -> None:
        self.shown = draft

    def end(self) -> None:
        pass


class Growing(RecordingReplies):
    """Lets answers be seen while they are written."""

    def growing(self, claimed: Claimed, ts: str | None, note: Note) -> GrowingMessage | None:
        return cast("GrowingMessage", Watched(ts))


class Writing(ScriptedAnswerer):
    """Writes a sentence, lets something happen, writes on."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__([])
        self.happens = happens
        self.done = False

    def answer(self, question: Question, show: Show | None = None) -> Answer:
        assert show is not None
        show(Answer("One.", Outcome.ANSWERED))
        self.happens()
        show(Answer("One. Two.", Outcome.ANSWERED))
        self.done = True
        return ANSWERED


def writing(ledger: Ledger, replies: RecordingReplies, answerer: Writing) -> AnsweringJob:
    return AnsweringJob(
        ledger, replies, EverybodyReads(), answerer, attempts=2, lease_seconds=5, budget_seconds=30
    )


def test_stop_ends_the_writing_and_leaves_what_was_seen(ledger: Ledger) -> None:
    replies = Growing()  # with a placeholder: there is a message already
    answerer = Writing(lambda: ledger.stop(ASKED.team_id, ASKED.channel_id, ASKED.thread_ts))
    run_to_the_end(ledger, writing(ledger, replies, answerer), ledger.accept(ASKED).question_id)
    assert not answerer.done
    (text,) = replies.texts
    assert text.startswith("One.")
    assert "Stopped here" in text
    assert "Two" not in text


def test_stop_before_anything_is_to_be_seen_ends_it_at_once(ledger: Ledger) -> None:
    replies = Growing(statuses=True)

    def stop() -> None:
        (stopped,) = ledger.stop(ASKED.team_id, ASKED.channel_id, ASKED.thread_ts)
        work.run(stopped)  # another worker, while this one still waits for the model
        assert replies.texts == [STOPPED]

    answerer = Writing(stop)
    work = writing(ledger, replies, answerer)
    run_to_the_end(ledger, work, ledger.accept(ASKED).question_id)
    assert replies.texts == [STOPPED]
    assert not answerer.done


def test_stop_in_another_thread_changes_nothing(ledger: Ledger) -> None:
    replies = Growing()
    answerer = Writing(lambda: ledger.stop(ASKED.team_id, ASKED.channel_id, "1763700000.000999"))
    run_to_the_end(ledger, writing(ledger, replies, answerer), ledger.accept(ASKED).question_id)
    assert replies.texts == ["25 days."]


def test_an_edit_ends_what_is_written_to_the_former_question(ledger: Ledger) -> None:
    replies = Growing()
    edits = iter(["how many hours?"])

    def edit() -> None:
        for text in edits:
            ledger.reword(ASKED.team_id, ASKED.channel_id, ASKED.ts, text)

    answerer = Writing(edit)
    run_to_the_end(ledger, writing(ledger, replies, answerer), ledger.accept(ASKED).question_id)


OFFER = Chunk("T1", "attached", "F1", 0, "offer.txt", (), "4,200 euros.", "https://x.example/F1", frozenset())


def attaching(
    ledger: Ledger, replies: RecordingReplies, answerer: ScriptedAnswerer, *read: Attached | Exception
) -> AnsweringJob:
    return AnsweringJob(
        ledger,
        replies,
        EverybodyReads(),
        answerer,
        attempts=3,
        lease_seconds=5,
        budget_seconds=20,
        first_delay_seconds=0,
        attachments=ScriptedAttachments(list(read)),
    )


def test_what_was_sent_along_is_read_and_what_was_not_readable_is_said(ledger: Ledger) -> None:
    replies, answerer = RecordingReplies(), ScriptedAnswerer([ANSWERED])
    read = Attached((OFFER,), ("I could not read `photo`: it is an image.",))
    work = attaching(ledger, replies, answerer, read)
    run_to_the_end(ledger, work, ledger.accept(ASKED).question_id)
    assert answerer.asked[0].attached == (OFFER,)
    assert replies.texts == ["I could not read photo: it is an image.\n\n25 days."]


def test_files_that_cannot_be_had_just_now_are_tried_again(ledger: Ledger) -> None:
    replies, answerer = RecordingReplies(), ScriptedAnswerer([ANSWERED])
    work = attaching(ledger, replies, answerer, AWAY, AWAY, Attached((OFFER,)))
    assert run_to_the_end(ledger, work, ledger.accept(ASKED).question_id) == 3
    assert [question.attached for question in answerer.asked] == [(OFFER,)]
    assert replies.texts == ["25 days."]


def test_a_channel_is_answered_in_its_language_out_of_its_sources(ledger: Ledger) -> None:
    replies = RecordingReplies()
    answerer = ScriptedAnswerer([Answer(NOT_FOUND, Outcome.NOT_FOUND)])
    work = AnsweringJob(
        ledger,
        replies,
        EverybodyReads(),
        answerer,
        attempts=1,
        lease_seconds=5,
        budget_seconds=20,
        settings_of=lambda _: ChannelSettings(sources=frozenset({"s1"}), language="de"),
        verified=lambda: frozenset({"v1"}),
    )
    run_to_the_end(ledger, work, ledger.accept(ASKED).question_id)
    [asked] = answerer.asked
    assert (asked.language, asked.scope) == ("de", Scope(source_ids=frozenset({"s1", "v1"})))
    assert replies.texts == [sayer("", "de")(NOT_FOUND)]
