"""Streamed messages: they grow, they end, and they die when they take too long."""

import time
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import MarkdownTextChunk, TaskUpdateChunk

from sandbox.client import Sandbox

TO: dict[str, Any] = {"recipient_user_id": "U01MARCO", "recipient_team_id": "T01FERNWAY"}
FEEDBACK = {"type": "context", "elements": [{"type": "mrkdwn", "text": "1 source"}]}


@pytest.fixture
def question(sandbox: Sandbox) -> str:
    return sandbox.post("marco", "@footnote?", channel="general")


def error_of(call: object, **arguments: object) -> str:
    with pytest.raises(SlackApiError) as refusal:
        call(channel="C01GENERAL", **arguments)  # type: ignore[operator]
    return str(refusal.value.response["error"])


def test_a_stream_grows_and_ends(web: WebClient, sandbox: Sandbox, question: str) -> None:
    stream = web.chat_stream(channel="C01GENERAL", thread_ts=question, buffer_size=1, **TO)
    stream.append(chunks=[TaskUpdateChunk(id="1", title="Searching", status="in_progress")])
    stream.append(markdown_text="**25** ")
    growing = sandbox.thread("general", question)[-1]
    stream.append(
        chunks=[MarkdownTextChunk(text="days"), TaskUpdateChunk(id="1", title="Searched", status="complete")]
    )
    stream.stop(blocks=[FEEDBACK], metadata={"event_type": "answer", "event_payload": {}})

    ended = sandbox.thread("general", question)[-1]
    assert (growing.text, growing.raw["streaming_state"]) == ("**25** ", "in_progress")
    assert ended.as_text() == "Searched (complete)\n**25** days\n1 source"
    assert (ended.raw["streaming_state"], ended.metadata) == (
        "completed",
        {"event_type": "answer", "event_payload": {}},
    )


def test_what_a_stream_does_not_allow(web: WebClient, question: str) -> None:
    started = web.chat_startStream(channel="C01GENERAL", thread_ts=question, markdown_text="a", **TO)
    ts = started["ts"]

    assert error_of(web.chat_update, ts=ts, text="x") == "streaming_state_conflict"
    assert error_of(web.chat_startStream, thread_ts=question) == "missing_recipient_user_id"
    assert (
        error_of(web.chat_startStream, thread_ts=question, recipient_user_id="U01MARCO")
        == "missing_recipient_team_id"
    )
    assert error_of(web.chat_appendStream, ts=question, markdown_text="x") == "message_not_owned_by_app"
    assert error_of(web.chat_appendStream, ts=ts, chunks=[{"type": "song"}]) == "invalid_chunks"
    assert error_of(web.chat_appendStream, ts=ts, markdown_text="x" * 12_001) == "msg_too_long"
    assert error_of(web.chat_stopStream, ts=ts, blocks=[{"type": "song"}]) == "invalid_blocks"
    web.chat_stopStream(channel="C01GENERAL", ts=ts)
    assert error_of(web.chat_appendStream, ts=ts, markdown_text="x") == "message_not_in_streaming_state"
    web.chat_update(channel="C01GENERAL", ts=ts, text="final")


def test_a_stream_dies_when_its_time_is_over(web: WebClient, sandbox: Sandbox, question: str) -> None:
    sandbox.settings(stream_seconds=0.2)
    ts = web.chat_startStream(channel="C01GENERAL", thread_ts=question, markdown_text="a", **TO)["ts"]
    time.sleep(0.25)

    assert error_of(web.chat_appendStream, ts=ts, markdown_text="b") == "message_not_in_streaming_state"
    assert sandbox.thread("general", question)[-1].raw["streaming_state"] == "errored"
    web.chat_update(channel="C01GENERAL", ts=ts, text="the whole answer")
    assert sandbox.thread("general", question)[-1].as_text() == "the whole answer"


def test_a_person_can_stop_a_stream(web: WebClient, sandbox: Sandbox, question: str) -> None:
    ts = web.chat_startStream(channel="C01GENERAL", thread_ts=question, markdown_text="a", **TO)["ts"]

    assert sandbox.stop("marco", channel="general", thread_ts=question) == [ts]
    assert error_of(web.chat_appendStream, ts=ts, markdown_text="b") == "stopped_by_user"
    web.chat_stopStream(channel="C01GENERAL", ts=ts)
    [stopped] = sandbox.deliveries("agent_session_stopped")
    assert stopped["payload"]["event"]["streaming_message_ts"] == [ts]
