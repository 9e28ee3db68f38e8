"""The way back to the thread: read it, show that we are at it, let the answer grow, put the final message in its place.

That we are at it is shown by a status where Slack has one, and else by a placeholder. Every message we post carries our question's
id as metadata, so that a message whose ts was never noted (the worker died, the reply to the post was lost) is found again instead
of posted twice. A stream begins without metadata: one of ours in the thread that no question has noted is taken for lost, and taken up.
"""

import logging
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from time import time
from typing import Any, Literal, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from rag.domain import Turn
from workers.growing import GrowingMessage, Note
from workers.ledger import Claimed, Incoming
from workers.pacing import NotYet
from workers.rendering import Rendered, plain_mentions
from workers.slack_errors import MessageGone, MessageRefused, StillStreaming, slack_errors

Streaming = Literal["streams", "edits", "off"]
"""How an answer is shown while it is written: as Slack streams it, by edits of a message, not at all."""

PLACEHOLDER = "Looking through the documents …"
STATUS = "is looking through the documents …"
LOADING = (
    "Looking through the documents …",
    "Reading what I found …",
    "Holding the answer against its sources …",
)
EVENT_TYPE = "footnote_answer"

_PAGE = 200  # messages in a page of a thread
_PAGES = 10  # pages of a thread that are read
_LOST_SECONDS = 5.0  # a stream that nobody has noted for this long has lost its worker

Known = Callable[[str, str, str], bool]
"""Whether the message of this team, channel and ts is that of a question."""

log = logging.getLogger(__name__)


class Replies(Protocol):
    """What a job needs of Slack. All methods raise SlackUnavailable (try again) or ReplyImpossible (never will)."""

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:
        """The messages of the thread before the question, oldest first."""

    def find(self, claimed: Claimed) -> str | None:
        """The ts of the message already posted for this question, if there is one."""

    def begin(self, claimed: Claimed) -> str | None:
        """Show that we are at it; the ts of the placeholder, None where there is a status instead."""

    def growing(self, claimed: Claimed, ts: str | None, note: Note) -> GrowingMessage | None:
        """The message that may grow while the answer is written; None where nothing is shown before the end."""

    def somebody_replied(self, incoming: Incoming) -> bool:
        """Whether a person wrote in the thread below the question."""

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> None:
        """Put the final message in the place of what stands there, or post it; where there is a ts, doing it twice changes nothing."""

    def withdraw(self, claimed: Claimed) -> None:
        """Take away what was posted for this question; doing it twice changes nothing."""


class SlackReplies:
    """Replies by Slack's Web API. `client` must not retry by itself: a blind second post would be a second message.

    `known` tells messages of questions from lost ones.
    """

    def __init__(
        self,
        client: WebClient,
        *,
        known: Known | None = None,
        streaming: Streaming = "streams",
        now: Callable[[], float] = time,
    ) -> None:
        self._client = client
        self._known = known
        self._streaming = streaming
        self._now = now

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
            if _question_of(message) == claimed.question_id or self._is_lost(message, incoming):
                return str(message["ts"])
        return None

    def _is_lost(self, message: dict[str, Any], incoming: Incoming) -> bool:
        """Whether it is a stream of ours, begun after the question, that no question knows of."""
        return (
            self._known is not None
            and bool(incoming.thread_ts)
            and bool(message.get("streaming_state"))
            and message.get("user") == self._own_user_id
            and _question_of(message) is None
            and float(message["ts"]) > float(incoming.ts)
            and float(message["ts"]) < self._now() - _LOST_SECONDS
            and not self._known(incoming.team_id, incoming.channel_id, str(message["ts"]))
        )

    def begin(self, claimed: Claimed) -> str | None:
        if show_status(self._client, claimed.incoming):
            return None
        return self._post(claimed, Rendered(PLACEHOLDER, []))

    def growing(self, claimed: Claimed, ts: str | None, note: Note) -> GrowingMessage | None:
        if self._streaming == "off" or claimed.incoming.unasked:
            return None
        return GrowingMessage(
            self._client,
            claimed,
            ts,
            streams=self._streaming == "streams" and bool(claimed.incoming.thread_ts),
            note=note,
            post=partial(self._post, claimed),
            edit=partial(self._update, claimed),
            now=self._now,
        )

    def somebody_replied(self, incoming: Incoming) -> bool:
        return any(
            not message.get("bot_id") and not _before(message, incoming.ts) and message["ts"] != incoming.ts
            for message in self._thread(incoming)
        )

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> None:
        put = partial(self._post, claimed) if ts is None else partial(self._replace, claimed, ts)
        try:
            put(message)
        except MessageRefused as error:
            log.error("message not accepted, sent as text alone id=%s (%s)", claimed.question_id, error)  # noqa: TRY400
            put(Rendered(message.text, []))

    def withdraw(self, claimed: Claimed) -> None:
        show_status(self._client, claimed.incoming, "")
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

    def _replace(self, claimed: Claimed, ts: str, message: Rendered) -> None:
        try:
            self._update(claimed, ts, message)
        except MessageGone:
            # Somebody deleted it; the thread may still be there.
            self._post(claimed, message)

    def _update(self, claimed: Claimed, ts: str, message: Rendered) -> None:
        """Put the message in the place of another, a stream of a worker that died included."""
        try:
            self._change(claimed, ts, message)
        except StillStreaming:
            with slack_errors():
                self._client.chat_stopStream(channel=claimed.incoming.channel_id, ts=ts)
            self._change(claimed, ts, message)

    def _change(self, claimed: Claimed, ts: str, message: Rendered) -> None:
        with slack_errors():
            self._client.chat_update(
                channel=claimed.incoming.channel_id,
                ts=ts,
                text=message.text,
                blocks=message.blocks,
                metadata=_metadata(claimed),
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
            )

    def _post(self, claimed: Claimed, message: Rendered) -> str:
        with slack_errors():
            posted = self._client.chat_postMessage(
                channel=claimed.incoming.channel_id,
                thread_ts=claimed.incoming.thread_ts or None,
                text=message.text,
                blocks=message.blocks or None,
                metadata=_metadata(claimed),
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


def show_status(client: WebClient, incoming: Incoming, status: str = STATUS) -> bool:
    """Show a status in the thread, until a message comes there or two minutes have passed; "" takes it away. Whether Slack did."""
    if not incoming.thread_ts or incoming.is_private or incoming.unasked:
        return False
    try:
        client.assistant_threads_setStatus(
            channel_id=incoming.channel_id,
            thread_ts=incoming.thread_ts,
            status=status,
            loading_messages=list(LOADING) if status else None,
        )
    except NotYet:
        return True  # or as good as: so many are shown just now that a placeholder would only add to it
    except (SlackApiError, SlackClientError, OSError) as error:
        log.debug("no status shown (%s)", type(error).__name__)
        return False
    return True


def _metadata(claimed: Claimed) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"question_id": claimed.question_id}}


def _question_of(message: dict[str, Any]) -> str | None:
    """The question that a message of ours answers."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return str(metadata.get("event_payload", {}).get("question_id"))


def _before(message: dict[str, Any], ts: str) -> bool:
    return float(str(message["ts"])) < float(ts)
