"""The ledger against its promise: nothing lost, nothing answered twice. On both databases."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from sqlalchemy import Engine, select

from rag.database import metadata
from rag.domain import Answer, Citation, Outcome
from rag.errors import DatabaseUnavailable
from workers.asked import IN_LINE, Claimed, File, Incoming
from workers.ledger import Ledger
from workers.tables import attempts

Result = TypeVar("Result")

ASKED = Incoming("T1", "C1", "1763700000.000100", "1763700000.000100", "U1", "how many days?")
ANSWER = Answer(
    "25 days. [1]",
    Outcome.ANSWERED,
    (Citation(1, "leave.md", "Leave", ("Days",), "https://x.example/leave#days", datetime(2026, 3, 1, tzinfo=UTC), "Ines", ("25 days.",), (), "s1", datetime(2026, 3, 2, tzinfo=UTC), superseded=True),),
    confidence=0.75,
)  # fmt: skip


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


def test_a_question_is_written_down_once_however_often_it_comes(ledger: Ledger) -> None:
    first = ledger.accept(ASKED)
    again = ledger.accept(replace(ASKED, text="edited"))
    assert first.new
    assert not again.new
    assert again.question_id == first.question_id


def test_its_files_are_kept_with_it(ledger: Ledger) -> None:
    files = (File("F1", "offer.docx"), File("F2", ""))
    question_id = ledger.accept(replace(ASKED, files=files)).question_id
    claimed = ledger.claim(question_id, lease_seconds=5)
    assert claimed is not None
    assert claimed.incoming.files == files
    ledger.reword(ASKED.team_id, ASKED.channel_id, ASKED.ts, "edited")
    reworded = ledger.asked(question_id)
    assert reworded is not None
    assert (reworded.text, reworded.files) == ("edited", files)


def test_deliveries_at_the_same_time_make_one_question(ledger: Ledger) -> None:
    accepted = together([lambda: ledger.accept(ASKED)] * 8)
    assert sum(one.new for one in accepted) == 1
    assert len({one.question_id for one in accepted}) == 1


def test_the_same_ts_elsewhere_is_another_question(ledger: Ledger) -> None:
    elsewhere = [
        replace(ASKED, channel_id="C2"),
        replace(ASKED, team_id="T2"),
        replace(ASKED, ts="1763700000.000200"),
    ]
    assert all(ledger.accept(incoming).new for incoming in [ASKED, *elsewhere])


def test_how_many_are_ahead_is_told(ledger: Ledger) -> None:
    ahead = [ledger.accept(replace(ASKED, ts=str(number))).ahead for number in range(3)]
    assert ahead == [0, 1, 2]


def test_only_one_worker_claims(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    claims = together([lambda: ledger.claim(question_id, lease_seconds=30)] * 8)
    held = [claim for claim in claims if claim is not None]
    assert len(held) == 1
    assert held[0].incoming == ASKED
    assert held[0].attempt == 1


def test_a_lease_that_ran_out_is_taken_over_and_the_late_worker_can_write_nothing(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    late = claimed(ledger, question_id, lease_seconds=0.05)
    time.sleep(0.1)
    quick = claimed(ledger, question_id, lease_seconds=30)
    assert quick.attempt == 2
    assert not ledger.renew(late, lease_seconds=30)
    assert not ledger.remember_placeholder(late, "1.1")
    assert not ledger.store_answer(late, ANSWER)
    assert not ledger.finish(late)
    assert not ledger.release(late, error="x", delay_seconds=0)
    assert ledger.store_answer(quick, ANSWER)
    assert ledger.finish(quick)


def test_a_lease_that_ran_out_is_lost_even_before_anybody_took_over(ledger: Ledger) -> None:
    held = claimed(ledger, ledger.accept(ASKED).question_id, lease_seconds=0.05)
    time.sleep(0.1)
    assert not ledger.renew(held, lease_seconds=30)
    assert not ledger.finish(held)


def test_a_renewed_lease_holds(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    held = claimed(ledger, question_id, lease_seconds=0.3)
    assert ledger.renew(held, lease_seconds=30)
    time.sleep(0.4)
    assert ledger.claim(question_id, lease_seconds=30) is None


def test_the_next_attempt_finds_placeholder_and_stored_answer(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    first = claimed(ledger, question_id)
    assert ledger.remember_placeholder(first, "1763700001.000100")
    assert ledger.store_answer(first, ANSWER)
    assert ledger.release(first, error="SlackUnavailable", delay_seconds=0)
    second = claimed(ledger, question_id)
    assert second.placeholder_ts == "1763700001.000100"
    assert second.answer == ANSWER


def test_only_a_try_that_came_too_early_leaves_nothing_to_be_found(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    for _ in range(2):
        held = claimed(ledger, question_id)
        assert not held.unsure
        ledger.release(held, error=IN_LINE, delay_seconds=0)
    ledger.release(claimed(ledger, question_id), error="SlackUnavailable", delay_seconds=0)
    assert claimed(ledger, question_id).unsure


def test_a_try_that_was_cut_short_may_have_left_something(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    claimed(ledger, question_id, lease_seconds=0.1)
    time.sleep(0.2)
    assert claimed(ledger, question_id).unsure


@pytest.mark.parametrize("ts", ["1763700000.000100", "share:4f0c"])
def test_a_question_is_as_old_as_its_message(ledger: Ledger, ts: str) -> None:
    held = claimed(ledger, ledger.accept(replace(ASKED, ts=ts)).question_id)
    assert held.asked_at == pytest.approx(1763700000 if ts == ASKED.ts else time.time(), abs=60)


def test_a_finished_question_is_over(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    held = claimed(ledger, question_id)
    assert ledger.store_answer(held, ANSWER)
    assert ledger.finish(held)
    assert ledger.claim(question_id, lease_seconds=30) is None
    assert ledger.due(quiet_seconds=0, limit=10) == []
    assert not ledger.accept(ASKED).new
    assert ledger.counts() == {"finished": 1}


def test_a_released_question_waits_its_delay(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    assert ledger.release(claimed(ledger, question_id), error="LLMUnavailable", delay_seconds=0.3)
    assert ledger.claim(question_id, lease_seconds=30) is None
    assert ledger.due(quiet_seconds=0, limit=10) == []
    time.sleep(0.4)
    assert ledger.due(quiet_seconds=60, limit=10) == [question_id]
    assert ledger.claim(question_id, lease_seconds=30) is not None


def test_due_brings_back_the_oldest_first_and_leaves_the_just_enqueued_alone(ledger: Ledger) -> None:
    ids = [ledger.accept(replace(ASKED, ts=str(number))).question_id for number in range(4)]
    assert ledger.due(quiet_seconds=60, limit=10) == []
    assert ledger.due(quiet_seconds=0, limit=2) == ids[:2]
    assert set(ledger.due(quiet_seconds=0, limit=10)) == set(ids)


def test_a_held_question_is_not_due(ledger: Ledger) -> None:
    held = ledger.accept(ASKED).question_id
    free = ledger.accept(replace(ASKED, ts="2")).question_id
    claimed(ledger, held)
    assert ledger.due(quiet_seconds=0, limit=10) == [free]


def test_a_ready_answer_only_has_to_be_posted(ledger: Ledger) -> None:
    accepted = ledger.accept(ASKED, ANSWER)
    assert claimed(ledger, accepted.question_id).answer == ANSWER
    assert ledger.accept(replace(ASKED, ts="2")).ahead == 0


def test_every_attempt_leaves_a_line(ledger: Ledger, engine: Engine) -> None:
    question_id = ledger.accept(ASKED).question_id
    assert ledger.release(claimed(ledger, question_id), error="LLMUnavailable", delay_seconds=0)
    assert ledger.finish(claimed(ledger, question_id))
    with engine.connect() as connection:
        lines = connection.execute(select(attempts).order_by(attempts.c.number)).all()
    assert [(line.number, line.error) for line in lines] == [(1, "LLMUnavailable"), (2, None)]
    assert all(line.ended_at >= line.started_at for line in lines)


def test_a_database_that_is_gone_is_an_error_of_ours_without_content(engine: Engine) -> None:
    metadata.drop_all(engine)
    with pytest.raises(DatabaseUnavailable) as caught:
        Ledger(engine).accept(ASKED)
    assert "how many days" not in repr(caught.value) + repr(caught.value.__cause__)


def claimed(ledger: Ledger, question_id: str, lease_seconds: float = 30) -> Claimed:
    held = ledger.claim(question_id, lease_seconds=lease_seconds)
    assert held is not None
    return held


def together(jobs: list[Callable[[], Result]]) -> list[Result]:
    """Run the jobs at the same moment, each in a thread."""
    start = threading.Barrier(len(jobs))
    results: list[Result] = []

    def run(job: Callable[[], Result]) -> None:
        start.wait()
        results.append(job())

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_an_edit_before_the_end_starts_anew_and_takes_the_question_from_its_holder(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED).question_id
    held = ledger.claim(question_id, lease_seconds=60)
    assert held is not None
    assert ledger.reword("T1", "C1", ASKED.ts, "how many hours?") == question_id
    assert not ledger.store_answer(held, ANSWER), "worked out for what was asked before"
    assert not ledger.finish(held)
    anew = ledger.claim(question_id, lease_seconds=60)
    assert anew is not None
    assert (anew.incoming.text, anew.answer) == ("how many hours?", None)


def test_an_answer_that_was_stored_is_dropped_by_an_edit(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED, ANSWER).question_id
    assert ledger.reword("T1", "C1", ASKED.ts, "how many hours?") == question_id
    claimed = ledger.claim(question_id, lease_seconds=60)
    assert claimed is not None
    assert claimed.answer is None
    assert ledger.store_answer(claimed, ANSWER)


def test_what_is_finished_or_reads_the_same_is_left_alone_by_an_edit(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED, ANSWER).question_id
    assert ledger.reword("T1", "C1", ASKED.ts, ASKED.text) is None
    for elsewhere in (("T2", "C1", ASKED.ts), ("T1", "C2", ASKED.ts), ("T1", "C1", "1.1")):
        assert ledger.reword(*elsewhere, "other") is None
        assert ledger.withdraw(*elsewhere) is None
    claimed = ledger.claim(question_id, lease_seconds=60)
    assert claimed is not None
    ledger.finish(claimed)
    assert ledger.reword("T1", "C1", ASKED.ts, "other") is None


@pytest.mark.parametrize("state", ["accepted", "held", "answered", "finished"])
def test_a_deleted_question_is_withdrawn_once_from_any_state(ledger: Ledger, state: str) -> None:
    question_id = ledger.accept(ASKED, ANSWER if state == "answered" else None).question_id
    if state in {"held", "finished"}:
        held = ledger.claim(question_id, lease_seconds=60)
        assert held is not None
        if state == "finished":
            assert ledger.finish(held)
    assert not ledger.is_withdrawn(question_id)
    assert ledger.withdraw("T1", "C1", ASKED.ts) == question_id
    assert ledger.withdraw("T1", "C1", ASKED.ts) is None
    assert ledger.reword("T1", "C1", ASKED.ts, "other") is None
    assert ledger.is_withdrawn(question_id)
    claimed = ledger.claim(question_id, lease_seconds=60)
    assert claimed is not None
    assert claimed.withdrawn
    assert ledger.finish(claimed)
    assert ledger.claim(question_id, lease_seconds=60) is None


ASKING = Answer("Leeds or Porto?", Outcome.NEEDS_CLARIFICATION, options=("Leeds office", "Porto office"))


def test_the_first_choice_of_the_asker_stands(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED, ASKING).question_id
    assert ledger.choose(question_id, "U2", 0) is None, "somebody else's question"
    assert ledger.choose(question_id, "U1", 2) is None, "no such option"
    choices = together([lambda: ledger.choose(question_id, "U1", 1)] * 8)
    assert {choice.text for choice in choices if choice} == {"Porto office"}
    again = ledger.choose(question_id, "U1", 0)
    assert again is not None
    assert (again.text, again.asked, again.answer) == ("Porto office", ASKED, ASKING)


def test_what_was_withdrawn_or_asked_nothing_back_offers_no_choice(ledger: Ledger) -> None:
    question_id = ledger.accept(ASKED, ASKING).question_id
    ledger.withdraw(ASKED.team_id, ASKED.channel_id, ASKED.ts)
    assert ledger.choose(question_id, "U1", 0) is None
    plain = ledger.accept(replace(ASKED, ts="2"), ANSWER).question_id
    assert ledger.choose(plain, "U1", 0) is None
    assert ledger.choose("unknown", "U1", 0) is None


def test_a_question_by_a_click_is_found_in_its_thread(ledger: Ledger) -> None:
    ledger.accept(replace(ASKED, ts="choose:abc"), ANSWER)
    [asked] = ledger.latest("T1", "U1", limit=5)
    assert asked.ts == ASKED.thread_ts
