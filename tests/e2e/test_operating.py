"""What operators see of the distributed mode while its services go away and come back."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from evals.processes import free_port, until
from evals.stack import ServerMissing, Stack, distributed
from tests.conftest import missing
from tests.e2e.asking import ask, wait_for_answers

ROOT = Path(__file__).parent.parent.parent
PORT = free_port()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One worker, looked at."""
    with ExitStack() as closing:
        try:
            stack = closing.enter_context(distributed(workers=0, settings={"SWEEP_SECONDS": "1"}))
        except ServerMissing as error:
            missing("servers for the distributed mode", error)
            return
        looked_at = {"MONITORING_PORT": str(PORT), "LOG_FORMAT": "json", "ADMIN_CHANNEL": "C01ADMIN"}
        stack.run("worker", sys.executable, "-m", "workers", **looked_at).wait_until_ready()
        yield stack


def readiness(port: int = PORT) -> tuple[int, dict[str, Any]]:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20) as reply:
            return reply.status, json.loads(reply.read())["checks"]
    except HTTPError as error:
        return error.code, json.loads(error.read())["checks"]
    except URLError:
        return 0, {}


def doctor(stack: Stack) -> tuple[int, dict[str, str]]:
    """Exit code, and the states by the names of the checks."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "doctor", "--json"],
        cwd=stack.folder,
        env={**stack.environment, "ADMIN_CHANNEL": "C01ADMIN"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, {check["name"]: check["state"] for check in json.loads(done.stdout)["checks"]}


def test_a_worker_that_is_well(stack: Stack) -> None:
    assert readiness() == (200, {"database": "ok", "index": "ok", "broker": "ok"})
    code, states = doctor(stack)
    assert (code, set(states.values()) - {"warning"}) == (0, {"ok"})


def test_the_schedule_is_ready_when_it_sends(stack: Stack) -> None:
    port = free_port()
    beat = stack.run("second beat", sys.executable, "-m", "workers", "beat", MONITORING_PORT=str(port))
    until(lambda: readiness(port)[0] == 200, "the schedule to be ready", 30)
    assert readiness(port)[1] == {"broker": "ok", "schedule": "ok"}
    beat.kill()


def test_logs_and_metrics_of_a_worker(stack: Stack) -> None:
    wait_for_answers(stack, [ask(stack, 0)])
    lines = [
        json.loads(line)
        for line in (stack.folder / "worker.log").read_text().splitlines()
        if line.startswith("{")
    ]
    (ended,) = [line for line in lines if line.get("outcome")]
    assert ended["question"] == ended["id"]
    assert ended["attempt"] == 1
    assert "annual leave" not in json.dumps(lines)
    with urlopen(f"http://127.0.0.1:{PORT}/metrics", timeout=10) as reply:
        metrics = reply.read().decode()
    assert f'footnote_questions_total{{outcome="{ended["outcome"]}"}} 1.0' in metrics


@pytest.mark.parametrize(("server", "name"), [("redis", "broker"), ("index", "index")])
def test_a_service_that_goes_away_is_named_until_it_is_back(stack: Stack, server: str, name: str) -> None:
    stack.process(server).kill()
    status, checks = readiness()
    assert status == 503
    assert [check for check, told in checks.items() if told != "ok"] == [name]
    code, states = doctor(stack)
    assert (code, [check for check, state in states.items() if state == "failed"]) == (1, [name])
    stack.process(server).start()
    stack.process(server).wait_until_ready()
    if server == "redis":  # the stand-in for the index forgets what it held, and its collections
        until(lambda: readiness()[0] == 200, "readiness", 30)
