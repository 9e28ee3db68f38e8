"""One question from claim to final message: whatever goes wrong on the way, exactly one message in the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.database import open_database
from rag.domain import Answer, Chunk, Outcome, Question, Turn
from rag.errors import LLMRefused, LLMUnavailable, ReplyImpossible, SlackUnavailable
from tests.fakes import EverybodyReads, RecordingReplies, ScriptedAnswerer, ScriptedAttachments
from workers.answering_job import AnsweringJob
from workers.attachments import Attached
from workers.ledger import Claimed, Incoming, Ledger
from workers.rendering import Rendered

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


def test_a_finished_question_is_left_alone(ledger: Ledger) -> None:
    replies = RecordingReplies()
    work = job(ledger, replies, ANSWERED)
    question_id = ledger.accept(ASKED).question_id
    for _ in range(3):
        work.run(question_id)
    assert replies.texts == ["25 days."]


@pytest.mark.parametrize("method", ["history", "begin", "finish"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_that_fails_or_whose_reply_is_lost_makes_no_second_message(
    ledger: Ledger, method: str, when: str
) -> None:
    replies = RecordingReplies(faults=[(method, when, AWAY), (method, when, AWAY)])
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
        def answer(self, question: Question) -> Answer:
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
        def answer(self, question: Question) -> Answer:
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

        def finish(self, claimed: Claimed, ts: str, message: Rendered) -> None:
            ledger.withdraw(ASKED.team_id, ASKED.channel_id, ASKED.ts)
            work.run(claimed.question_id)
            assert self.texts == []
            super().finish(claimed, ts, message)

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
