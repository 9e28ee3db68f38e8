"""The schedule as a process of its own: a heartbeat for what was really sent, a line for what could not be."""

import logging
import threading
from functools import partial
from pathlib import Path

import pytest
from celery.beat import Service

from rag.settings import JobSettings
from tests.e2e.waiting import eventually
from workers.__main__ import BeatingScheduler
from workers.app import celery_app
from workers.operating.health import Heartbeat, Silent


def test_a_sweep_that_was_sent_shows_life(tmp_path: Path) -> None:
    heartbeat = tmp_path / "heartbeat"
    celery = celery_app(JobSettings(broker_url="memory://", sweep_seconds=0.1))
    heart = Heartbeat(heartbeat)
    with pytest.raises(Silent):
        heart.ping()
    service = Service(celery, scheduler_cls=partial(BeatingScheduler, heartbeat=heart))
    thread = threading.Thread(target=service.start)
    thread.start()
    eventually(heartbeat.exists, 10)
    heart.ping()
    service.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_a_broker_that_is_away_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heartbeat = tmp_path / "heartbeat"
    celery = celery_app(JobSettings(broker_url="redis://127.0.0.1:1/0"))
    scheduler = BeatingScheduler(celery, heartbeat=Heartbeat(heartbeat))
    with caplog.at_level(logging.WARNING):
        scheduler.apply_entry(scheduler.schedule["sweep"], producer=celery.amqp.Producer(celery.connection()))
    assert not heartbeat.exists()
    assert [record.getMessage() for record in caplog.records if record.name == "workers.__main__"] == [
        "sweep not sent, the broker is away (OperationalError)"
    ]


@pytest.mark.parametrize(("seconds", "every"), [(0.2, 0.2), (2, 2.1), (5, 5.1), (2.5, 2.1)])
def test_sweeps_are_out_of_step_with_the_seconds(seconds: float, every: float) -> None:
    celery = celery_app(JobSettings(sweep_seconds=seconds))
    assert celery.conf.beat_schedule["sweep"]["schedule"] == pytest.approx(every)
