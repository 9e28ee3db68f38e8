"""The way back to the thread: read it, put a placeholder, replace it by the final message.

Every message we post carries our question's id as metadata, so that a message whose ts was never noted (the worker died,
the reply to the post was lost) is found again instead of posted twice.
"""

import logging
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any, Protocol

from slack_sdk import WebClient

from rag.domain import Turn
from rag.errors import ReplyImpossible
from workers.ledger import Claimed, Incoming
from workers.rendering import Rendered, plain_mentions
from workers.slack_errors import MessageGone, MessageRefused, slack_errors
from workers.threads import PAGE, mark, messages, part_of

PLACEHOLDER = "Looking through the documents …"

log = logging.getLogger(__name__)


class Replies(Protocol):
    """What a job needs of Slack. All methods raise SlackUnavailable (try again) or ReplyImpossible (never will)."""

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:
        """The messages of the thread before the question, oldest first."""

    def find(self, claimed: Claimed) -> str | None:
        """The ts of the message already posted for this question, if there is one."""

    def begin(self, claimed: Claimed) -> str:
        """Post the placeholder; its ts."""

    def finish(self, claimed: Claimed, ts: str, message: Rendered) -> None:
        """Replace the placeholder by the final message and put its further parts below; doing it twice changes nothing."""

    def withdraw(self, claimed: Claimed) -> None:
        """Take away what was posted for this question; doing it twice changes nothing."""


class SlackReplies:
    """Replies by Slack's Web API. `client` must not retry by itself: a blind second post would be a second message."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:
        if incoming.thread_ts in {incoming.ts, ""}:
            return ()
        thread = messages(self._client, incoming.channel_id, incoming.thread_ts)
        earlier = [message for message in thread if _before(message, incoming)]
        turns = (Turn(self._author(message, incoming), self._text(message)) for message in earlier)
        return tuple(turn for turn in turns if turn.text and turn.text != PLACEHOLDER)

    def find(self, claimed: Claimed) -> str | None:
        incoming = claimed.incoming
        messages_there = (
            self._thread(incoming.channel_id, incoming.thread_ts)
            if incoming.thread_ts
            else self._latest(incoming)
        )
        first = (message for message in messages_there if part_of(message, claimed.question_id) == 0)
        return next((str(message["ts"]) for message in first), None)

    def begin(self, claimed: Claimed) -> str:
        return self._post(claimed, Rendered(PLACEHOLDER, []))

    def finish(self, claimed: Claimed, ts: str, message: Rendered) -> None:
        ts = self._accepted(claimed, message, partial(self._replace, claimed, ts))
        # The first time nothing can be there yet; later there may be parts, of an answer that was longer, too.
        posted = self._parts(claimed, ts) if claimed.attempt > 1 else {}
        for number, part in enumerate(message.more, start=1):
            if number in posted:
                self._accepted(
                    claimed, part, partial(self._replace, claimed, posted.pop(number), part=number)
                )
            else:
                self._accepted(claimed, part, partial(self._post, claimed, part=number, below=ts))
        for left_over in posted.values():
            self._delete(claimed, left_over)

    def withdraw(self, claimed: Claimed) -> None:
        for ts in self._parts(claimed, claimed.placeholder_ts).values():
            self._delete(claimed, ts)
        if claimed.placeholder_ts:
            self._delete(claimed, claimed.placeholder_ts)
        if found := self.find(claimed):  # one that was never noted, or was posted in the place of the first
            self._delete(claimed, found)

    def _accepted(self, claimed: Claimed, message: Rendered, send: Callable[[Rendered], str]) -> str:
        """Send a message, its text alone where Slack finds fault with the blocks."""
        try:
            return send(message)
        except MessageRefused as error:
            log.error("message not accepted, sent as text alone id=%s (%s)", claimed.question_id, error)  # noqa: TRY400
            return send(Rendered(message.text, []))

    def _parts(self, claimed: Claimed, first: str | None) -> dict[int, str]:
        """The further parts that were posted below the first message: ts by number."""
        thread_ts = claimed.incoming.thread_ts or first
        try:
            found = [*self._thread(claimed.incoming.channel_id, thread_ts)] if thread_ts else []
        except ReplyImpossible:  # nobody is left in that thread
            return {}
        numbers = ((part_of(message, claimed.question_id), str(message["ts"])) for message in found)
        return {number: ts for number, ts in numbers if number}

    def _delete(self, claimed: Claimed, ts: str) -> None:
        try:
            with slack_errors():
                self._client.chat_delete(channel=claimed.incoming.channel_id, ts=ts)
        except MessageGone:
            log.debug("nothing left to take away id=%s", claimed.question_id)

    def _replace(self, claimed: Claimed, ts: str, message: Rendered, *, part: int = 0) -> str:
        """The ts of the message, a new one where somebody deleted the old; the thread may still be there."""
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
            return self._post(claimed, message, part=part)
        return ts

    def _post(self, claimed: Claimed, message: Rendered, *, part: int = 0, below: str | None = None) -> str:
        """`below`: the message whose thread it goes to where the question has none."""
        with slack_errors():
            posted = self._client.chat_postMessage(
                channel=claimed.incoming.channel_id,
                thread_ts=claimed.incoming.thread_ts or below,
                text=message.text,
                blocks=message.blocks or None,
                metadata=mark(claimed.question_id, part),
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
            )
            return str(posted["ts"])

    def _latest(self, incoming: Incoming) -> list[dict[str, Any]]:
        """What was said in the channel last."""
        with slack_errors():
            page = self._client.conversations_history(
                channel=incoming.channel_id, limit=PAGE, include_all_metadata=True
            )
            return list(page["messages"])

    def _thread(self, channel_id: str, thread_ts: str) -> Iterator[dict[str, Any]]:
        return messages(self._client, channel_id, thread_ts, include_all_metadata=True)

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


def _before(message: dict[str, Any], incoming: Incoming) -> bool:
    """A question by a click stands nowhere in the thread: all of it came before."""
    return not incoming.is_written or float(str(message["ts"])) < float(incoming.ts)
