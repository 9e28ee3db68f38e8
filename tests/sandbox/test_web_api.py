"""The Web API as the official client meets it."""

import json
import urllib.request

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from sandbox.web_api import WebApi

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


def refused(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def test_a_token_says_who_calls(web: WebClient) -> None:
    who = web.auth_test()

    assert (who["user"], who["team"], who["bot_id"]) == ("footnote", "Fernway", "B01FOOTNOTE")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, "not_authed"),
        ("xoxb-other", "invalid_auth"),
        ("xapp-sandbox-footnote", "not_allowed_token_type"),
    ],
)
def test_a_wrong_token_is_refused(server: SandboxServer, token: str | None, error: str) -> None:
    with pytest.raises(SlackApiError) as refusal:
        WebClient(token=token, base_url=server.api_url).auth_test()

    assert refused(refusal) == error


def test_a_bot_token_opens_no_socket(web: WebClient, server: SandboxServer) -> None:
    with pytest.raises(SlackApiError) as refusal:
        web.apps_connections_open(app_token=server.bot_token)

    assert refused(refusal) == "not_allowed_token_type"


def test_an_unknown_method_is_named(web: WebClient) -> None:
    with pytest.raises(SlackApiError) as refusal:
        web.api_call("chat.postEverything")

    assert refused(refusal) == "unknown_method"


def test_get_and_form_work_as_well_as_json(server: SandboxServer) -> None:
    address = f"{server.api_url}users.info?user=U01INES&token={server.bot_token}"
    with urllib.request.urlopen(address) as reply:
        assert json.load(reply)["user"]["is_admin"] is True


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C01RANDOM", "text": "x"}, "not_in_channel"),
        ({"channel": "C01GENERAL", "text": " "}, "no_text"),
        ({"channel": "C01GENERAL", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C01GENERAL", "text": "x", "markdown_text": "x"}, "markdown_text_conflict"),
        ({"channel": "C01GENERAL", "markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"channel": "C01GENERAL", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": "C01GENERAL", "blocks": [SECTION] * 51}, "invalid_blocks"),
        (
            {"channel": "C01GENERAL", "blocks": [{"type": "markdown", "text": "x" * 7000}] * 2},
            "msg_blocks_too_long",
        ),
        ({"channel": "C01GENERAL", "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ({"channel": "C01GENERAL", "text": "x", "metadata": "a"}, "invalid_metadata_format"),
    ],
)
def test_what_slack_would_not_post_is_not_posted(
    web: WebClient, sandbox: Sandbox, arguments: dict[str, object], error: str
) -> None:
    with pytest.raises(SlackApiError) as refusal:
        web.api_call("chat.postMessage", json=arguments)

    assert refused(refusal) == error
    assert sandbox.channel("general") == []


def test_invalid_blocks_say_where(web: WebClient) -> None:
    with pytest.raises(SlackApiError) as refusal:
        web.chat_postMessage(channel="C01GENERAL", text="x", blocks=[SECTION, {"type": "sektion"}])

    assert refusal.value.response["errors"] == ["unsupported type: sektion [json-pointer:/blocks/1]"]
    assert refusal.value.response["response_metadata"]["messages"][0].startswith("[ERROR] unsupported type")


def test_an_archived_channel_takes_nothing(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.change_channel("general", is_archived=True)

    with pytest.raises(SlackApiError) as refusal:
        web.chat_postMessage(channel="C01GENERAL", text="x")

    assert refused(refusal) == "is_archived"


def test_a_long_text_is_cut_off(web: WebClient) -> None:
    posted = web.chat_postMessage(channel="C01GENERAL", text="x" * 40_001)

    assert len(posted["message"]["text"]) == 40_000
    assert posted["response_metadata"]["warnings"] == ["message_truncated"]


def test_what_is_posted_is_kept_as_it_is(web: WebClient, sandbox: Sandbox) -> None:
    web.chat_postMessage(channel="C01GENERAL", text="a &amp; b", blocks=[SECTION], unfurl_links=False)

    [message] = sandbox.channel("general")
    assert (message.text, message.blocks) == ("a &amp; b", [SECTION])
    assert message.raw["posting"] == {"unfurl_links": False}


def test_metadata_is_shown_only_on_request_and_outlives_an_update(web: WebClient) -> None:
    metadata = {"event_type": "answer", "event_payload": {"question": 7}}
    ts = web.chat_postMessage(channel="C01GENERAL", text="…", metadata=metadata)["ts"]
    web.chat_update(channel="C01GENERAL", ts=ts, text="done")

    plain = web.conversations_replies(channel="C01GENERAL", ts=ts)["messages"][0]
    full = web.conversations_replies(channel="C01GENERAL", ts=ts, include_all_metadata=True)["messages"][0]

    assert "metadata" not in plain
    assert full["metadata"] == metadata
    assert (full["text"], full["edited"]["user"]) == ("done", "U01FOOTNOTE")


def test_an_update_has_its_own_limits(web: WebClient, sandbox: Sandbox) -> None:
    own = web.chat_postMessage(channel="C01GENERAL", text="…")["ts"]
    others = sandbox.post("marco", "mine", channel="general")

    for ts, text, error in (
        (own, "x" * 4_001, "msg_too_long"),
        (others, "x", "cant_update_message"),
        ("1.000001", "x", "message_not_found"),
    ):
        with pytest.raises(SlackApiError) as refusal:
            web.chat_update(channel="C01GENERAL", ts=ts, text=text)
        assert refused(refusal) == error


def test_private_channels_of_others_do_not_exist_for_the_app(web: WebClient, sandbox: Sandbox) -> None:
    secret = sandbox.add_channel("secret", kind="private", members=["ines"])

    for call in (web.conversations_info, web.conversations_members, web.conversations_history):
        with pytest.raises(SlackApiError) as refusal:
            call(channel=secret)
        assert refused(refusal) == "channel_not_found"
    listed = web.conversations_list(types="public_channel,private_channel")["channels"]
    assert secret not in [channel["id"] for channel in listed]


def test_flags_of_channels_and_people(web: WebClient) -> None:
    shared = web.conversations_info(channel="C01PARTNERS")["channel"]
    private = web.conversations_info(channel="C01PEOPLE")["channel"]
    guest, stranger, gone = (web.users_info(user=user)["user"] for user in ("U01TOM", "U02DANA", "U01OTTO"))

    assert shared["is_ext_shared"] and shared["connected_team_ids"] == ["T02BRIGHT"]
    assert private["is_private"] and private["is_member"]
    assert guest["is_restricted"] and not guest["is_ultra_restricted"]
    assert stranger["team_id"] == "T02BRIGHT" and stranger["is_stranger"]
    assert gone["deleted"] is True


def test_lists_come_in_pages(web: WebClient) -> None:
    pages = [page["members"] for page in web.conversations_members(channel="C01GENERAL", limit=3)]

    assert pages == [["U01INES", "U01MARCO", "U01PRIYA"], ["U01FOOTNOTE"]]
    with pytest.raises(SlackApiError) as refusal:
        web.users_list(cursor="bm9uc2Vuc2U=")
    assert refused(refusal) == "invalid_cursor"


def test_a_thread_comes_in_pages_with_its_head_on_each(web: WebClient, sandbox: Sandbox) -> None:
    head = sandbox.post("marco", "head", channel="general")
    for number in range(3):
        sandbox.post("priya", f"reply {number}", channel="general", thread_ts=head)

    replies = web.conversations_replies(channel="C01GENERAL", ts=head, limit=2)
    pages = [[one["text"] for one in page["messages"]] for page in replies]
    history = web.conversations_history(channel="C01GENERAL")["messages"]

    assert pages == [["head", "reply 0", "reply 1"], ["head", "reply 2"]]
    assert [one["text"] for one in history] == ["head"]
    assert (history[0]["reply_count"], history[0]["reply_users"]) == (3, ["U01PRIYA"])


def test_replies_of_a_lost_thread(web: WebClient) -> None:
    with pytest.raises(SlackApiError) as refusal:
        web.conversations_replies(channel="C01GENERAL", ts="1.000001")

    assert refused(refusal) == "thread_not_found"


def test_a_direct_message_is_opened_once(web: WebClient) -> None:
    first = web.conversations_open(users="U01MARCO")["channel"]["id"]
    again = web.conversations_open(users=["U01MARCO"])
    posted = web.chat_postMessage(channel="U01MARCO", text="hello")

    assert first.startswith("D") and again["already_open"]
    assert posted["channel"] == first
    with pytest.raises(SlackApiError) as refusal:
        web.conversations_open(users="U01OTTO")
    assert refused(refusal) == "user_disabled"


def test_ephemeral_messages_are_for_one_person(web: WebClient, sandbox: Sandbox) -> None:
    ts = web.chat_postEphemeral(channel="C01GENERAL", user="U01MARCO", text="psst")["message_ts"]

    assert [one.text for one in sandbox.channel("general", as_user="marco")] == ["psst"]
    assert sandbox.channel("general", as_user="ines") == []
    assert web.conversations_history(channel="C01GENERAL")["messages"] == []
    with pytest.raises(SlackApiError) as refusal:
        web.chat_update(channel="C01GENERAL", ts=ts, text="x")
    assert refused(refusal) == "message_not_found"
    with pytest.raises(SlackApiError) as refusal:
        web.chat_postEphemeral(channel="C01GENERAL", user="U01TOM", text="x")
    assert refused(refusal) == "user_not_in_channel"


def test_reactions_pins_links_and_groups(web: WebClient, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "hello", channel="general")

    web.reactions_add(channel="C01GENERAL", timestamp=ts, name="eyes")
    web.pins_add(channel="C01GENERAL", timestamp=ts)

    assert web.pins_list(channel="C01GENERAL")["items"][0]["message"]["reactions"][0]["name"] == "eyes"
    assert web.chat_getPermalink(channel="C01GENERAL", message_ts=ts)["permalink"].endswith(
        ts.replace(".", "")
    )
    assert web.usergroups_users_list(usergroup="S01PEOPLE")["users"] == ["U01INES", "U01PRIYA"]
    with pytest.raises(SlackApiError) as refusal:
        web.reactions_add(channel="C01GENERAL", timestamp=ts, name="eyes")
    assert refused(refusal) == "already_reacted"


def test_a_deleted_head_leaves_a_tombstone(web: WebClient, sandbox: Sandbox) -> None:
    head = sandbox.post("marco", "question", channel="general")
    web.chat_postMessage(channel="C01GENERAL", thread_ts=head, text="answer")

    sandbox.delete("marco", channel="general", ts=head)

    assert [one.raw.get("subtype") for one in sandbox.thread("general", head)] == ["tombstone", None]


def test_statuses_and_sessions(web: WebClient, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "question", channel="general")

    web.assistant_threads_setStatus(channel_id="C01GENERAL", thread_ts=ts, status="is searching…")
    assert (sandbox.status("general", ts) or {})["status"] == "is searching…"
    web.chat_postMessage(channel="C01GENERAL", thread_ts=ts, text="found")
    assert sandbox.status("general", ts) is None
    with pytest.raises(SlackApiError) as refusal:
        web.agents_sessions_setStatus(channel_id="C01GENERAL", thread_ts=ts, status="asleep")
    assert refused(refusal) == "invalid_status"


def test_the_client_has_a_function_for_every_method(server: SandboxServer) -> None:
    for name in WebApi(server.platform).method_names:
        assert hasattr(WebClient, name.replace(".", "_")), name
