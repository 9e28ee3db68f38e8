"""Slack event → clean question; which events are ours."""

from typing import Any

import pytest

from bot.messages import incoming, is_direct, is_from_person, question_text

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


def test_the_reply_goes_to_the_thread_of_the_message() -> None:
    assert incoming(MENTION, team_id="T1", bot_user_id="UBOT").thread_ts == MENTION["ts"]
    threaded = {**MENTION, "thread_ts": "1763600000.000100"}
    assert incoming(threaded, team_id="T1", bot_user_id="UBOT").thread_ts == "1763600000.000100"


def test_direct_messages_are_known_by_their_channel_type() -> None:
    assert is_direct({"channel_type": "im"})
    assert not is_direct({"channel_type": "channel"})
    assert not is_direct({})
