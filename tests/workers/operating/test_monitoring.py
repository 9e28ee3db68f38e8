"""How a process is, over HTTP."""

import json
import threading
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from evals.processes import free_port
from rag.errors import ConfigError, DatabaseUnavailable
from rag.noting import count
from rag.settings import MonitoringSettings
from workers.operating.monitoring import Probe, monitored
from workers.operating.probing import BrokerUnavailable, TookTooLong, ping_broker, within


@pytest.fixture
def section() -> MonitoringSettings:
    return MonitoringSettings(port=free_port())


def got(section: MonitoringSettings, path: str, **headers: str) -> tuple[int, str, str]:
    """Status, content type, body."""
    try:
        with urlopen(Request(f"http://127.0.0.1:{section.port}{path}", headers=headers), timeout=10) as reply:
            return reply.status, reply.headers["Content-Type"], reply.read().decode()
    except HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def readiness(section: MonitoringSettings) -> tuple[int, dict[str, Any]]:
    status, _, body = got(section, "/readyz")
    return status, json.loads(body)


def away() -> None:
    raise DatabaseUnavailable("the database does not answer")


def test_a_process_lives_before_it_is_ready(section: MonitoringSettings) -> None:
    with monitored(section) as monitoring:
        assert got(section, "/healthz")[0] == 200
        assert readiness(section) == (503, {"ready": False, "checks": {"process": "starting"}})
        monitoring.watch({"database": lambda: None})
        assert readiness(section) == (200, {"ready": True, "checks": {"database": "ok"}})
        assert got(section, "/")[0] == 404


def test_what_is_away_is_named_and_the_rest_too(section: MonitoringSettings) -> None:
    def faulty() -> None:
        raise RuntimeError("something secret")

    with monitored(section) as monitoring:
        monitoring.watch({"database": away, "broker": lambda: None, "index": faulty})
        status, told = readiness(section)
    assert status == 503
    assert told["checks"] == {
        "database": "the database does not answer",
        "broker": "ok",
        "index": "RuntimeError",
    }


def test_metrics_are_those_of_the_block(section: MonitoringSettings) -> None:
    count("question accepted")
    with monitored(section):
        count("question accepted")
        status, kind, body = got(section, "/metrics")
        assert (status, kind.partition(";")[0]) == (200, "text/plain")
        assert "footnote_questions_accepted_total 1.0" in body
        assert "process_resident_memory_bytes" in body
        asked_for = got(section, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
        assert asked_for[1].startswith("application/openmetrics-text")
        assert asked_for[2].endswith("# EOF\n")


def test_without_a_port_nothing_is_served() -> None:
    with monitored(MonitoringSettings()) as monitoring:
        monitoring.watch({"database": away})
        assert [thread for thread in threading.enumerate() if thread.name == "monitoring"] == []


def test_a_port_that_is_taken_is_named(section: MonitoringSettings) -> None:
    with monitored(section), pytest.raises(ConfigError, match="MONITORING_PORT"), monitored(section):
        pass


def test_a_ping_that_hangs_is_asked_by_one_thread() -> None:
    over, asked = threading.Event(), []

    def hangs() -> None:
        asked.append(1)
        over.wait(20)

    probe = Probe(hangs, seconds=0.1)
    assert [probe.fault() for _ in range(3)] == [
        "no answer within 0.1 s",
        "still no answer",
        "still no answer",
    ]
    assert asked == [1]
    over.set()
    time.sleep(0.1)
    assert probe.fault() is None


def test_within_gives_what_the_call_gives() -> None:
    assert within(1, lambda: 7) == 7
    with pytest.raises(DatabaseUnavailable):
        within(1, away)
    with pytest.raises(TookTooLong):
        within(0.05, lambda: time.sleep(1))


def test_the_broker_is_asked_under_any_name() -> None:
    ping_broker("memory://")
    for url in (
        f"redis://:hidden@127.0.0.1:{free_port()}/0",
        "redis+socket:///nowhere/redis.sock?virtual_host=0",
    ):
        with pytest.raises(BrokerUnavailable) as caught:
            ping_broker(url)
        assert "hidden" not in str(caught.value)
