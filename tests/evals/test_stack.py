"""The processes of a stack, and how the questions of a run are judged by what stands in their threads."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.chaos import PLACEHOLDER, killing, percentile, verdict
from evals.processes import NotReady, Process, free_port, until
from evals.stack import Stack
from sandbox.client import Message
from workers import replies

SLEEPER = "import pathlib, time; pathlib.Path('here').touch(); print('up', flush=True); time.sleep(60)"


def process(folder: Path, code: str, ready: Callable[[], bool] = lambda: True) -> Process:
    return Process("one", [sys.executable, "-c", code], folder=folder, environment={}, ready=ready)


def message(text: str, *, ts: str, bot: bool = True, edited: str | None = None) -> Message:
    raw: dict[str, Any] = {"ts": ts, "channel": "C1", "user": "U1", "text": text}
    raw |= {"bot_id": "B1"} if bot else {}
    raw |= {"edited": {"ts": edited}} if edited else {}
    return Message.from_slack(raw)


def test_a_process_is_killed_and_started_again(tmp_path: Path) -> None:
    sleeper = process(tmp_path, SLEEPER, ready=(tmp_path / "here").exists)
    sleeper.start()
    sleeper.wait_until_ready(20)
    sleeper.kill()
    assert not sleeper.running

    (tmp_path / "here").unlink()
    sleeper.start()
    sleeper.wait_until_ready(20)

    assert sleeper.running
    assert sleeper.stop() == -15
    assert sleeper.output() == "up\nup\n"


def test_a_process_that_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    deaf = process(
        tmp_path,
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER,
        ready=(tmp_path / "here").exists,
    )
    deaf.start()
    deaf.wait_until_ready(20)

    assert deaf.stop(seconds=0.2) is None
    assert not deaf.running


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    failing = process(tmp_path, "raise SystemExit('no such setting')", ready=lambda: False)
    failing.start()

    with pytest.raises(NotReady, match="no such setting"):
        failing.wait_until_ready(20)


def test_a_heartbeat_of_an_earlier_life_does_not_count(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {})
    (tmp_path / "one.heartbeat").touch()
    try:
        started = stack.run("one", sys.executable, "-c", "import time; time.sleep(60)")
        with pytest.raises(NotReady):
            started.wait_until_ready(0.3)
    finally:
        stack.close()
    assert not started.running


def test_waiting_has_an_end() -> None:
    until(lambda: True, "nothing", 1)
    with pytest.raises(NotReady, match=r"waited 0 s for the rain"):
        until(lambda: False, "the rain", 0.1)


def test_a_free_port_can_be_listened_on() -> None:
    assert 1024 < free_port() < 65536


def test_the_killer_kills_one_at_a_time_and_starts_it_again(tmp_path: Path) -> None:
    sleeper = process(tmp_path, "import time; time.sleep(60)")
    sleeper.start()
    try:
        with killing([sleeper], every=0.1, seed=1) as killed:
            until(lambda: len(killed) >= 2, "two kills", 20)
        assert sleeper.running
        assert set(killed) == {"one"}
    finally:
        sleeper.kill()


def test_without_an_interval_nobody_is_killed() -> None:
    before = threading.active_count()
    with killing([], every=None, seed=1) as killed:
        assert threading.active_count() == before
    assert killed == []


QUESTION = message("<@U01FOOTNOTE> why?", ts="100.0", bot=False)
WAITING = message(PLACEHOLDER, ts="101.0")
ANSWER = message("Because.", ts="101.0", edited="102.5")


@pytest.mark.parametrize(
    ("thread", "finals", "placeholders", "seconds"),
    [
        ([QUESTION], 0, 0, None),
        ([QUESTION, WAITING], 0, 1, None),
        ([QUESTION, ANSWER], 1, 0, 2.5),
        ([QUESTION, message("no way", ts="101.0", bot=False)], 0, 0, None),
        ([QUESTION, ANSWER, WAITING], 1, 1, 2.5),
        ([QUESTION, ANSWER, message("Because!", ts="104.0")], 2, 0, 2.5),
    ],
)
def test_a_thread_is_judged_as_people_see_it(
    thread: list[Message], finals: int, placeholders: int, seconds: float | None
) -> None:
    judged = verdict(thread)

    assert (judged.finals, judged.placeholders, judged.seconds) == (finals, placeholders, seconds)


def test_the_placeholder_is_the_workers() -> None:
    assert PLACEHOLDER == replies.PLACEHOLDER


@pytest.mark.parametrize(("percent", "value"), [(50, 2.0), (95, 4.0), (100, 4.0), (1, 1.0)])
def test_percentiles_are_values_that_occurred(percent: float, value: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == value
    assert percentile([], percent) == 0.0
