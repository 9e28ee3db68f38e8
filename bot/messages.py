"""Slack event → clean question; which events are ours. Pure.

Event shapes: https://docs.slack.dev/reference/events/app_mention, /message.im and /message.
"""

import hashlib
import re
from dataclasses import replace
from typing import Any

from ingestion.sources.slack_notes import SOMEWHERE, Change
from workers.asked import Choice, File, Incoming
from workers.rendering import plain_mentions
from workers.slack_changes import Heard

Event = dict[str, Any]

_ASKED_IN = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that people write; all others are Slack's notices, edits and deletions."""

_ADDRESSED = re.compile(r"<(?:@|!subteam\^|!here|!channel|!everyone)")
"""A message to somebody else."""

_COMING_AND_GOING = frozenset({"channel_join", "channel_leave", "group_join", "group_leave"})


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


def may_follow_up(event: Event, bot_user_id: str) -> bool:
    """Whether somebody says something in a thread, to nobody in particular: perhaps to us, who answered there."""
    text = str(event.get("text") or "")
    return (
        is_from_person(event)
        and event.get("subtype") != "thread_broadcast"  # told to the channel
        and event.get("thread_ts") not in (None, event.get("ts"))
        and f"<@{bot_user_id}" not in text  # comes as a mention, too
        and not _ADDRESSED.search(text)
    )


def asks_nobody(event: Event, bot_user_id: str) -> bool:
    """Whether somebody says something in a channel, to nobody in particular: in no thread, with no file."""
    text = str(event.get("text") or "")
    return (
        is_from_person(event)
        and event.get("subtype") is None
        and event.get("thread_ts") is None
        and not is_direct(event)
        and f"<@{bot_user_id}" not in text  # comes as a mention, too
        and not _ADDRESSED.search(text)
    )


def incoming(event: Event, *, team_id: str, bot_user_id: str) -> Incoming:
    """The question in a message, to be answered in its thread."""
    return Incoming(
        team_id=team_id,
        channel_id=event["channel"],
        ts=event["ts"],
        thread_ts=event.get("thread_ts") or event["ts"],
        user_id=event["user"],
        text=question_text(event.get("text") or "", bot_user_id),
        files=files_of(event),
    )


def asked_privately(command: Event, bot_user_id: str) -> Incoming:
    """The question of a slash command, to be answered to its asker alone. Each command has a trigger of its own."""
    return Incoming(
        team_id=command["team_id"],
        channel_id=command["channel_id"],
        ts=_key("ask", command["trigger_id"]),
        thread_ts="private",
        user_id=command["user_id"],
        text=question_text(command.get("text") or "", bot_user_id),
        response_url=command["response_url"],
    )


def asked_about(shortcut: Event, bot_user_id: str) -> Incoming:
    """A message as a question of whoever chose it from its menu, to be answered to them alone."""
    return Incoming(
        team_id=shortcut["team"]["id"],
        channel_id=shortcut["channel"]["id"],
        ts=_key("about", shortcut["trigger_id"]),
        thread_ts="private",
        user_id=shortcut["user"]["id"],
        text=question_text(shortcut["message"].get("text") or "", bot_user_id),
        response_url=shortcut["response_url"],
        files=files_of(shortcut["message"]),
    )


def asked_by_form(body: Event, question: str, *, channel_id: str) -> Incoming:
    """The question of a submitted form, to be answered in the direct messages with whoever sent it."""
    return Incoming(
        team_id=body["team"]["id"],
        channel_id=channel_id,
        ts=_key("form", body["view"]["id"]),
        thread_ts="",
        user_id=body["user"]["id"],
        text=question,
    )


def shared(question_id: str, asked: Incoming) -> Incoming:
    """A private question, to be answered for everybody in its channel; the same one each time it is shared."""
    return replace(asked, ts=_key("share", question_id), thread_ts="", response_url=None)


def chosen(question_id: str, choice: Choice, click: Event) -> Incoming:
    """The question made specific by what was chosen, to be answered where it was asked; the same one for every click."""
    asked = choice.asked
    return replace(
        asked,
        ts=_key("choose", question_id),
        thread_ts=asked.thread_ts or str(click["message"]["ts"]),
        text=f"{asked.text} ({choice.text})",
        response_url=str(click["response_url"]) if asked.is_private else None,
    )


def _key(kind: str, name: str) -> str:
    """Stands for a message's timestamp where there is no message."""
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:24]}"


def edited(event: Event, bot_user_id: str) -> tuple[str, str] | None:
    """Timestamp and new text of a person's message that reads otherwise now; None for any other event."""
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    if event.get("subtype") != "message_changed" or not is_from_person(message):
        return None
    text = str(message.get("text") or "")
    if text == before.get("text"):  # a preview was added, a reply came
        return None
    return str(message["ts"]), question_text(text, bot_user_id)


def deleted(event: Event) -> str | None:
    """Timestamp of a message that is no more, the head of a thread included; None for any other event."""
    if event.get("subtype") == "message_deleted":
        return str(event["deleted_ts"])
    message = event.get("message") or {}
    gone = event.get("subtype") == "message_changed" and message.get("subtype") == "tombstone"
    return str(message["ts"]) if gone else None


def heard(event: Event, bot_user_id: str) -> Heard | None:
    """What a message in a channel changes there, or None: a question to us, somebody comes or goes.

    A notice of a kind that we do not know counts as a change: the sync that follows asks Slack how things are now.
    """
    subtype = event.get("subtype")
    if subtype in _COMING_AND_GOING:
        return None
    message = event.get("message") or event.get("previous_message") or event
    if subtype in _ASKED_IN and f"<@{bot_user_id}>" in str(message.get("text") or ""):
        return None
    thread_ts = message.get("thread_ts") or event.get("deleted_ts") or message.get("ts")
    before = event.get("previous_message") or {}
    return Heard(
        channel_id=event["channel"],
        change=Change(str(thread_ts or SOMEWHERE), str(event.get("event_ts") or event["ts"])),
        files=bool(message.get("files") or before.get("files")),
        by_bot=bool(message.get("bot_id") or message.get("app_id")),
    )


def withdrawn(event: Event, bot_user_id: str) -> bool:
    """Whether the tokens of a `tokens_revoked` event are those of the bot, and not of single people."""
    return bot_user_id in (event.get("tokens") or {}).get("bot", [])


def files_of(message: Event) -> tuple[File, ...]:
    """The files that a message carries. Of a connected organisation's an event tells nothing but the id."""
    told = (file for file in message.get("files") or () if file.get("id"))
    return tuple(File(str(file["id"]), str(file.get("name") or "")) for file in told)


def question_text(text: str, bot_user_id: str) -> str:
    """What was asked, as people read it: without the mention of the bot, Slack's escapes undone."""
    without = re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>[,:]?", " ", text)
    lines = (" ".join(line.split()) for line in plain_mentions(without).splitlines())
    return "\n".join(lines).strip()
