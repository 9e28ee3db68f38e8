"""The control API: who may write where, who sees what, and who may reach it."""

import json
import threading
import urllib.error
import urllib.request

import pytest
from slack_sdk import WebClient

from sandbox.client import Refused, Sandbox


def test_people_write_only_where_they_are_members(sandbox: Sandbox) -> None:
    for user, channel, error in (
        ("tom", "general", "not_in_channel"),
        ("marco", "people-private", "channel_not_found"),
        ("otto", "general", "account_inactive"),
        ("nobody", "general", "user_not_found"),
    ):
        with pytest.raises(Refused) as refusal:
            sandbox.post(user, "hello", channel=channel)
        assert refusal.value.name == error


def test_people_read_what_they_may(sandbox: Sandbox) -> None:
    sandbox.post("priya", "salaries", channel="people-private")
    sandbox.post("marco", "lunch", channel="random")

    assert sandbox.channel("random", as_user="ines")[0].text == "lunch"
    for user, channel in (("marco", "people-private"), ("tom", "random"), ("dana", "random")):
        with pytest.raises(Refused):
            sandbox.channel(channel, as_user=user)
    seen = [one["name"] for one in sandbox.workspace(as_user="dana")["channels"]]
    assert seen == ["partners"]


def test_the_newest_message_of_a_channel_is_told(sandbox: Sandbox, web: WebClient) -> None:
    head = sandbox.post("ines", "hello", channel="general")
    sandbox.post("marco", "a reply", channel="general", thread_ts=head)
    web.chat_postEphemeral(channel="C01GENERAL", user="U01PRIYA", text="for one person")

    newest = {one["name"]: one["newest"] for one in sandbox.workspace(as_user="priya")["channels"]}
    assert newest["general"] == {"ts": head, "user": "U01INES"}
    assert newest["random"] is None


def test_the_groups_that_can_be_mentioned_are_told(sandbox: Sandbox) -> None:
    assert sandbox.workspace()["usergroups"] == [{"id": "S01PEOPLE", "handle": "people-team"}]


def test_typed_text_becomes_what_slack_would_send(sandbox: Sandbox) -> None:
    sandbox.post("marco", "@priya see https://a.b/c. `x` <script> @here :eyes:", channel="general")

    [message] = sandbox.channel("general")
    assert message.text == "<@U01PRIYA> see <https://a.b/c>. `x` &lt;script&gt; <!here> :eyes:"
    assert message.as_text() == "@U01PRIYA see <https://a.b/c>. `x` <script> @here :eyes:"


def test_a_direct_message_is_between_two(sandbox: Sandbox) -> None:
    channel, ts = sandbox.direct("marco", "hello")

    assert channel.startswith("D")
    assert [one.ts for one in sandbox.channel(channel, as_user="marco")] == [ts]
    with pytest.raises(Refused):
        sandbox.channel(channel, as_user="ines")


def test_waiting_ends_with_the_reply(sandbox: Sandbox, web: WebClient) -> None:
    ts = sandbox.post("marco", "hello", channel="general")
    later = threading.Timer(
        0.2, web.chat_postMessage, kwargs={"channel": "C01GENERAL", "thread_ts": ts, "text": "hi"}
    )
    later.start()

    assert sandbox.wait_for_reply("general", ts, 5).text == "hi"
    later.join()
    with pytest.raises(TimeoutError, match="marco: hello\nfootnote: hi"):
        sandbox.wait_for_reply("general", ts, 0.1, lambda message: message.text == "ho")


def test_the_workspace_can_be_changed_and_reset(sandbox: Sandbox, web: WebClient) -> None:
    sandbox.add_user("zoe", is_admin=True)
    sandbox.add_channel("new", kind="private", members=["zoe", "footnote"])
    sandbox.change_user("zoe", is_restricted=True)
    sandbox.change_channel("new", name="newer", is_ext_shared=True)

    kinds = [one["payload"]["event"]["type"] for one in sandbox.deliveries()]
    assert kinds == ["user_change", "group_rename", "channel_shared"]
    found = {
        channel["name"]: channel for channel in web.conversations_list(types="private_channel")["channels"]
    }
    assert found["newer"]["is_ext_shared"] is True
    with pytest.raises(Refused, match="cannot change members"):
        sandbox.change_channel("newer", members=[])
    sandbox.reset()
    with pytest.raises(Refused, match="channel_not_found"):
        sandbox.channel("newer")
    assert sandbox.deliveries() == sandbox.calls() == []


def test_another_app_speaks_for_itself(sandbox: Sandbox, web: WebClient) -> None:
    other = sandbox.add_app("weather")
    sandbox.join("weather", "general")
    WebClient(token=other["bot_token"], base_url=web.base_url).chat_postMessage(
        channel="C01GENERAL", text="rain"
    )

    heard = [one for one in sandbox.deliveries("message") if one["app_id"] == "A01FOOTNOTE"]
    assert heard[-1]["payload"]["event"]["bot_id"] != "B01FOOTNOTE"


def test_calls_are_noted_without_the_token(sandbox: Sandbox, web: WebClient) -> None:
    web.users_info(user="U01INES")

    [call] = sandbox.calls("users.info")
    assert (call["arguments"], call["ok"], call["status"]) == ({"user": "U01INES"}, True, 200)
    assert str(web.token) not in json.dumps(sandbox.calls())


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_no_other_page_reaches_it(sandbox: Sandbox, headers: dict[str, str]) -> None:
    request = urllib.request.Request(f"{sandbox.url}/control/calls", headers=headers)

    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request)
    refusal.value.close()
    assert refusal.value.code == 403


def test_an_unknown_verb_is_told_the_known_ones(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="change_channel, change_file, change_user"):
        sandbox.do("sing")
