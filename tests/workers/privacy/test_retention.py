"""What is kept for how long. On both databases."""

import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, func, select, update

from ingestion.catalogue import Catalogue
from ingestion.verified import Verified, VerifiedAnswers
from rag.database import transaction
from rag.domain import Answer, Outcome
from rag.settings import StorageSettings
from workers.asked import Incoming
from workers.feedback import Feedback, Vote
from workers.ledger import Ledger
from workers.privacy.retention import Retention
from workers.tables import answers, attempts, feedback, questions

DAYS = 180
ANSWER = Answer("25 days.", Outcome.ANSWERED)


class Kept:
    """Questions in the database, asked so many days ago."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.ledger = engine, Ledger(engine)
        self._number = 0

    def ask(self, *, days_ago: float, finished: bool = True) -> str:
        self._number += 1
        asked = Incoming("T1", "C1", f"{self._number}.5", f"{self._number}.5", "U1", "how many days?")
        question_id = self.ledger.accept(asked).question_id
        claimed = self.ledger.claim(question_id, lease_seconds=30)
        assert claimed is not None
        assert self.ledger.store_answer(claimed, ANSWER)
        assert Feedback(self.engine).rate(Vote(question_id, "U2", "T1", "C1"), 1)
        if finished:
            assert self.ledger.finish(claimed, "9.9")
        with transaction(self.engine) as connection:
            moved = questions.c.accepted_at - days_ago * 86_400
            connection.execute(
                update(questions).where(questions.c.id == question_id).values(accepted_at=moved)
            )
        return question_id

    def counts(self) -> list[int]:
        with transaction(self.engine) as connection:
            return [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (questions, answers, attempts, feedback)
            ]


@pytest.fixture
def kept(engine: Engine) -> Kept:
    return Kept(engine)


def test_what_is_too_old_goes_with_all_that_hangs_on_it(kept: Kept) -> None:
    kept.ask(days_ago=DAYS + 0.01)
    stays = kept.ask(days_ago=DAYS - 0.01)
    assert kept.counts() == [2, 2, 2, 2]
    assert Retention(kept.engine, DAYS).sweep() == 1
    assert kept.counts() == [1, 1, 1, 1]
    assert kept.ledger.asked(stays) is not None
    assert Retention(kept.engine, DAYS).sweep() == 0


def test_what_is_unfinished_is_never_deleted(kept: Kept) -> None:
    kept.ask(days_ago=1000, finished=False)
    kept.ask(days_ago=1000)
    assert kept.ledger.withdraw("T1", "C1", "2.5"), "its end is a message to be taken away"
    assert Retention(kept.engine, DAYS).sweep() == 0
    assert kept.counts() == [2, 2, 2, 2]


def test_for_ever(kept: Kept) -> None:
    kept.ask(days_ago=10_000)
    assert Retention(kept.engine, 0).sweep() == 0
    assert kept.counts()[0] == 1


def test_it_is_half_a_year_where_nobody_says_otherwise() -> None:
    assert StorageSettings().retention_days == DAYS


def test_many_go_a_few_hundred_at_a_time_the_oldest_first(kept: Kept) -> None:
    first = kept.ask(days_ago=300)
    last = kept.ask(days_ago=181)
    with transaction(kept.engine) as connection:
        row = connection.execute(select(questions).where(questions.c.id == first)).one()._asdict()
        copies = [row | {"id": f"q{number}", "ts": f"copy{number}"} for number in range(700)]
        connection.execute(questions.insert(), copies)
    sweeps = [Retention(kept.engine, DAYS).sweep() for _ in range(2)]
    assert kept.ledger.asked(last) is not None
    sweeps += [Retention(kept.engine, DAYS).sweep() for _ in range(2)]
    assert sweeps == [300, 300, 102, 0]
    assert kept.counts() == [0, 0, 0, 0]


def test_sweeps_at_the_same_time_get_along(kept: Kept) -> None:
    for _ in range(20):
        kept.ask(days_ago=DAYS + 1)
    deleted: list[int] = []

    def sweep() -> None:
        deleted.append(Retention(kept.engine, DAYS).sweep())

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(deleted) == 4
    assert sum(deleted) == 20


def test_a_job_that_comes_late_finds_nothing_and_does_nothing(kept: Kept) -> None:
    question_id = kept.ask(days_ago=DAYS + 1)
    Retention(kept.engine, DAYS).sweep()
    assert kept.ledger.claim(question_id, lease_seconds=5) is None
    assert kept.ledger.asked(question_id) is None
    assert kept.ledger.is_withdrawn(question_id)
    assert not Feedback(kept.engine).rate(Vote(question_id, "U2", "T1", "C1"), -1)
    assert not Feedback(kept.engine).explain(question_id, "U2", reason="wrong", comment="")


def test_verified_answers_stay(kept: Kept) -> None:
    source = Catalogue(kept.engine, "T").add_source("a", kind="answers", location="C1", readers=["members"])
    verified = Verified("how many days?", "25", "https://x.test", "U1", "Ines", date(2099, 1, 1), "U2")
    VerifiedAnswers(kept.engine).save(source.id, "1.5", verified)
    kept.ask(days_ago=DAYS + 1)
    Retention(kept.engine, DAYS).sweep()
    kept_of = VerifiedAnswers(kept.engine).of_source(source.id)
    assert [replace(one.verified) for one in kept_of] == [verified]
