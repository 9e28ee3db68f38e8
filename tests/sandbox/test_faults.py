"""What can go wrong between an app and Slack, switched on from outside."""

import time
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from sandbox.client import Refused, Sandbox
from sandbox.faults import Fault, Faults


def post(web: WebClient, text: str = "hello") -> Any:
    return web.chat_postMessage(channel="C01GENERAL", text=text)


def test_a_named_error_strikes_once(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.fault("error", "chat.postMessage", error="fatal_error")

    with pytest.raises(SlackApiError) as refusal:
        post(web)
    post(web)

    assert refusal.value.response["error"] == "fatal_error"
    assert [(call["ok"], call["error"]) for call in sandbox.calls("chat.postMessage")] == [
        (False, "fatal_error"),
        (True, None),
    ]


def test_a_server_error_is_no_json(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.fault("http", status=503)

    with pytest.raises(SlackApiError) as refusal:
        post(web)

    assert refusal.value.response.status_code == 503
    assert sandbox.channel("general") == []


def test_too_many_requests_say_when_to_come_back(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.fault("rate_limited", "chat.postMessage", seconds=7)

    with pytest.raises(SlackApiError) as refusal:
        post(web)

    assert refusal.value.response.status_code == 429
    assert refusal.value.response.headers["Retry-After"] == "7"


def test_a_lost_reply_leaves_the_message_there(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.fault("drop_reply", "chat.postMessage")

    with pytest.raises((URLError, ConnectionError)):
        post(web)

    assert [message.text for message in sandbox.channel("general")] == ["hello"]
    assert sandbox.calls("chat.postMessage")[0]["replied"] is False


def test_a_reset_connection_leaves_nothing(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.fault("reset", "chat.postMessage")

    with pytest.raises((URLError, ConnectionError)):
        post(web)

    assert sandbox.channel("general") == []


def test_a_reply_can_be_late_or_garbled(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.3)
    sandbox.fault("garbage")
    began = time.monotonic()

    with pytest.raises(SlackApiError):
        post(web)

    assert time.monotonic() - began >= 0.3
    assert len(sandbox.channel("general")) == 1


def test_faults_end_when_cleared_and_count_their_strikes(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.fault("error", "auth.test", count=None)
    for _ in range(2):
        with pytest.raises(SlackApiError):
            web.auth_test()
    assert sandbox.faults()[0]["struck"] == 2

    sandbox.clear_faults()
    assert web.auth_test()["ok"]


def test_a_probability_with_the_same_seed_strikes_the_same_calls() -> None:
    def strikes() -> list[bool]:
        faults = Faults()
        faults.add(Fault("error", count=None, probability=0.5, seed=4))
        return [bool(faults.striking("auth.test")) for _ in range(50)]

    assert strikes() == strikes()
    assert 10 < sum(strikes()) < 40


def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="no fault named explode"):
        sandbox.fault("explode")


def test_real_rate_limits_can_be_switched_on(web: WebClient, sandbox: Sandbox) -> None:
    post(web)
    post(web)
    sandbox.settings(rate_limits=True)
    post(web)
    with pytest.raises(SlackApiError) as refusal:
        post(web)
    assert (refusal.value.response.status_code, refusal.value.response.headers["Retry-After"]) == (429, "1")

    web.retry_handlers = [RateLimitErrorRetryHandler(max_retry_count=2)]
    post(web, "patient")
    assert sandbox.channel("general")[-1].text == "patient"


def test_an_unknown_setting_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="no setting named patience"):
        sandbox.settings(patience=3)
