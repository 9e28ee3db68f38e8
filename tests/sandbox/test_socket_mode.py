"""Events over Socket Mode, as an unmodified Bolt app meets them."""

import json
import time
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.sandbox.conftest import Connect

Json = dict[str, Any]


def silence(app: App) -> None:
    """Acknowledge everything else."""
    for name in ("message", "app_mention", "member_joined_channel", "reaction_added", "app_home_opened"):
        app.event(name)(lambda: None)


def test_a_mention_is_answered_in_its_thread(app: App, connect: Connect, sandbox: Sandbox) -> None:
    @app.event("app_mention")
    def answer(event: Json, client: WebClient) -> None:
        posted = client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="looking")
        client.chat_update(channel=event["channel"], ts=posted["ts"], text="25 days")

    silence(app)
    connect(app)

    ts = sandbox.post("marco", "@footnote how many days?", channel="general")

    reply = sandbox.wait_for_reply("general", ts, predicate=lambda message: message.edited)
    assert (reply.as_text(), reply.thread_ts, reply.from_app) == ("25 days", ts, True)
    assert [call["method"] for call in sandbox.calls()][-2:] == ["chat.postMessage", "chat.update"]


def test_a_mention_comes_twice_with_everything_slack_sends(
    app: App, connect: Connect, sandbox: Sandbox
) -> None:
    silence(app)
    connect(app)

    ts = sandbox.post("marco", "@footnote a < b in #random?", channel="general")

    sandbox.wait_for_delivery("app_mention")
    sandbox.wait_for_delivery("message")
    message, mention = (one["payload"] for one in sandbox.deliveries("events_api"))
    event = message["event"]
    assert event["text"] == "<@U01FOOTNOTE> a &lt; b in <#C01RANDOM|>?"
    assert event["blocks"][0]["elements"][0]["elements"][0] == {"type": "user", "user_id": "U01FOOTNOTE"}
    assert (event["channel_type"], event["ts"], event["event_ts"], event["team"]) == (
        "channel",
        ts,
        ts,
        "T01FERNWAY",
    )
    assert mention["event"] == {name: value for name, value in event.items() if name != "channel_type"} | {
        "type": "app_mention"
    }
    assert message["event_id"] != mention["event_id"]
    assert message["authorizations"][0]["user_id"] == "U01FOOTNOTE"
    assert message["type"] == "event_callback" and message["is_ext_shared_channel"] is False


def test_direct_private_and_shared_channels_say_what_they_are(
    app: App, connect: Connect, sandbox: Sandbox
) -> None:
    silence(app)
    connect(app)

    sandbox.direct("marco", "hello")
    sandbox.post("priya", "hello", channel="people-private")
    sandbox.post("dana", "@footnote hello", channel="partners")

    sandbox.wait_for_delivery("app_mention")
    payloads = [one["payload"] for one in sandbox.deliveries("message")]
    assert [one["event"]["channel_type"] for one in payloads] == ["im", "group", "channel"]
    assert [one["is_ext_shared_channel"] for one in payloads] == [False, False, True]
    assert payloads[2]["event"]["user_team"] == "T02BRIGHT"


def test_the_app_hears_nothing_where_it_is_no_member(app: App, connect: Connect, sandbox: Sandbox) -> None:
    silence(app)
    connect(app)

    sandbox.post("marco", "@footnote hello?", channel="random")
    assert sandbox.deliveries() == []

    sandbox.join("footnote", "random")
    joined = sandbox.wait_for_delivery("member_joined_channel")
    assert joined["payload"]["event"]["user"] == "U01FOOTNOTE"


def test_replies_edits_deletions_and_reactions_arrive(app: App, connect: Connect, sandbox: Sandbox) -> None:
    silence(app)
    connect(app)
    head = sandbox.post("marco", "one", channel="general")
    reply = sandbox.post("priya", "two", channel="general", thread_ts=head)
    sandbox.edit("priya", channel="general", ts=reply, text="three")
    sandbox.react("marco", channel="general", ts=reply, name="eyes")
    sandbox.delete("priya", channel="general", ts=reply)

    sandbox.wait_for_delivery(
        "message", lambda one: one["payload"]["event"].get("subtype") == "message_deleted"
    )
    _, answered, edited, deleted = (one["payload"]["event"] for one in sandbox.deliveries("message"))
    assert (answered["thread_ts"], answered["parent_user_id"]) == (head, "U01MARCO")
    assert (edited["previous_message"]["text"], edited["message"]["text"]) == ("two", "three")
    assert deleted["deleted_ts"] == reply
    [reaction] = sandbox.deliveries("reaction_added")
    assert reaction["payload"]["event"]["item"] == {"type": "message", "channel": "C01GENERAL", "ts": reply}


def test_what_is_not_acknowledged_comes_again(app: App, connect: Connect, sandbox: Sandbox) -> None:
    tries: list[str] = []

    @app.event("app_mention")
    def fail_twice(request: Any) -> None:
        tries.append(request.headers["x-slack-retry-num"][0])
        if len(tries) < 3:
            raise RuntimeError("not yet")

    silence(app)
    connect(app)
    sandbox.settings(ack_timeout_seconds=0.4)

    sandbox.post("marco", "@footnote hello", channel="general")

    delivery = sandbox.wait_for_delivery("app_mention")
    assert (tries, delivery["outcome"]) == (["0", "1", "2"], "acknowledged")
    assert [attempt["retry_attempt"] for attempt in delivery["attempts"]] == [0, 1, 2]
    assert len({attempt["envelope_id"] for attempt in delivery["attempts"]}) == 3


def test_it_is_given_up_after_three_retries(app: App, connect: Connect, sandbox: Sandbox) -> None:
    silence(app)
    connect(app)
    sandbox.refuse_acks(100)
    sandbox.settings(ack_timeout_seconds=0.3)

    sandbox.direct("marco", "hello")

    delivery = sandbox.wait_for_delivery("message")
    assert (delivery["outcome"], len(delivery["attempts"]), delivery["ignored_acks"]) == ("given_up", 4, 4)


def test_events_can_come_twice(app: App, connect: Connect, sandbox: Sandbox) -> None:
    headers: list[str] = []

    @app.event("app_mention")
    def note(request: Any) -> None:
        headers.append(request.headers["x-slack-retry-num"][0])

    silence(app)
    connect(app)
    sandbox.duplicate_events(2, with_header=True)
    sandbox.post("marco", "@footnote hello", channel="general")
    sandbox.wait_for_delivery("app_mention", lambda one: len(headers) == 2)
    sandbox.duplicate_events(2, with_header=False)
    sandbox.post("marco", "@footnote hello", channel="general")
    sandbox.wait_for_delivery("app_mention", lambda one: len(headers) == 4)

    assert (sorted(headers[:2]), headers[2:]) == (["0", "1"], ["0", "0"])
    ids = [one["payload"]["event_id"] for one in sandbox.deliveries("app_mention")]
    assert (ids[0], ids[2]) == (ids[1], ids[3])


def test_what_happens_without_a_socket_is_lost_and_counted(sandbox: Sandbox) -> None:
    sandbox.direct("marco", "hello")

    assert sandbox.wait_for_delivery("message")["outcome"] == "dropped"


def test_the_app_comes_back_when_asked_to(app: App, connect: Connect, sandbox: Sandbox) -> None:
    silence(app)
    connect(app)

    assert sandbox.disconnect("refresh_requested") == 1
    wait_until(lambda: len(sandbox.calls("apps.connections.open")) == 2)
    sandbox.wait_for_socket()
    sandbox.direct("marco", "hello")

    assert sandbox.wait_for_delivery("message")["outcome"] == "acknowledged"


def test_the_app_comes_back_when_cut_off(app: App, connect: Connect, sandbox: Sandbox) -> None:
    silence(app)
    connect(app)

    sandbox.disconnect("abrupt")
    wait_until(lambda: len(sandbox.calls("apps.connections.open")) == 2)
    sandbox.wait_for_socket()
    sandbox.direct("marco", "hello")

    assert sandbox.wait_for_delivery("message")["outcome"] == "acknowledged"


def test_each_envelope_goes_to_one_of_the_sockets(app: App, connect: Connect, sandbox: Sandbox) -> None:
    silence(app)
    connect(app)
    connect(app)
    wait_until(lambda: sandbox.sockets() == {"footnote": 2})

    for _ in range(4):
        sandbox.direct("marco", "hello")
    wait_until(lambda: all(one["outcome"] == "acknowledged" for one in sandbox.deliveries()))

    assert sorted(one["attempts"][0]["connection"] for one in sandbox.deliveries()) == [1, 1, 2, 2]


def test_a_manifest_limits_what_is_heard_and_done(tmp_path: Any) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        json.dumps(
            {
                "features": {"slash_commands": [{"command": "/ask"}]},
                "oauth_config": {"scopes": {"bot": ["chat:write"]}},
                "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
            }
        )
    )
    with SandboxServer(manifest=manifest) as server:
        server.client.post("marco", "@footnote hello", channel="general")
        web = WebClient(token=server.bot_token, base_url=server.api_url)
        heard = [one["payload"]["event"]["type"] for one in server.client.deliveries()]
        with pytest.raises(SlackApiError) as refusal:
            web.users_info(user="U01INES")
        outcome = server.client.command("marco", "/answer", channel="general")["outcome"]

    assert (heard, outcome) == (["app_mention"], "not_a_command")
    assert (refusal.value.response["error"], refusal.value.response["needed"]) == (
        "missing_scope",
        "users:read",
    )


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    """Return once the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)
