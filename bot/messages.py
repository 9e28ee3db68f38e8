"""Slack event → clean question; which events are ours. Pure.

Event shapes: https://docs.slack.dev/reference/events/app_mention and /message.im.
"""

import re
from typing import Any

from workers.ledger import Incoming
from workers.rendering import plain_mentions

Event = dict[str, Any]

_ASKED_IN = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that people write; all others are Slack's notices, edits and deletions."""


def is_from_person(event: Event) -> bool:
    """Whether a person wrote this; what bots write (we among them) is never a question."""
    return (
        not event.get("bot_id")
        and not event.get("app_id")
        and bool(event.get("user"))
        and event.get("subtype") in _ASKED_IN
    )


def is_direct(event: Event) -> bool:
    """Whether the message was written to the bot alone."""
    return event.get("channel_type") == "im"


def incoming(event: Event, *, team_id: str, bot_user_id: str) -> Incoming:
    """The question in a message, to be answered in its thread."""
    return Incoming(
        team_id=team_id,
        channel_id=event["channel"],
        ts=event["ts"],
        thread_ts=event.get("thread_ts") or event["ts"],
        user_id=event["user"],
        text=question_text(event.get("text") or "", bot_user_id),
    )


def question_text(text: str, bot_user_id: str) -> str:
    """What was asked, as people read it: without the mention of the bot, Slack's escapes undone."""
    without = re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>[,:]?", " ", text)
    lines = (" ".join(line.split()) for line in plain_mentions(without).splitlines())
    return "\n".join(lines).strip()
