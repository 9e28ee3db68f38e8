"""The pace that processes share: what becomes of it while Redis is away, and where it is."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.processes import Process
from evals.stack import ServerMissing
from tests.conftest import missing
from tests.redis_server import redis_url, running_redis
from workers.slack import shared_pace
from workers.slack.pacing import Lane, LocalPace
from workers.slack.shared_pace import SharedPace, pace_of

SLOW = Lane("slow", 100.0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    try:
        with running_redis(tmp_path) as server:
            yield server
    except ServerMissing as error:
        missing("Redis-protocol server", error)


def test_while_redis_is_away_nobody_is_held_up_by_it(
    server: Process, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "workers.slack.shared_pace")
    pace = SharedPace.at(redis_url(server), team_id="T")
    assert pace.wait_for(SLOW, "a", since=1) == 0
    server.kill()

    began = time.monotonic()
    waits = [pace.wait_for(SLOW, caller, since=ord(caller)) for caller in "bcd"]
    pace.close(Lane("other"), 60)
    assert time.monotonic() - began < 2.5
    assert [round(wait) for wait in waits] == [0, 100, 200], "its own pace is kept all the same"
    assert pace.wait_for(Lane("other"), "a", since=1) > 50
    assert len(caplog.records) == 1, "told once"

    server.start()
    server.wait_until_ready()
    time.sleep(shared_pace.AWAY_SECONDS)
    assert pace.wait_for(SLOW, "e", since=1) == 0, "a Redis that forgot everything begins anew"
    assert [record.message for record in caplog.records[1:]] == ["limits are shared again"]


def test_what_is_kept_in_redis_goes_away_by_itself(server: Process) -> None:
    pace = SharedPace.at(redis_url(server), team_id="T")
    for caller in "abc":
        pace.wait_for(SLOW, caller, since=1)
    pace.close(Lane("free"), 30)
    client = pace._redis
    keys = client.keys("*")
    assert len(keys) == 2
    assert all(0 < client.ttl(key) <= 300 for key in keys)


def test_teams_do_not_hold_each_other_up(server: Process) -> None:
    paces = [SharedPace.at(redis_url(server), team_id=team_id) for team_id in ("T1", "T2")]
    assert [pace.wait_for(SLOW, "a", since=1) for pace in paces] == [0, 0]


def test_the_broker_in_this_process_has_its_pace_in_this_process() -> None:
    assert isinstance(pace_of("memory://", team_id="T"), LocalPace)


@pytest.mark.parametrize(
    ("broker_url", "options"),
    [
        ("redis://:secret@redis:6379/3", {"host": "redis", "port": 6379, "db": 3, "password": "secret"}),
        ("redis+socket:///run/redis.sock?virtual_host=2", {"path": "/run/redis.sock", "db": 2}),
        ("rediss://redis:6380/0?ssl_cert_reqs=CERT_NONE", {"port": 6380, "ssl_cert_reqs": "none"}),
        ("rediss://redis:6380/0?ssl_cert_reqs=required", {"port": 6380, "ssl_cert_reqs": "required"}),
    ],
)
def test_the_brokers_address_is_read_as_celery_reads_it(broker_url: str, options: dict[str, object]) -> None:
    found = SharedPace.at(broker_url, team_id="T")._redis.connection_pool.connection_kwargs
    assert {name: found[name] for name in options} == options
