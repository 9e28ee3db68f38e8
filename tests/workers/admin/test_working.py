"""Whether anybody works, and what failed: read from what is written down. On both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from bot.admin.looks import backlog_in_words
from ingestion.run_table import ALL_SOURCES
from ingestion.runs import Runs
from rag.database import now, transaction
from rag.domain import Answer, Outcome
from workers.admin.failures import failures
from workers.admin.working import NobodyWorks, work_in_words, working
from workers.asked import IN_LINE, Claimed, Incoming
from workers.ledger import Ledger
from workers.operating.backlog import Backlog, backlog
from workers.tables import questions

ASKED = Incoming("T1", "C1", "1.0", "1.0", "U1", "how many days?")


def claimed(ledger: Ledger, question_id: str) -> Claimed:
    found = ledger.claim(question_id, lease_seconds=60)
    assert found is not None
    return found


def long_ago(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(update(questions).values(accepted_at=now() - 300))


def test_nothing_to_do_is_no_fault(engine: Engine) -> None:
    assert work_in_words(working(engine)) == "nothing was to be done yet"
    assert backlog_in_words(backlog(engine)) == "nothing waits"


def test_what_waits_long_while_nobody_works_is_one(engine: Engine) -> None:
    ledger = Ledger(engine)
    question = ledger.accept(ASKED).question_id
    work_in_words(working(engine))  # it has only just been asked
    long_ago(engine)
    with pytest.raises(NobodyWorks, match="and nobody takes it up"):
        work_in_words(working(engine))
    held = claimed(ledger, question)
    assert work_in_words(working(engine)) == "at work on 1"
    ledger.release(held, error="LLMUnavailable", delay_seconds=30)
    assert "the last work began on" in work_in_words(working(engine))  # it is not due yet
    assert working(engine).waits_seconds == 0


def test_runs_are_work_too(engine: Engine) -> None:
    runs = Runs(engine, "T1")
    run = runs.request(ALL_SOURCES, "rebuild", "U1")
    assert working(engine).held == 0
    runs.claim(run.id, owner="a", lease_seconds=60)
    assert work_in_words(working(engine)) == "at work on 1"


def test_a_backlog_in_words() -> None:
    found = Backlog({"accepted": 2, "answered": 0}, 12.4, {"requested": 1, "running": 1}, ())
    assert backlog_in_words(found) == "2 questions wait, the oldest for 12 s; 2 runs wait or are at work"
    one = Backlog({"accepted": 1}, 3, {"running": 1}, ())
    assert backlog_in_words(one) == "1 question waits, the oldest for 3 s; 1 run waits or is at work"


def test_faults_are_counted_by_their_kind_and_apologies_too(engine: Engine) -> None:
    ledger = Ledger(engine)
    for number, fault in enumerate(["LLMUnavailable", IN_LINE, "SlackUnavailable", "LLMUnavailable"]):
        ts = f"{number}.5"
        question = ledger.accept(replace(ASKED, ts=ts, thread_ts=ts)).question_id
        ledger.release(claimed(ledger, question), error=fault, delay_seconds=0)
    ledger.accept(replace(ASKED, ts="9.5", thread_ts="9.5"), Answer("sorry", Outcome.FAILED))
    found = failures(engine, days=7)
    assert {one.name: one.times for one in found.faults} == {"LLMUnavailable": 2, "SlackUnavailable": 1}
    assert found.apologies == 1
    assert failures(engine, days=0).faults == []
