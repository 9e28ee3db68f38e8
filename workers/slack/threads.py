"""Messages of a thread as Slack gives them, and the mark by which ours are known: whose answer they are, and which part of it."""

from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient

from ingestion.sources.slack_answers import cursor_of
from workers.slack.errors import slack_errors

EVENT_TYPE = "footnote_answer"
_HANDED_ON_TYPE = "footnote_handed_on"

PAGE = 200
"""Messages in a page of a thread."""

_PAGES = 10  # pages of a thread that are read


def mark(question_id: str, part: int = 0) -> dict[str, Any]:
    """The metadata of an answer's message; its parts count from 0."""
    which = {"question_id": question_id, "part": part} if part else {"question_id": question_id}
    return {"event_type": EVENT_TYPE, "event_payload": which}


def part_of(message: dict[str, Any], question_id: str) -> int | None:
    """Which part of the answer to this question a message is; None where it is none."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE or payload.get("question_id") != question_id:
        return None
    return int(payload.get("part", 0))


def mark_handed_on(question_id: str) -> dict[str, Any]:
    """The metadata of the message by which people are asked in our place."""
    return {"event_type": _HANDED_ON_TYPE, "event_payload": {"question_id": question_id}}


def question_of(message: dict[str, Any]) -> str | None:
    """The question that a message of ours answers, or asks people. Others may write such metadata: ask for our messages alone."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") not in {EVENT_TYPE, _HANDED_ON_TYPE}:
        return None
    return str((metadata.get("event_payload") or {}).get("question_id") or "") or None


def is_marked(message: dict[str, Any]) -> bool:
    """Whether a message is known as one of an answer."""
    return (message.get("metadata") or {}).get("event_type") == EVENT_TYPE


def messages(
    client: WebClient, channel_id: str, thread_ts: str, *, include_all_metadata: bool = False
) -> Iterator[dict[str, Any]]:
    """Every message of the thread, oldest first, page by page. Raises SlackUnavailable, ReplyImpossible."""
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(_PAGES):
        with slack_errors():
            page: Any = client.conversations_replies(
                channel=channel_id,
                ts=thread_ts,
                cursor=cursor,
                limit=PAGE,
                include_all_metadata=include_all_metadata,
            )
        # Slack begins every page with the thread's first message.
        fresh = [message for message in page["messages"] if message["ts"] not in seen]
        seen.update(message["ts"] for message in fresh)
        yield from fresh
        cursor = cursor_of(page)
        if not cursor:
            return
