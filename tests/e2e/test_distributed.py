"""The processes of docker-compose.yml on loopback: killed, emptied and restarted, and still one answer to each question."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from evals.chaos import PEOPLE, Asked
from evals.processes import until
from evals.stack import ServerMissing, Stack, distributed
from tests.conftest import missing
from tests.e2e.asking import QUESTION, SECONDS, ask, wait_for_answers
from tests.e2e.fairness import (
    ask_at_once,
    assert_all_are_answered_once,
    most_overtaken,
    refused,
    seconds_to_the_answer,
)
from tests.e2e.pages import write_pages

SETTINGS = {"QUESTION_LEASE_SECONDS": "4", "SWEEP_SECONDS": "1"}
THREADS = 4


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two workers and all that they need, a few pages indexed."""
    with ExitStack() as closing:
        try:
            stack = closing.enter_context(distributed(workers=2, settings=SETTINGS))
        except ServerMissing as error:
            missing("servers for the distributed mode", error)
            return
        stack.add_documents(write_pages(tmp_path_factory.mktemp("pages")))
        yield stack
    assert not any(process.running for process in stack.processes)


@pytest.fixture
def broker(stack: Stack) -> Iterator["Redis[bytes]"]:
    with Redis.from_url(stack.environment["BROKER_URL"], socket_timeout=5) as client:
        yield client


def seconds_to_the_ack(stack: Stack, asked: list[Asked]) -> list[float]:
    events = {one["payload"]["event"]["ts"]: one for one in stack.sandbox.deliveries("app_mention")}
    return [events[one.ts]["acked_at"] - events[one.ts]["attempts"][0]["sent_at"] for one in asked]


def test_two_workers_share_the_questions(stack: Stack) -> None:
    asked = [ask(stack, number) for number in range(8)]

    wait_for_answers(stack, asked)

    answer = stack.sandbox.thread("general", asked[0].ts)[-1]
    assert "25 days of annual leave" in answer.as_text()
    assert all("outcome=answered" in worker.output() for worker in stack.workers)


def test_two_workers_keep_to_slacks_limits_together_and_to_the_order_of_the_questions(stack: Stack) -> None:
    sandbox = stack.sandbox
    before = refused(sandbox)
    sandbox.settings(rate_limits=True)
    busy, quiet = (sandbox.add_channel(name, members=[*PEOPLE, "footnote"]) for name in ("busy", "quiet"))
    asked = ask_at_once(sandbox, busy)
    elsewhere = sandbox.post("marco", QUESTION, channel=quiet)

    assert seconds_to_the_answer(sandbox, quiet, elsewhere) < 8
    for ts in asked:
        seconds_to_the_answer(sandbox, busy, ts)
    sandbox.settings(rate_limits=False)
    assert_all_are_answered_once(sandbox, busy, asked)
    assert refused(sandbox) - before <= 2
    assert most_overtaken(sandbox, busy, asked) <= THREADS * len(stack.workers)


def test_a_worker_killed_in_the_middle_of_twenty_questions(stack: Stack) -> None:
    victim = stack.workers[0]
    asked = [ask(stack, number) for number in range(10)]
    victim.kill()
    asked += [ask(stack, number) for number in range(10)]
    victim.start()

    wait_for_answers(stack, asked)


def test_a_broker_that_forgets_what_is_waiting(stack: Stack, broker: "Redis[bytes]") -> None:
    for worker in stack.workers:
        worker.kill()
    asked = [ask(stack, number) for number in range(5)]
    until(lambda: broker.llen("answers") == len(asked), "questions in the queue", SECONDS)
    broker.flushall()
    for worker in stack.workers:
        worker.start()

    wait_for_answers(stack, asked)


def test_a_broker_that_is_killed_and_comes_back(stack: Stack) -> None:
    redis = stack.process("redis")
    redis.kill()
    asked = [ask(stack, number) for number in range(5)]
    until(
        lambda: stack.process("bot").output().count("queue not reachable") >= len(asked), "the bot", SECONDS
    )
    redis.start()
    redis.wait_until_ready()

    wait_for_answers(stack, asked)
    assert max(seconds_to_the_ack(stack, asked)) < 2.5  # after three, Slack would send the event again
    assert stack.process("beat").running
    assert stack.process("bot").running
    assert all(worker.running for worker in stack.workers)


@pytest.mark.parametrize("module", ["bot", "workers"])
def test_a_wrong_database_url_ends_with_one_sentence(stack: Stack, tmp_path: Path, module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module],
        cwd=tmp_path,
        env=stack.environment | {"DATABASE_URL": "mysql://root@localhost/footnote"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr == (
        "DATABASE_URL must start with sqlite:/// or postgresql+psycopg://; see .env.example.\n"
    )
