"""A question is written down, then a worker is woken; whatever the broker does, the row stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError
from sqlalchemy import Engine

from rag.database import metadata, open_database
from rag.domain import Outcome
from rag.errors import DatabaseUnavailable
from workers.asked import File, Incoming
from workers.intake import ASK_ABOUT_FILE, HOW_TO_ASK, MAX_QUESTION_CHARS, TOO_LONG, Intake, busy
from workers.ledger import Ledger

ASKED = Incoming("T1", "C1", "1763700000.000100", "1763700000.000100", "U1", "how many days?")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@dataclass
class Waking:
    """Records who was woken; while `away`, as a broker that does not answer."""

    away: bool = False
    woken: list[str] = field(default_factory=list)

    def __call__(self, question_id: str) -> None:
        if self.away:
            raise OperationalError("connection refused")
        self.woken.append(question_id)


def test_a_new_question_wakes_a_worker_a_known_one_does_not(ledger: Ledger) -> None:
    wake = Waking()
    intake = Intake(ledger, wake, queue_limit=10)
    for _ in range(3):
        intake.accept(ASKED)
    assert len(wake.woken) == 1
    assert ledger.counts() == {"accepted": 1}


def test_who_waits_for_a_worker_sees_at_once_that_they_were_heard(ledger: Ledger) -> None:
    signs: list[str] = []

    def sign(incoming: Incoming) -> None:
        assert len(wake.woken) == len(signs) + 2  # before a worker is woken for it
        signs.append(incoming.ts)

    wake = Waking()
    intake = Intake(ledger, wake, queue_limit=10, workers=2, sign=sign)
    for number in range(4):
        intake.accept(replace(ASKED, ts=str(number)))
        intake.accept(replace(ASKED, ts=str(number)))
    assert signs == ["2", "3"]


def test_a_broker_that_is_away_loses_nothing(ledger: Ledger) -> None:
    Intake(ledger, Waking(away=True), queue_limit=10).accept(ASKED)
    assert len(ledger.due(quiet_seconds=0, limit=10)) == 1


def test_a_database_that_is_away_is_told_so_that_slack_sends_again(engine: Engine, ledger: Ledger) -> None:
    metadata.drop_all(engine)
    wake = Waking()
    with pytest.raises(DatabaseUnavailable):
        Intake(ledger, wake, queue_limit=10).accept(ASKED)
    assert wake.woken == []


def test_over_the_limit_a_question_is_declined_at_once(ledger: Ledger) -> None:
    wake = Waking()
    intake = Intake(ledger, wake, queue_limit=2)
    for number in range(4):
        intake.accept(replace(ASKED, ts=str(number)))
    assert ledger.counts() == {"accepted": 2, "answered": 2}
    declined = ledger.claim(wake.woken[2], lease_seconds=5)
    assert declined is not None
    assert declined.answer is not None
    assert (declined.answer.text, declined.answer.outcome) == (busy(2), Outcome.FAILED)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", HOW_TO_ASK),
        (" \n ", HOW_TO_ASK),
        ("x" * (MAX_QUESTION_CHARS + 1), TOO_LONG),
        ("x" * MAX_QUESTION_CHARS, None),
    ],
)
def test_what_is_no_question_gets_a_hint(ledger: Ledger, text: str, hint: str | None) -> None:
    wake = Waking()
    Intake(ledger, wake, queue_limit=10).accept(replace(ASKED, text=text))
    claimed = ledger.claim(wake.woken[0], lease_seconds=5)
    assert claimed is not None
    assert (claimed.answer.text if claimed.answer else None) == hint


def test_a_file_without_a_question_is_told_what_to_do(ledger: Ledger) -> None:
    wake = Waking()
    Intake(ledger, wake, queue_limit=10).accept(replace(ASKED, text="", files=(File("F1", "a.txt"),)))
    claimed = ledger.claim(wake.woken[0], lease_seconds=5)
    assert claimed is not None and claimed.answer is not None
    assert claimed.answer.text == ASK_ABOUT_FILE
