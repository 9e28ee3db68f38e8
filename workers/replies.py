"""The way back to the thread: read it, put a placeholder, replace it by the final message.

Every message we post carries our question's id as metadata, so that a message whose ts was never noted (the worker died,
the reply to the post was lost) is found again instead of posted twice.
"""

import logging
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol

from slack_sdk import WebClient

from rag.domain import Turn
from workers.ledger import Claimed, Incoming
from workers.rendering import Rendered, plain_mentions
from workers.slack_errors import MessageGone, MessageRefused, slack_errors

PLACEHOLDER = "Looking through the documents …"
EVENT_TYPE = "footnote_answer"

_PAGE = 200  # messages in a page of a thread
_PAGES = 10  # pages of a thread that are read

log = logging.getLogger(__name__)


class Replies(Protocol):
    """What a job needs of Slack. All methods raise SlackUnavailable (try again) or ReplyImpossible (never will)."""

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:
        """The messages of the thread before the question, oldest first."""

    def find(self, claimed: Claimed) -> str | None:
        """The ts of the message already posted for this question, if there is one."""

    def begin(self, claimed: Claimed) -> str:
        """Post the placeholder; its ts."""

    def somebody_replied(self, incoming: Incoming) -> bool:
        """Whether a person wrote in the thread below the question."""

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> None:
        """Replace the placeholder by the final message; doing it twice changes nothing. Without a placeholder, post it."""

    def withdraw(self, claimed: Claimed) -> None:
        """Take away what was posted for this question; doing it twice changes nothing."""


class SlackReplies:
    """Replies by Slack's Web API. `client` must not retry by itself: a blind second post would be a second message."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:
        if incoming.thread_ts in {incoming.ts, ""}:
            return ()
        earlier = [message for message in self._thread(incoming) if _before(message, incoming.ts)]
        turns = (Turn(self._author(message, incoming), self._text(message)) for message in earlier)
        return tuple(turn for turn in turns if turn.text and turn.text != PLACEHOLDER)

    def find(self, claimed: Claimed) -> str | None:
        incoming = claimed.incoming
        messages = (
            self._thread(incoming, include_all_metadata=True)
            if incoming.thread_ts
            else self._latest(incoming)
        )
        for message in messages:
            metadata = message.get("metadata") or {}
            ours = metadata.get("event_type") == EVENT_TYPE
            if ours and metadata.get("event_payload", {}).get("question_id") == claimed.question_id:
                return str(message["ts"])
        return None

    def begin(self, claimed: Claimed) -> str:
        return self._post(claimed, Rendered(PLACEHOLDER, []))

    def somebody_replied(self, incoming: Incoming) -> bool:
        return any(
            not message.get("bot_id") and not _before(message, incoming.ts) and message["ts"] != incoming.ts
            for message in self._thread(incoming)
        )

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> None:
        try:
            self._show(claimed, ts, message)
        except MessageRefused as error:
            log.error("message not accepted, sent as text alone id=%s (%s)", claimed.question_id, error)  # noqa: TRY400
            self._show(claimed, ts, Rendered(message.text, []))

    def withdraw(self, claimed: Claimed) -> None:
        if claimed.placeholder_ts:
            self._delete(claimed, claimed.placeholder_ts)
        if ts := self.find(claimed):  # one that was never noted, or was posted in the place of the first
            self._delete(claimed, ts)

    def _delete(self, claimed: Claimed, ts: str) -> None:
        try:
            with slack_errors():
                self._client.chat_delete(channel=claimed.incoming.channel_id, ts=ts)
        except MessageGone:
            log.debug("nothing left to take away id=%s", claimed.question_id)

    def _show(self, claimed: Claimed, ts: str | None, message: Rendered) -> None:
        if ts is None:
            self._post(claimed, message)
        else:
            self._replace(claimed, ts, message)

    def _replace(self, claimed: Claimed, ts: str, message: Rendered) -> None:
        try:
            with slack_errors():
                self._client.chat_update(
                    channel=claimed.incoming.channel_id,
                    ts=ts,
                    text=message.text,
                    blocks=message.blocks,
                    unfurl_links=False,
                    unfurl_media=False,
                    parse="none",
                )
        except MessageGone:
            # Somebody deleted the placeholder; the thread may still be there.
            self._post(claimed, message)

    def _post(self, claimed: Claimed, message: Rendered) -> str:
        with slack_errors():
            posted = self._client.chat_postMessage(
                channel=claimed.incoming.channel_id,
                thread_ts=claimed.incoming.thread_ts or None,
                text=message.text,
                blocks=message.blocks or None,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"question_id": claimed.question_id}},
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
            )
            return str(posted["ts"])

    def _latest(self, incoming: Incoming) -> list[dict[str, Any]]:
        """What was said in the channel last."""
        with slack_errors():
            page = self._client.conversations_history(
                channel=incoming.channel_id, limit=_PAGE, include_all_metadata=True
            )
            return list(page["messages"])

    def _thread(self, incoming: Incoming, *, include_all_metadata: bool = False) -> Iterator[dict[str, Any]]:
        """Every message of the thread, oldest first, page by page."""
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(_PAGES):
            with slack_errors():
                page = self._client.conversations_replies(
                    channel=incoming.channel_id,
                    ts=incoming.thread_ts,
                    cursor=cursor,
                    limit=_PAGE,
                    include_all_metadata=include_all_metadata,
                )
            # Slack begins every page with the thread's first message.
            fresh = [message for message in page["messages"] if message["ts"] not in seen]
            seen.update(message["ts"] for message in fresh)
            yield from fresh
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    def _text(self, message: dict[str, Any]) -> str:
        """As people read it, without the mention of the bot."""
        return plain_mentions(str(message.get("text", "")).replace(f"<@{self._own_user_id}>", ""))

    def _author(self, message: dict[str, Any], incoming: Incoming) -> Any:
        if message.get("user") == self._own_user_id:
            return "bot"
        return "asker" if message.get("user") == incoming.user_id else "other"

    @cached_property
    def _own_user_id(self) -> str:
        with slack_errors():
            return str(self._client.auth_test()["user_id"])


def _before(message: dict[str, Any], ts: str) -> bool:
    return float(str(message["ts"])) < float(ts)
