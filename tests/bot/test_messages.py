"""Slack event → clean question; which events are ours."""

from typing import Any

import pytest

from bot.messages import (
    asked_about,
    asks_nobody,
    deleted,
    edited,
    heard,
    incoming,
    is_direct,
    is_from_person,
    may_follow_up,
    question_text,
    withdrawn,
)
from ingestion.sources.slack_notes import Change
from workers.asked import File
from workers.slack_changes import Heard

MENTION: dict[str, Any] = {
    "type": "app_mention",
    "user": "U1",
    "channel": "C1",
    "ts": "1763700000.000100",
    "text": "<@UBOT> how many days?",
}


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("<@UBOT> how many days?", "how many days?"),
        ("hey <@UBOT>, how many days?", "hey how many days?"),
        ("<@UBOT|footnote>: how many?", "how many?"),
        ("<@UBOT>", ""),
        ("  <@UBOT>   ", ""),
        ("<@UBOT> what does <@U2|marco> do", "what does @marco do"),
        ("<@UBOT> is 1 &lt; 2 &amp; 3?", "is 1 < 2 & 3?"),
        ("<@UBOT> see <https://x.example|this>?", "see this?"),
        ("<@UBOT> two\nlines", "two\nlines"),
        ("", ""),
    ],
)
def test_question_text(text: str, question: str) -> None:
    assert question_text(text, "UBOT") == question


@pytest.mark.parametrize(
    ("changed", "ours"),
    [
        ({}, True),
        ({"subtype": "file_share"}, True),
        ({"subtype": "thread_broadcast"}, True),
        ({"bot_id": "B1"}, False),
        ({"subtype": "bot_message"}, False),
        ({"subtype": "message_changed"}, False),
        ({"subtype": "message_deleted"}, False),
        ({"subtype": "channel_join"}, False),
        ({"user": None}, False),
    ],
)
def test_only_people_ask(changed: dict[str, Any], ours: bool) -> None:
    assert is_from_person({**MENTION, **changed}) is ours


EDIT: dict[str, Any] = {
    "subtype": "message_changed",
    "channel": "C1",
    "ts": "9.9",
    "message": {"user": "U1", "ts": "1.1", "text": "<@UBOT> how many hours?"},
    "previous_message": {"user": "U1", "ts": "1.1", "text": "<@UBOT> how many days?"},
}


def test_an_edit_is_told_with_what_it_says_now() -> None:
    assert edited(EDIT, "UBOT") == ("1.1", "how many hours?")
    assert deleted(EDIT) is None
    assert edited({**EDIT, "message": EDIT["previous_message"]}, "UBOT") is None, "a preview was added"
    assert edited({**EDIT, "message": {**EDIT["message"], "bot_id": "B1"}}, "UBOT") is None
    assert edited(MENTION, "UBOT") is None


def test_a_deletion_is_told_of_replies_and_of_heads_of_threads() -> None:
    assert deleted({"subtype": "message_deleted", "deleted_ts": "1.1", "channel": "C1", "ts": "9.9"}) == "1.1"
    tombstone = {
        **EDIT,
        "message": {"subtype": "tombstone", "user": "USLACKBOT", "ts": "1.1", "text": "gone"},
    }
    assert deleted(tombstone) == "1.1"
    assert edited(tombstone, "UBOT") is None
    assert deleted(MENTION) is None


THREADED = {**MENTION, "thread_ts": "1763600000.000100", "text": "and for interns?"}


@pytest.mark.parametrize(
    ("changed", "ours"),
    [
        ({}, True),
        ({"subtype": "file_share"}, True),
        ({"text": "<@UBOT> and for interns?"}, False),
        ({"text": "<@UBOT|footnote> and for interns?"}, False),
        ({"text": "what do you think, <@U2>?"}, False),
        ({"text": "<!subteam^S1> who knows?"}, False),
        ({"text": "<!here> who knows?"}, False),
        ({"subtype": "thread_broadcast"}, False),
        ({"subtype": "message_changed"}, False),
        ({"bot_id": "B1"}, False),
        ({"thread_ts": None}, False),
        ({"thread_ts": MENTION["ts"]}, False),
    ],
)
def test_what_may_be_said_to_us_in_a_thread(changed: dict[str, Any], ours: bool) -> None:
    assert may_follow_up({**THREADED, **changed}, "UBOT") is ours


@pytest.mark.parametrize(
    ("changed", "heard"),
    [
        ({}, True),
        ({"channel_type": "channel"}, True),
        ({"channel_type": "im"}, False),
        ({"thread_ts": "1.0"}, False),
        ({"subtype": "file_share"}, False),
        ({"subtype": "message_changed"}, False),
        ({"subtype": "thread_broadcast"}, False),
        ({"bot_id": "B1"}, False),
        ({"user": ""}, False),
        ({"text": "<@UBOT> how many days?"}, False),
        ({"text": "<@U2> how many days?"}, False),
        ({"text": "how many days, <!subteam^S1>?"}, False),
        ({"text": "<!here> how many days?"}, False),
    ],
)
def test_what_is_said_to_nobody(changed: dict[str, Any], heard: bool) -> None:
    said = {"user": "U1", "channel": "C1", "ts": "5.0", "text": "how many days?"}
    assert asks_nobody({**said, **changed}, "UBOT") is heard


def test_the_reply_goes_to_the_thread_of_the_message() -> None:
    assert incoming(MENTION, team_id="T1", bot_user_id="UBOT").thread_ts == MENTION["ts"]
    threaded = {**MENTION, "thread_ts": "1763600000.000100"}
    assert incoming(threaded, team_id="T1", bot_user_id="UBOT").thread_ts == "1763600000.000100"


def test_direct_messages_are_known_by_their_channel_type() -> None:
    assert is_direct({"channel_type": "im"})
    assert not is_direct({"channel_type": "channel"})
    assert not is_direct({})


WRITTEN: dict[str, Any] = {
    "type": "message",
    "channel": "C1",
    "user": "U1",
    "ts": "5.0",
    "event_ts": "5.0",
    "text": "hello",
}
REPLY = {**WRITTEN, "thread_ts": "1.0"}
FILE = {"files": [{"id": "F1"}]}


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (WRITTEN, Heard("C1", Change("5.0", "5.0"))),
        (REPLY, Heard("C1", Change("1.0", "5.0"))),
        ({**REPLY, "subtype": "thread_broadcast"}, Heard("C1", Change("1.0", "5.0"))),
        ({**WRITTEN, "subtype": "file_share", **FILE}, Heard("C1", Change("5.0", "5.0"), files=True)),
        ({**WRITTEN, "bot_id": "B1"}, Heard("C1", Change("5.0", "5.0"), by_bot=True)),
        (
            {"subtype": "message_changed", "channel": "C1", "ts": "9.0", "event_ts": "9.0", "message": REPLY},
            Heard("C1", Change("1.0", "9.0")),
        ),
        (
            {
                "subtype": "message_deleted",
                "channel": "C1",
                "ts": "9.0",
                "deleted_ts": "5.0",
                "previous_message": REPLY,
            },
            Heard("C1", Change("1.0", "9.0")),
        ),
        (
            {
                "subtype": "message_deleted",
                "channel": "C1",
                "ts": "9.0",
                "previous_message": {**WRITTEN, **FILE},
            },
            Heard("C1", Change("5.0", "9.0"), files=True),
        ),
        (
            {"subtype": "message_deleted", "channel": "C1", "ts": "9.0", "deleted_ts": "5.0"},
            Heard("C1", Change("5.0", "9.0")),
        ),
        # Notices: that the channel became private must not be missed, nor what Slack invents next.
        ({**WRITTEN, "subtype": "channel_convert_to_private"}, Heard("C1", Change("5.0", "5.0"))),
        ({**WRITTEN, "subtype": "something_new"}, Heard("C1", Change("5.0", "5.0"))),
        ({**WRITTEN, "subtype": "channel_join"}, None),
        ({**WRITTEN, "subtype": "group_leave"}, None),
        ({**WRITTEN, "text": "<@UBOT> how many days?"}, None),
        # An edit that makes a question of what was indexed before is a change.
        (
            {
                "subtype": "message_changed",
                "channel": "C1",
                "ts": "9.0",
                "message": {**WRITTEN, "text": "<@UBOT> how?"},
            },
            Heard("C1", Change("5.0", "9.0")),
        ),
    ],
)
def test_what_a_message_changes(event: dict[str, Any], change: Heard | None) -> None:
    assert heard(event, "UBOT") == change


@pytest.mark.parametrize(
    ("tokens", "ours"),
    [
        ({"bot": ["UBOT"]}, True),
        ({"oauth": ["U1"], "bot": []}, False),
        ({"oauth": ["UBOT"]}, False),
        ({}, False),
    ],
)
def test_only_the_bots_own_token_withdrawn_is_the_end(tokens: dict[str, Any], ours: bool) -> None:
    assert withdrawn({"tokens": tokens}, "UBOT") is ours
    assert not withdrawn({}, "UBOT")


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ([{"id": "F1", "name": "a.txt", "size": 3}, {"id": "F2", "name": "b.txt"}], (File("F1", "a.txt"), File("F2", "b.txt"))),
        ([{"id": "F1", "mode": "file_access", "file_access": "check_file_info"}], (File("F1", ""),)),
        ([{"id": "F1", "name": None}, {"name": "no id"}], (File("F1", ""),)),
        ([], ()),
        (None, ()),
    ],
)  # fmt: skip
def test_files_come_along_with_the_question(files: Any, taken: tuple[File, ...]) -> None:
    event = {**MENTION, "subtype": "file_share", "files": files}
    assert incoming(event, team_id="T1", bot_user_id="UBOT").files == taken
    shortcut = {
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "user": {"id": "U2"},
        "trigger_id": "1",
        "message": event,
        "response_url": "https://hooks.slack.com/1",
    }
    assert asked_about(shortcut, "UBOT").files == taken
