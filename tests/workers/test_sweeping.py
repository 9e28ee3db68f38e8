"""Whatever is unfinished in the database is enqueued again; a broker that is away stops nothing for good."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest
from kombu.exceptions import OperationalError
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from ingestion.scheduling import Schedule
from rag.database import open_database
from rag.errors import DatabaseUnavailable
from workers.asked import Incoming
from workers.ledger import Ledger
from workers.sweeping import Sweeper

ASKED = Incoming("T1", "C1", "1", "1", "U1", "how many days?")


class NoQuestions:
    def due(self, *, quiet_seconds: float, limit: int) -> list[str]:
        raise DatabaseUnavailable("away")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield Ledger(engine)
    engine.dispose()


@pytest.fixture
def engine(tmp_path: Path, ledger: Ledger) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def runs(engine: Engine) -> Runs:
    return Runs(engine, "T")


@pytest.fixture
def schedule(engine: Engine, runs: Runs) -> Schedule:
    return Schedule(Catalogue(engine, "T"), runs)


def test_what_the_queue_lost_is_enqueued_again(
    ledger: Ledger, runs: Runs, schedule: Schedule, tmp_path: Path
) -> None:
    question_id = ledger.accept(ASKED).question_id
    held = ledger.claim(question_id, lease_seconds=30)
    assert held is not None
    assert ledger.release(held, error="killed", delay_seconds=0)
    asked: list[str] = []
    heartbeat = tmp_path / "heartbeat"
    sweeper = Sweeper(ledger, runs, schedule, ask=asked.append, perform=asked.append, heartbeat=heartbeat)
    sweeper.sweep()
    sweeper.sweep()
    assert asked == [question_id], "once, then it is left to the queue"
    assert heartbeat.exists()


def test_a_broker_that_is_away_is_a_line_in_the_log(
    ledger: Ledger, runs: Runs, schedule: Schedule, caplog: pytest.LogCaptureFixture
) -> None:
    held = ledger.claim(ledger.accept(replace(ASKED, text="secret plan")).question_id, lease_seconds=30)
    assert held is not None
    ledger.release(held, error="killed", delay_seconds=0)

    def away(_: str) -> None:
        raise OperationalError("refused")

    with caplog.at_level(logging.INFO):
        Sweeper(ledger, runs, schedule, ask=away, perform=away).sweep()
        Sweeper(NoQuestions(), runs, schedule, ask=away, perform=away).sweep()
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "secret" not in caplog.text


def test_a_source_that_is_due_is_synced_by_itself(
    engine: Engine, ledger: Ledger, runs: Runs, schedule: Schedule
) -> None:
    source = Catalogue(engine, "T").add_source(
        "docs", kind="folder", location="/a", readers=["members"], every_seconds=0.1
    )
    performed: list[str] = []
    sweeper = Sweeper(ledger, runs, schedule, ask=performed.append, perform=performed.append)
    sweeper.sweep()
    assert performed == [], "its first sync is asked for by whoever adds it"
    sleep(0.12)
    sweeper.sweep()
    run = runs.latest()[source.id]
    assert (performed, run.requested_by, run.state) == ([run.id], "schedule", "requested")


def test_what_is_kept_for_too_long_is_seen_to(ledger: Ledger, runs: Runs, schedule: Schedule) -> None:
    class Old:
        swept = 0

        def sweep(self) -> int:
            self.swept += 1
            return 0

    old = Old()
    Sweeper(ledger, runs, schedule, ask=str, perform=str, swept=[old]).sweep()
    assert old.swept == 1
