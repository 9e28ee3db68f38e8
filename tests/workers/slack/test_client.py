"""Slack is never called faster than it allows; the sandbox counts as Slack does."""

import time
from itertools import pairwise
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from rag.errors import SlackUnavailable
from sandbox.client import Sandbox
from sandbox.limits import TIERS
from sandbox.server import SandboxServer
from workers.slack.client import PATIENCE_SECONDS, PacedClient
from workers.slack.errors import slack_errors
from workers.slack.limits import _LANES, lane_of
from workers.slack.pacing import LocalPace, NotYet, Pace, standing_for

GENERAL, QUIET = "C01GENERAL", "C01ASK"


class Clock:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Asleep(Exception):
    """A thread would wait now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


def fall_asleep(seconds: float) -> None:
    assert seconds <= PATIENCE_SECONDS
    raise Asleep(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return LocalPace(clock.now)


@pytest.fixture
def client(server: SandboxServer, sandbox: Sandbox, clock: Clock, pace: Pace) -> PacedClient:
    return paced(server, pace, sleep=clock.sleep)


def paced(server: SandboxServer, pace: Pace, **options: Any) -> PacedClient:
    return PacedClient(pace, token=server.bot_token, base_url=server.api_url, retry_handlers=[], **options)


def post(client: PacedClient, text: str, channel: str = GENERAL, *, asked_at: float | None = None) -> None:
    """The answer to a question that is called as it is."""
    with standing_for(text, asked_at=time.time() if asked_at is None else asked_at):
        client.chat_postMessage(channel=channel, text=text)


def test_a_message_a_second_in_a_channel(client: PacedClient, clock: Clock) -> None:
    sent = []
    for number in range(3):
        post(client, str(number))
        sent.append(clock.seconds)
    assert all(1.0 < later - earlier < 1.5 for earlier, later in pairwise(sent))


def test_nobody_waits_long_and_who_comes_back_finds_the_place_kept(
    server: SandboxServer, sandbox: Sandbox, pace: Pace, client: PacedClient, clock: Clock
) -> None:
    at_once = paced(server, pace, sleep=fall_asleep)
    back_in: dict[str, float] = {}
    for number in range(10):
        try:
            post(at_once, str(number))
        except Asleep:
            back_in[str(number)] = 0
        except NotYet as error:
            back_in[str(number)] = error.retry_after_seconds
    assert len(back_in) == 9
    assert list(back_in.values()) == sorted(back_in.values())
    began = clock.seconds
    for text, seconds in back_in.items():
        clock.seconds = max(clock.seconds, began + seconds)
        post(client, text)
    assert [message.text for message in sandbox.channel("general")] == [str(number) for number in range(10)]


def test_the_older_question_goes_first(
    server: SandboxServer, sandbox: Sandbox, pace: Pace, client: PacedClient
) -> None:
    at_once = paced(server, pace, sleep=fall_asleep)
    post(client, "first", asked_at=0.0)
    for text, since, too_early in (
        ("younger", 2.0, Asleep), ("older", 1.0, Asleep), ("younger", 2.0, NotYet), ("older", 1.0, Asleep)
    ):  # fmt: skip
        with pytest.raises(too_early):
            post(at_once, text, asked_at=since)


def test_other_channels_and_methods_are_free_meanwhile(
    server: SandboxServer, sandbox: Sandbox, pace: Pace
) -> None:
    waited: list[float] = []
    client = paced(server, pace, sleep=waited.append)
    post(client, "first")
    client.conversations_info(channel=GENERAL)
    sandbox.join("footnote", "random")
    post(client, "elsewhere", channel=sandbox.add_channel("elsewhere", members=["footnote"]))
    assert waited == []


def test_what_slack_says_is_heeded_by_all_and_for_that_method_alone(
    server: SandboxServer, sandbox: Sandbox, pace: Pace, client: PacedClient
) -> None:
    colleague = paced(server, pace)
    sandbox.fault("rate_limited", "conversations.info", seconds=30)
    with pytest.raises(SlackApiError):
        client.conversations_info(channel=GENERAL)
    with pytest.raises(NotYet) as told:
        colleague.conversations_info(channel=GENERAL)
    assert told.value.retry_after_seconds == pytest.approx(30 - PATIENCE_SECONDS)
    colleague.conversations_members(channel=GENERAL)
    assert len(sandbox.calls("conversations.info")) == 1


def test_a_pause_that_slack_asks_for_concerns_all_channels(
    client: PacedClient, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.fault("rate_limited", "chat.postMessage", seconds=30)
    for channel in (GENERAL, "C01RANDOM"):
        with pytest.raises(SlackUnavailable), slack_errors():
            post(client, "hello", channel)
    clock.sleep(31)
    post(client, "hello")


def test_a_method_nobody_knows_is_held_back_only_when_slack_asks(
    client: PacedClient, sandbox: Sandbox, clock: Clock
) -> None:
    began = clock.seconds
    for _ in range(200):
        client.auth_test()
    assert clock.seconds == began
    sandbox.fault("rate_limited", "auth.test", seconds=10)
    with pytest.raises(SlackApiError):
        client.auth_test()
    with pytest.raises(NotYet):
        client.auth_test()


def test_a_stream_is_not_waited_for(client: PacedClient, sandbox: Sandbox, clock: Clock) -> None:
    """Whoever cannot begin one posts instead; standing in line would only keep others from theirs."""
    began, refused = clock.seconds, 0
    question = sandbox.post("marco", "hello", channel="general")
    for _ in range(20):
        try:
            client.chat_startStream(
                channel=GENERAL, thread_ts=question, recipient_user_id="U01MARCO", recipient_team_id="T01TEAM"
            )
        except NotYet:
            refused += 1
    assert refused == 14
    assert clock.seconds == began
    clock.sleep(60 / 20)
    client.chat_startStream(
        channel=GENERAL, thread_ts=question, recipient_user_id="U01MARCO", recipient_team_id="T01TEAM"
    )


def test_a_client_in_a_hurry_is_counted_and_does_not_wait(
    server: SandboxServer, sandbox: Sandbox, pace: Pace, client: PacedClient, clock: Clock
) -> None:
    hurried = paced(server, pace, hurry=True, sleep=fall_asleep)
    post(hurried, "one")
    post(hurried, "two")
    began = clock.seconds
    post(client, "three")
    assert clock.seconds > began + 1


@pytest.mark.parametrize("method", sorted(_LANES))
def test_the_tiers_are_slacks_and_a_burst_is_a_third(method: str, clock: Clock, pace: Pace) -> None:
    per_minute = 300 if method == "chat.postMessage" else {2: 20, 3: 50}.get(TIERS.get(method, 3), 100)
    lane, passed = lane_of(method), list[float]()
    while clock.seconds < 1600:
        seconds = pace.wait_for(lane, "me", since=1)
        clock.sleep(seconds)
        passed += [] if seconds else [clock.seconds]
    assert len(passed) == pytest.approx(10 * per_minute + per_minute // 3, abs=2)
    assert max(sum(begin <= at < begin + 60 for at in passed) for begin in passed) <= per_minute * 4 / 3 + 1
