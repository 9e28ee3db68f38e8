"""The answers that people verified in one conversation of Slack.

They stand in our own database (`ingestion.verified`); Slack is asked only whether a channel of which all members may read them is
still public. What is kept of a conversation is never read by more people than the conversation itself.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped
from ingestion.sources.slack_conversations import is_shared
from ingestion.sources.slack_notes import Notes
from ingestion.sources.slack_reading import SlackReader
from ingestion.verified import Kept
from rag.domain import MEMBERS, channel_readers
from rag.errors import SourceGone, SourceUnavailable

KIND = "answers"


def readers_of(conversation: Mapping[str, Any]) -> frozenset[str]:
    """Who may read what is verified in a conversation (an answer of conversations.info): those who are in it, and of a public
    channel all members, who may read it in Slack, too.
    """
    own = channel_readers(conversation["id"])
    closed = conversation.get("is_private", True) or conversation.get("is_im") or conversation.get("is_mpim")
    return frozenset({own}) if closed or is_shared(conversation) else frozenset({own, MEMBERS})


class Answers:
    """Of the conversation that `registered.location` is the id of."""

    def __init__(self, registered: RegisteredSource, means: Means) -> None:
        self._registered = registered
        self._verified = means.verified
        self._slack = SlackReader(means.settings.slack)
        self._notes = Notes(means.memory)

    def count(self) -> int | None:
        return None

    def originals(self) -> Iterator[Original | Skipped]:
        """The answers, by the messages that they were made of, oldest first."""
        if not self._registered.readers <= self._most_readers():
            self._notes.found_private()
            raise SourceUnavailable(
                f"{self._registered.name}: more people would read them than the conversation. The bot sees to it."
            )
        changes = self._notes.changes()
        kept = self._verified()
        yield from map(_original, kept)
        if not kept:  # all were deleted, which is no reason to doubt it
            yield Skipped(self._registered.name, "conversations in which nothing is verified")
        self._notes.settle(changes)

    def _most_readers(self) -> frozenset[str]:
        """Those of the conversation as it is now; of one that is not shown to us any more, only those in it."""
        location = self._registered.location
        own = frozenset({channel_readers(location)})
        if self._registered.readers == own:
            return own
        try:
            return readers_of(self._slack.call("conversations.info", channel=location)["channel"])
        except SourceGone:
            return own


def _original(kept: Kept) -> Original:
    verified = kept.verified
    return Original(
        id=kept.id,
        name=f"{kept.id}.md",
        url=verified.url,
        version=kept.saved_at.isoformat(),
        read=partial(_read, kept),
        media_type="text/markdown",
        updated_at=kept.saved_at,
        author=verified.owner_name,
        review_at=verified.review_at,
    )


def _read(kept: Kept) -> bytes:
    """The question is front matter and no heading: a heading would get an anchor, which Slack's links do not have."""
    title = " ".join(kept.verified.question.split())
    return f"---\ntitle: {json.dumps(title)}\n---\n\n{kept.verified.answer}\n".encode()
