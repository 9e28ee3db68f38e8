"""The worker and the schedule as threads of this process, over the in-memory broker: the real Celery."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingestion.runs import Run
from rag.settings import JobSettings
from workers.app import ANSWER_QUESTION, celery_app
from workers.embedded import embedded_worker
from workers.tasks import register, sender


@dataclass
class Recording:
    """A job that records the ids it was run for."""

    seconds: float = 0.0
    ran: list[tuple[str, float]] = field(default_factory=list)

    def run(self, name: str) -> None:
        time.sleep(self.seconds)
        self.ran.append((name, time.monotonic()))


@dataclass
class Waiting:
    """A ledger of which some questions wait, or a list of runs of which some do."""

    names: list[str] = field(default_factory=list)
    swept: int = 0

    def due(self, **_: float) -> list[str]:
        self.swept += 1
        return [self.names.pop()] if self.names else []

    def waiting(self) -> list[Run]:
        now = datetime.now(UTC)
        return [
            Run(name, "s", "s", "sync", "requested", "test", now, None, None, 0, None, None, None)
            for name in self.due()
        ]


class NothingDue:
    def request_due(self) -> None: ...


@dataclass
class RecordingJobs:
    answering: Recording = field(default_factory=Recording)
    syncing: Recording = field(default_factory=Recording)
    explaining: Recording = field(default_factory=Recording)
    ledger: Waiting = field(default_factory=Waiting)
    runs: Waiting = field(default_factory=Waiting)
    trials: Waiting = field(default_factory=Waiting)
    schedule: NothingDue = field(default_factory=NothingDue)
    swept: tuple[()] = ()


def eventually(true: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.005)
    return False


def test_questions_are_worked_on_at_once_and_lost_ones_come_back_by_the_sweep() -> None:
    jobs = RecordingJobs(ledger=Waiting(["lost"]), runs=Waiting(["run"]))
    celery = celery_app(JobSettings(broker_url="memory://", sweep_seconds=0.2))
    register(celery, jobs)
    with embedded_worker(celery, threads=2):
        asked = time.monotonic()
        sender(celery, ANSWER_QUESTION)("q1")
        assert eventually(lambda: "q1" in [name for name, _ in jobs.answering.ran])
        assert eventually(lambda: "lost" in [name for name, _ in jobs.answering.ran])
        assert eventually(lambda: [name for name, _ in jobs.syncing.ran] == ["run"])
    started = next(at for name, at in jobs.answering.ran if name == "q1")
    assert started - asked < 1.0
    swept = jobs.ledger.swept
    time.sleep(0.5)
    assert jobs.ledger.swept == swept, "the schedule goes on after the end"
    assert not [thread for thread in threading.enumerate() if thread.name in ("worker", "beat")]


def test_a_running_job_is_finished_before_the_worker_stops() -> None:
    jobs = RecordingJobs(answering=Recording(seconds=1.0))
    celery = celery_app(JobSettings(broker_url="memory://", sweep_seconds=60))
    register(celery, jobs)
    with embedded_worker(celery, threads=2):
        sender(celery, ANSWER_QUESTION)("slow")
        time.sleep(0.3)
    assert [name for name, _ in jobs.answering.ran] == ["slow"]
