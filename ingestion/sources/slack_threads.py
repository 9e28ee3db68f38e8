"""Messages of a channel as documents: threads, long messages, and the small talk of an hour. Pure.

A thread is a document, and so is a message that says something by itself (from _LONG characters on). Shorter ones that
nobody answered in a thread are the conversation of a channel: one line of it means little, so those of the same hour make
one document. The hours are the clock's. Cutting where people paused would follow the conversation better, but then
one message more or less moves the borders of its neighbours; an hour can be read again by itself, with one call.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ingestion.sources.slack_markup import Naming, markdown, says_anything
from rag.quotable import plain_text

Json = dict[str, Any]
Kind = Literal["thread", "message", "hour"]

HOUR = 3600  # seconds

_WRITTEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})
"""Subtypes of what people write; all others are Slack's notices, tombstones and the like."""
_LONG = 200  # characters of a message that is a document by itself
_TITLE = 80  # characters


@dataclass(frozen=True, slots=True)
class Taste:
    """Which messages count. `own_user_id`: what is said to the bot, and by it, is no knowledge."""

    own_user_id: str
    include_bots: bool = False

    def counts(self, message: Json) -> bool:
        if message.get("user") == self.own_user_id or self.asks_us(message):
            return False
        if message.get("bot_id") or message.get("app_id") or message.get("subtype") == "bot_message":
            return self.include_bots
        return message.get("subtype") in _WRITTEN and bool(message.get("user"))

    def asks_us(self, message: Json) -> bool:
        mention = f"<@{self.own_user_id}"
        text = str(message.get("text") or "")
        return f"{mention}>" in text or f"{mention}|" in text

    def has_replies_of_others(self, head: Json) -> bool:
        return bool(set(head.get("reply_users") or ["unknown"]) - {self.own_user_id})


@dataclass(frozen=True, slots=True)
class Draft:
    """A document of an hour. `first` and `last` are the times of its first and its last message, as far as the
    channel's own history tells; `messages` are all of it, but for a thread its head alone.
    """

    id: str
    kind: Kind
    first: str
    last: str
    user: str
    digest: str
    messages: Sequence[Json]


def hour_of(ts: str) -> int:
    """The hour in which something was said, by its first second."""
    return int(ts.partition(".")[0]) // HOUR * HOUR


def drafts(hour: int, messages: Iterable[Json], taste: Taste) -> list[Draft]:
    """The documents of an hour, newest first, out of the channel's messages in it (no replies)."""
    ordered = sorted((it for it in messages if not _is_reply(it)), key=lambda it: it["ts"], reverse=True)
    found: list[Draft] = []
    short: list[Json] = []
    for message in ordered:
        if message.get("reply_count"):
            if taste.counts(message) or taste.has_replies_of_others(message):
                found.append(_draft(message["ts"], "thread", [message]))
        elif not taste.counts(message):
            continue
        elif len(str(message.get("text") or "")) >= _LONG:
            found.append(_draft(message["ts"], "message", [message]))
        else:
            short.insert(0, message)
    if any(says_anything(_searched(message)) for message in short):
        found.append(_draft(f"hour-{hour}", "hour", short))
    return found


def document(channel: str, kind: Kind, messages: Iterable[Json], taste: Taste, names: Naming) -> bytes:
    """The messages as a Markdown document with a title; nothing where none of them says anything.

    The title is front matter and no heading: a heading would get an anchor, which Slack's links do not have.
    """
    said = [(it, markdown(it, names)) for it in messages if taste.counts(it)]
    said = [(it, text) for it, text in said if text]
    if not any(says_anything(text) for _, text in said):
        return b""
    start = said[0][0]["ts"]
    about = f"{moment(start):%d %B %Y, %H:00}".lstrip("0") if kind == "hour" else _first_words(said[0][1])
    lines = (_entry(message, text, names) for message, text in said)
    head = f"---\ntitle: {json.dumps(f'#{channel}: {about}')}\n---"
    return "\n\n".join([head, *lines]).encode()


def moment(ts: str) -> datetime:
    return datetime.fromtimestamp(int(ts.partition(".")[0]), UTC)


def author(message: Json) -> str:
    """The id of who wrote it; empty for bots without a user."""
    return str(message.get("user") or "")


def _entry(message: Json, text: str, names: Naming) -> str:
    who = names.person(author(message)) if author(message) else str(message.get("username") or "A bot")
    gap = "\n\n" if text.startswith(("```", "> ", "- ", "1. ")) else " "
    return f"**{who}** ({moment(message['ts']):%Y-%m-%d %H:%M}):{gap}{text}"


def _draft(document_id: str, kind: Kind, messages: Sequence[Json]) -> Draft:
    return Draft(
        id=document_id,
        kind=kind,
        first=messages[0]["ts"],
        last=max(str(messages[-1].get("latest_reply") or ""), messages[-1]["ts"]),
        user=author(messages[0]),
        digest=_digest(messages),
        messages=messages,
    )


def _digest(messages: Iterable[Json]) -> str:
    """Equal while the messages, and the number of replies to them, are."""
    told = ("ts", "text", "user", "edited", "subtype", "reply_count", "latest_reply")
    facts = [[[message.get(name) for name in told], list(_file_ids(message))] for message in messages]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]


def _file_ids(message: Json) -> Iterator[Any]:
    for file in message.get("files") or []:
        yield [file.get("id"), file.get("title"), file.get("mode")]


def _searched(message: Json) -> str:
    files = " ".join(str(file.get("title") or "") for file in message.get("files") or [])
    return f"{message.get('text') or ''} {files}"


def _is_reply(message: Json) -> bool:
    """A reply that was also sent to the channel; it belongs to its thread."""
    return bool(message.get("thread_ts")) and message["thread_ts"] != message["ts"]


def _first_words(text: str) -> str:
    lines = (plain_text(line.strip("> -")) for line in text.splitlines() if not line.startswith("```"))
    line = next((line for line in lines if says_anything(line)), "")
    return line if len(line) <= _TITLE else line[:_TITLE].rsplit(" ", 1)[0] + " …"
