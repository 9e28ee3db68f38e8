"""Whose turn it is, in one process and among several: the same cases. Where intervals are long, no time passes that matters."""

import threading
import time
import uuid

import pytest

from evals.processes import Process
from tests.redis_server import redis_url
from workers.slack.pacing import LATE_SECONDS, Lane, LocalPace, Pace
from workers.slack.shared_pace import SharedPace

SLOW = Lane("slow", 100.0)
TIER = Lane("tier", 100.0, burst=3)


@pytest.fixture(params=["in process", "redis"])
def paces(request: pytest.FixtureRequest) -> tuple[Pace, Pace]:
    """Of two workers: the same pace in two threads, or two processes' connections to one Redis."""
    if request.param == "in process":
        alone = LocalPace()
        return alone, alone
    server: Process = request.getfixturevalue("redis_server")
    team_id = uuid.uuid4().hex
    return tuple(SharedPace.at(redis_url(server), team_id=team_id) for _ in range(2))


@pytest.fixture
def pace(paces: tuple[Pace, Pace]) -> Pace:
    return paces[0]


@pytest.fixture
def other_pace(paces: tuple[Pace, Pace]) -> Pace:
    return paces[1]


def asked(pace: Pace, lane: Lane, *callers: str | None) -> list[int]:
    """What each is told, in the order that they come; earlier letters have waited for longer."""
    return [round(pace.wait_for(lane, caller, since=ord(caller or "z"))) for caller in callers]


def test_one_passes_and_the_others_line_up(pace: Pace) -> None:
    assert asked(pace, SLOW, "a", "b", "c", "d") == [0, 100, 200, 300]


def test_a_place_is_kept_however_often_one_asks(pace: Pace) -> None:
    asked(pace, SLOW, "a", "b", "c")
    assert asked(pace, SLOW, "b", "c", "b", "d") == [100, 200, 100, 300]


def test_a_turn_is_used_up(pace: Pace) -> None:
    assert asked(pace, SLOW, "a", "a") == [0, 100]


def test_the_oldest_question_goes_first_whoever_comes_first(pace: Pace) -> None:
    asked(pace, SLOW, "x", "m", "n")
    assert asked(pace, SLOW, "b", "m", "n", "a", "b") == [100, 200, 300, 100, 200]


def test_a_place_goes_by_the_time_that_one_first_came_with(pace: Pace) -> None:
    asked(pace, SLOW, "a", "b", "c")
    assert round(pace.wait_for(SLOW, "b", since=ord("y"))) == 100


def test_after_a_pause_a_burst_passes(pace: Pace) -> None:
    assert asked(pace, TIER, "a", "b", "c", "d", "e") == [0, 0, 0, 100, 200]


def test_who_has_another_way_leaves_no_trace(pace: Pace) -> None:
    assert asked(pace, SLOW, None, None, None) == [0, 100, 100]
    assert asked(pace, SLOW, "a", "b", None) == [100, 200, 300]


def test_lanes_do_not_hold_each_other_up(pace: Pace) -> None:
    asked(pace, SLOW, "a", "b")
    assert asked(pace, Lane("other", 100.0), "a", "b") == [0, 100]


def test_nobody_passes_a_lane_that_is_closed(pace: Pace) -> None:
    asked(pace, TIER, "a")
    pace.close(TIER, 500)
    assert asked(pace, TIER, "b", "c") == [500, 600], "one after the other when it opens, not all at once"
    assert asked(pace, SLOW, "b") == [0]


def test_a_shorter_pause_does_not_open_it(pace: Pace) -> None:
    pace.close(SLOW, 500)
    pace.close(SLOW, 5)
    assert asked(pace, SLOW, "a") == [500]


def test_without_an_interval_all_pass_until_it_is_closed(pace: Pace) -> None:
    free = Lane("free")
    assert asked(pace, free, "a", "b", "c") == [0, 0, 0]
    pace.close(free, 300)
    assert asked(pace, free, "a", "b") == [300, 300]


def test_turns_come_round_and_newcomers_wait_behind_the_line(pace: Pace) -> None:
    lane = Lane("quick", 0.4)
    for caller in "abc":
        pace.wait_for(lane, caller, since=ord(caller))
    time.sleep(0.4)
    assert pace.wait_for(lane, "d", since=ord("d")) > 0
    assert pace.wait_for(lane, "b", since=ord("b")) == 0
    time.sleep(0.4)
    assert pace.wait_for(lane, "d", since=ord("d")) > 0
    assert pace.wait_for(lane, "c", since=ord("c")) == 0


def test_who_does_not_come_holds_nobody_up_and_goes_first_when_it_does(pace: Pace) -> None:
    lane = Lane("quick", 0.4)
    for caller in "abcd":
        pace.wait_for(lane, caller, since=ord(caller))
    time.sleep(0.4 + LATE_SECONDS + 0.05)
    assert pace.wait_for(lane, "c", since=ord("c")) == 0
    assert 0 < pace.wait_for(lane, "b", since=ord("b")) <= 0.4
    time.sleep(0.4)
    assert pace.wait_for(lane, "d", since=ord("d")) > 0
    assert pace.wait_for(lane, "b", since=ord("b")) == 0


def test_no_two_workers_get_the_same_turn(pace: Pace, other_pace: Pace) -> None:
    """Threads of one process, or two connections to one Redis."""
    burst, passed = Lane("burst", 1000.0, burst=50), []

    def ask(worker: Pace, number: int) -> None:
        passed.extend(worker.wait_for(burst, f"{number}-{turn}", since=turn) for turn in range(20))

    workers = [threading.Thread(target=ask, args=[(pace, other_pace)[n % 2], n]) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert passed.count(0) == 50


def test_a_pause_is_heard_by_all(pace: Pace, other_pace: Pace) -> None:
    pace.close(SLOW, 500)
    assert asked(other_pace, SLOW, "a") == [500]


def test_a_place_is_kept_for_whoever_comes_back_elsewhere(pace: Pace, other_pace: Pace) -> None:
    asked(pace, SLOW, "a", "b", "c")
    assert asked(other_pace, SLOW, "d", "b") == [300, 100]
