"""Questions that nobody asked us: an answer where it is sure enough and of use, else not a sign of us."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from rag.database import now, open_database, transaction
from rag.domain import Answer, Outcome, Question
from rag.drafting import Show
from rag.errors import LLMRefused, LLMUnavailable, ReplyImpossible, SlackUnavailable
from tests.fakes import EverybodyReads, RecordingReplies, ScriptedAnswerer, WordEmbedder
from workers.admin.insights import insights
from workers.answering_job import AnsweringJob
from workers.asked import Claimed, Incoming
from workers.channels import ChannelSettings
from workers.following import Following
from workers.growing import GrowingMessage, Note
from workers.intake import MAX_QUESTION_CHARS, Intake
from workers.ledger import Ledger
from workers.rendering import UNASKED
from workers.tables import questions
from workers.unasked import MOST_AN_HOUR, Unasked

ASKED = Incoming("T1", "C1", "1763700000.000100", "1763700000.000100", "U1", "how many days?", unasked=True)
SURE = Answer("25 days.", Outcome.ANSWERED, confidence=0.6)
AWAY = SlackUnavailable("away", retry_after_seconds=0)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(sqlite: Engine) -> Ledger:
    return Ledger(sqlite)


def bar(value: float | None) -> ChannelSettings:
    return ChannelSettings(auto_answer=value)


def run(
    ledger: Ledger,
    replies: RecordingReplies,
    *answers: Answer | Exception,
    asked: Incoming = ASKED,
    settings: ChannelSettings | None = None,
) -> str:
    """Bring a question to its end, as the sweep would; its id."""
    work = AnsweringJob(
        ledger,
        replies,
        EverybodyReads(),
        ScriptedAnswerer([*answers]),
        attempts=3,
        lease_seconds=5,
        budget_seconds=20,
        first_delay_seconds=0,
        settings_of=lambda _: settings or bar(0.6),
    )
    before = ledger.counts().get("finished", 0)
    question_id = ledger.accept(asked).question_id
    for _ in range(10):
        work.run(question_id)
        if ledger.counts().get("finished", 0) > before:
            return question_id
    raise AssertionError("never finished")


def test_at_the_bar_it_is_answered_and_says_why(ledger: Ledger) -> None:
    replies = RecordingReplies()
    run(ledger, replies, SURE)
    [(_, message)] = replies.posted.values()
    assert message.text == "25 days."
    assert UNASKED in str(message.blocks)


@pytest.mark.parametrize(
    "answer",
    [
        replace(SURE, confidence=0.59),
        Answer("I couldn't find it.", Outcome.NOT_FOUND, confidence=0.9),
        Answer("Which one?", Outcome.NEEDS_CLARIFICATION, confidence=0.9),
        LLMRefused("x"),
        ZeroDivisionError("x"),
    ],
)
def test_whatever_else_comes_of_it_is_never_seen(ledger: Ledger, answer: Answer | Exception) -> None:
    replies = RecordingReplies()
    question_id = run(ledger, replies, answer)
    assert replies.posted == {}
    assert ledger.answer(question_id, team_id="T1", channel_id="C1", user_id="U1") is None, "nothing is kept"


def test_it_is_not_seen_to_grow(ledger: Ledger) -> None:
    class Growing(RecordingReplies):
        grew = False

        def growing(self, claimed: Claimed, ts: str | None, note: Note) -> GrowingMessage | None:
            self.grew = True
            return super().growing(claimed, ts, note)

    replies = Growing()
    run(ledger, replies, replace(SURE, confidence=0.1))
    assert not replies.grew


def test_errors_that_last_are_never_seen(ledger: Ledger) -> None:
    replies = RecordingReplies()
    run(ledger, replies, *[LLMUnavailable("away")] * 3)
    assert replies.posted == {}


def test_switched_off_meanwhile_it_is_quiet(ledger: Ledger) -> None:
    replies = RecordingReplies()
    run(ledger, replies, SURE, settings=bar(None))
    assert replies.posted == {}


def test_where_a_person_was_quicker_it_is_quiet(ledger: Ledger) -> None:
    replies = RecordingReplies(overtaken=True)
    run(ledger, replies, SURE)
    assert replies.posted == {}


@pytest.mark.parametrize("method", ["history", "somebody_replied", "finish"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_that_fails_or_whose_reply_is_lost_makes_one_message(
    ledger: Ledger, method: str, when: str
) -> None:
    replies = RecordingReplies(faults=[(method, when, AWAY), (method, when, AWAY)])
    run(ledger, replies, SURE)
    assert replies.texts == ["25 days."]


def test_what_was_posted_before_a_crash_stays_though_a_person_replied_since(ledger: Ledger) -> None:
    class Slow(RecordingReplies):
        def _fault(self, method: str, when: str) -> None:
            if (method, when) == ("finish", "after"):
                self.overtaken = True
            super()._fault(method, when)

    replies = Slow(faults=[("finish", "after", AWAY)])
    question_id = run(ledger, replies, SURE)
    assert replies.texts == ["25 days."]
    assert ledger.answer(question_id, team_id="T1", channel_id="C1", user_id="U1") is not None


def test_where_no_reply_can_be_posted_it_ends(ledger: Ledger) -> None:
    replies = RecordingReplies(faults=[("finish", "before", ReplyImpossible("is_archived"))])
    run(ledger, replies, SURE)
    assert replies.posted == {}


def test_a_channel_hears_so_many_an_hour(ledger: Ledger) -> None:
    replies = RecordingReplies()
    for number in range(MOST_AN_HOUR + 3):
        run(ledger, replies, SURE, asked=replace(ASKED, ts=f"{number}.1", thread_ts=f"{number}.1"))
    assert len(replies.posted) == MOST_AN_HOUR
    run(ledger, replies, SURE, asked=replace(ASKED, channel_id="C2"))
    assert len(replies.posted) == MOST_AN_HOUR + 1


def test_an_edit_that_asks_nothing_any_more_is_left_alone(ledger: Ledger) -> None:
    class Edited(ScriptedAnswerer):
        def answer(self, question: Question, show: Show | None = None) -> Answer:
            ledger.reword("T1", "C1", ASKED.ts, "never mind, found it")
            return super().answer(question)

    replies = RecordingReplies()
    work = AnsweringJob(
        ledger,
        replies,
        EverybodyReads(),
        Edited([SURE, SURE]),
        attempts=3,
        lease_seconds=5,
        budget_seconds=20,
        settings_of=lambda _: bar(0.0),
    )
    question_id = ledger.accept(ASKED).question_id
    for _ in range(3):
        work.run(question_id)
    assert ledger.counts() == {"finished": 1}
    assert replies.posted == {}


def test_what_is_looked_at(ledger: Ledger) -> None:
    channels = {"C1": bar(0.6)}
    unasked = Unasked(ledger, lambda name: channels.get(name, bar(None)))
    assert unasked.is_looked_at(ASKED)
    assert not unasked.is_looked_at(replace(ASKED, text="good morning all"))
    assert not unasked.is_looked_at(replace(ASKED, channel_id="C2"))


def test_hints_and_excuses_are_not_written_down(ledger: Ledger) -> None:
    woken: list[str] = []
    busy = Intake(ledger, woken.append, queue_limit=0)
    busy.accept(ASKED)
    open_to_all = Intake(ledger, woken.append, queue_limit=9)
    open_to_all.accept(replace(ASKED, text="how " + "x" * MAX_QUESTION_CHARS))
    open_to_all.accept(replace(ASKED, text="  "))
    assert (woken, ledger.counts()) == ([], {})
    open_to_all.accept(ASKED)
    assert len(woken) == 1


def test_a_thread_is_followed_where_something_was_said(sqlite: Engine, ledger: Ledger) -> None:
    following = Following(sqlite, "questions", hours=1)
    run(ledger, RecordingReplies(), replace(SURE, confidence=0.1))
    later = replace(ASKED, ts="1763700001.1", text="and for interns?", unasked=False)
    assert not following.is_for_us(later)
    assert not following.is_for_us(replace(later, text="stop"))
    other = replace(ASKED, ts="2.1", thread_ts="2.1")
    run(ledger, RecordingReplies(), SURE, asked=other)
    later = replace(later, thread_ts="2.1")
    assert following.is_for_us(later)
    assert not following.is_for_us(replace(later, text="thanks, stop by my desk"))
    stop = replace(later, ts="2.2", user_id="U2", text="stop")
    assert following.is_for_us(stop), "whoever says so, without a mention"
    ledger.accept(stop)
    with transaction(sqlite) as connection:
        earlier = update(questions).where(questions.c.ts == "2.1").values(accepted_at=now() - 60)
        connection.execute(earlier)
    assert not following.is_for_us(replace(later, ts="2.3"))


def test_insights_count_them_apart_and_nobody_is_shown_what_they_did_not_ask(
    sqlite: Engine, ledger: Ledger
) -> None:
    run(ledger, RecordingReplies(), SURE)
    run(
        ledger,
        RecordingReplies(),
        Answer("no", Outcome.NOT_FOUND),
        asked=replace(ASKED, ts="2.1", thread_ts="2.1"),
    )
    found = insights(sqlite, days=7, embed=WordEmbedder().embed_passages)
    assert (found.asked, found.outcomes, found.gaps) == (0, {}, [])
    assert (found.unasked, found.unasked_answered) == (2, 1)
    assert ledger.latest("T1", "U1", limit=5) == []
