"""What a reader of channels depends on: pages, limits, the past, files, and hearing that it must go."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import Sandbox
from tests.sandbox.conftest import Connect

YEAR = 365 * 24 * 3600


def past(*texts: str, ago: float = YEAR, **more: str) -> list[dict[str, Any]]:
    return [
        {"user": "marco", "text": text, "ts": f"{time.time() - ago + number:.6f}", **more}
        for number, text in enumerate(texts)
    ]


def kinds(sandbox: Sandbox) -> list[str]:
    return [one["payload"]["event"]["type"] for one in sandbox.deliveries()]


def everything(web: WebClient, **arguments: Any) -> Iterator[str]:
    cursor = None
    while cursor != "":
        page: Any = web.conversations_history(channel="C01GENERAL", cursor=cursor, **arguments)
        yield from (message["text"] for message in page["messages"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""


def test_the_past_comes_before_the_present_and_is_told_to_nobody(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.post("ines", "now", channel="general")
    sandbox.backfill("general", past("first", "second"))
    assert kinds(sandbox) == ["message"]
    assert list(everything(web)) == ["now", "second", "first"]


def test_replies_in_the_past_are_in_order_and_counted(web: WebClient, sandbox: Sandbox) -> None:
    [head] = past("head")
    sandbox.backfill("general", [head])
    sandbox.backfill("general", past("b", ago=YEAR - 60, thread_ts=head["ts"]))
    sandbox.backfill("general", past("a", ago=YEAR - 10, thread_ts=head["ts"]))
    [shown] = web.conversations_history(channel="C01GENERAL")["messages"]
    replies = web.conversations_replies(channel="C01GENERAL", ts=head["ts"])["messages"]
    assert [message["text"] for message in replies] == ["head", "a", "b"]
    assert (shown["reply_count"], shown["latest_reply"]) == (2, replies[-1]["ts"])


def test_pages_within_a_time(web: WebClient, sandbox: Sandbox) -> None:
    messages = past(*(str(number) for number in range(30)))
    sandbox.backfill("general", messages)
    within = {"oldest": messages[4]["ts"], "latest": messages[20]["ts"], "limit": 7}
    assert list(everything(web, **within)) == [str(number) for number in range(19, 4, -1)]
    assert list(everything(web, inclusive=True, **within)) == [str(number) for number in range(20, 3, -1)]


def test_an_app_distributed_outside_of_the_marketplace_gets_little(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.backfill("general", past(*"abcdefghijklmnopqrst"))
    sandbox.settings(distributed_outside_marketplace=True)
    page: Any = web.conversations_history(channel="C01GENERAL", limit=200)
    assert (len(page["messages"]), page["has_more"]) == (15, True)
    with pytest.raises(SlackApiError) as refusal:
        web.conversations_history(channel="C01GENERAL", limit=200)
    assert refusal.value.response.status_code == 429
    assert 50 <= int(refusal.value.response.headers["Retry-After"]) <= 60
    assert web.conversations_info(channel="C01GENERAL")["ok"]


def test_files_are_listed_by_channel_and_page(web: WebClient, sandbox: Sandbox) -> None:
    for number in range(5):
        sandbox.upload("ines", f"{number}.txt", b"x", channel="general")
    _, hidden = sandbox.upload("ines", "hidden.txt", b"x", channel="general")
    sandbox.upload("ines", "other.txt", b"x", channel="ask-footnote")
    sandbox.change_file(hidden, mode="hidden_by_limit")

    page: Any = web.files_list(channel="C01GENERAL", count=2, page=2)
    assert [file["name"] for file in page["files"]] == ["2.txt", "1.txt"]
    assert page["paging"] == {"count": 2, "total": 5, "page": 2, "pages": 3}
    with_hidden: Any = web.files_list(channel="C01GENERAL", show_files_hidden_by_limit=True)
    assert with_hidden["files"][0]["mode"] == "hidden_by_limit"
    assert len(web.files_list()["files"]) == 6


def test_a_file_changes_and_is_deleted(web: WebClient, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("ines", "a.txt", b"x", channel="general")
    before: Any = web.files_info(file=file_id)["file"]
    sandbox.change_file(file_id, content=b"longer")
    after: Any = web.files_info(file=file_id)["file"]
    assert after["size"] == 6 and after["timestamp"] > before["timestamp"]
    sandbox.delete_file(file_id)
    with pytest.raises(SlackApiError, match="file_not_found"):
        web.files_info(file=file_id)
    assert kinds(sandbox)[-2:] == ["file_change", "file_deleted"]


def test_who_is_put_out_hears_of_it(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.leave("footnote", "general")
    sandbox.leave("footnote", "people-private")
    told = [kind for kind in kinds(sandbox) if kind.endswith("_left")]
    assert told == ["channel_left", "group_left"]
    with pytest.raises(SlackApiError, match="not_in_channel"):
        web.conversations_history(channel="C01GENERAL")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        web.conversations_info(channel="C01PEOPLE")


def test_bots_are_put_out_of_archived_channels(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.change_channel("general", is_archived=True)
    assert {"channel_archive", "channel_left"} <= set(kinds(sandbox))
    shown: Any = web.conversations_info(channel="C01GENERAL")["channel"]
    assert (shown["is_archived"], shown["is_member"]) == (True, False)


def test_a_channel_made_private_says_so(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.change_channel("general", kind="private")
    [event] = [one["payload"]["event"] for one in sandbox.deliveries("message")]
    assert (event["subtype"], event["channel_type"]) == ("channel_convert_to_private", "group")


def test_a_deleted_channel_is_not_found(web: WebClient, sandbox: Sandbox) -> None:
    sandbox.delete_channel("general")
    sandbox.delete_channel("people-private")
    assert kinds(sandbox) == ["channel_deleted", "group_deleted"]
    with pytest.raises(SlackApiError, match="channel_not_found"):
        web.conversations_info(channel="C01GENERAL")


def test_an_uninstalled_app_hears_of_it_and_its_token_is_worth_nothing(
    web: WebClient, app: App, connect: Connect, sandbox: Sandbox
) -> None:
    heard: list[str] = []
    app.event("app_uninstalled")(lambda event: heard.append(event["type"]))
    app.event("tokens_revoked")(lambda event: heard.append(event["tokens"]["bot"][0]))
    connect(app)
    sandbox.uninstall()
    sandbox.wait_for_delivery("tokens_revoked", lambda one: one["outcome"] == "acknowledged")
    assert set(heard) == {"app_uninstalled", "U01FOOTNOTE"}
    with pytest.raises(SlackApiError, match="account_inactive"):
        web.auth_test()
