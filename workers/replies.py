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
from rag.errors import DatabaseUnavailable, ReplyImpossible, SlackUnavailable
from workers.asked import Claimed, Incoming
from workers.channels import SettingsOf, as_everywhere
from workers.growing import GrowingMessage, Note
from workers.languages import Say, sayer
from workers.rendering import Rendered, plain_mentions
from workers.slack.errors import MessageGone, MessageRefused, StillStreaming, slack_errors
from workers.slack.messages import change, post
from workers.slack.pacing import NotYet
from workers.slack.threads import PAGE, is_marked, mark, messages, part_of

Streaming = Literal["streams", "edits", "off"]
"""How an answer is shown while it is written: as Slack streams it, by edits of a message, not at all."""

PLACEHOLDER = "Looking through the documents …"
STATUS = "is looking through the documents …"
LOADING = (
    "Looking through the documents …",
    "Reading what I found …",
    "Holding the answer against its sources …",
)

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

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> str | None:
        """Put the final message in the place of what stands there, or post it, and its further parts below. Its ts, if it has one.

        Where there is a ts, doing it twice changes nothing.
        """

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
        settings_of: SettingsOf = as_everywhere,
    ) -> None:
        self._settings_of = settings_of
        self._client = client
        self._known = known
        self._streaming = streaming
        self._now = now

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
        ours = (
            message
            for message in messages_there
            if part_of(message, claimed.question_id) == 0 or self._is_lost(message, incoming)
        )
        return next((str(message["ts"]) for message in ours), None)

    def _is_lost(self, message: dict[str, Any], incoming: Incoming) -> bool:
        """Whether it is a stream of ours, begun after the question, that no question knows of."""
        return (
            self._known is not None
            and bool(incoming.thread_ts)
            and bool(message.get("streaming_state"))
            and message.get("user") == self._own_user_id
            and not is_marked(message)
            and not (incoming.is_written and _before(message, incoming))
            and float(message["ts"]) < self._now() - _LOST_SECONDS
            and not self._known(incoming.team_id, incoming.channel_id, str(message["ts"]))
        )

    def begin(self, claimed: Claimed) -> str | None:
        if show_status(self._client, claimed.incoming, settings_of=self._settings_of):
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
            not message.get("bot_id") and not _before(message, incoming) and message["ts"] != incoming.ts
            for message in self._thread(incoming.channel_id, incoming.thread_ts)
        )

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> str | None:
        put = partial(self._post, claimed) if ts is None else partial(self._replace, claimed, ts)
        first = self._accepted(claimed, message, put)
        try:
            self._finish_below(claimed, first, message)
        except NotYet as error:
            # Of NotYet it is believed that nothing stands there that nobody has noted.
            raise SlackUnavailable(str(error), retry_after_seconds=error.retry_after_seconds) from error
        return first

    def _finish_below(self, claimed: Claimed, first: str, message: Rendered) -> None:
        """The further parts, each in the place of what stands there for it."""
        # The first time nothing can be there yet; later there may be parts, of an answer that was longer, too.
        posted = self._parts(claimed, first) if claimed.unsure else {}
        for number, part in enumerate(message.more, start=1):
            if number in posted:
                self._accepted(
                    claimed, part, partial(self._replace, claimed, posted.pop(number), part=number)
                )
            else:
                self._accepted(claimed, part, partial(self._post, claimed, part=number, below=first))
        for left_over in posted.values():
            self._delete(claimed, left_over)

    def withdraw(self, claimed: Claimed) -> None:
        show_status(self._client, claimed.incoming, "")
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
            self._update(claimed, ts, message, part=part)
        except MessageGone:
            return self._post(claimed, message, part=part)
        return ts

    def _update(self, claimed: Claimed, ts: str, message: Rendered, *, part: int = 0) -> None:
        """Put the message in the place of another, a stream of a worker that died included."""
        try:
            self._change(claimed, ts, message, part)
        except StillStreaming:
            with slack_errors():
                self._client.chat_stopStream(channel=claimed.incoming.channel_id, ts=ts)
            self._change(claimed, ts, message, part)

    def _change(self, claimed: Claimed, ts: str, message: Rendered, part: int) -> None:
        metadata = mark(claimed.question_id, part)
        change(self._client, claimed.incoming.channel_id, ts, message, metadata=metadata)

    def _post(self, claimed: Claimed, message: Rendered, *, part: int = 0, below: str | None = None) -> str:
        """`below`: the message whose thread it goes to where the question has none."""
        asked, metadata = claimed.incoming, mark(claimed.question_id, part)
        thread_ts = asked.thread_ts or below
        return post(self._client, asked.channel_id, message, thread_ts=thread_ts, metadata=metadata)

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


def show_status(
    client: WebClient, incoming: Incoming, status: str = STATUS, *, settings_of: SettingsOf = as_everywhere
) -> bool:
    """Show a status in the thread, until a message comes there or two minutes have passed; "" takes it away. Whether Slack did."""
    if not incoming.thread_ts or incoming.is_private or incoming.unasked:
        return False
    say = _sayer_of(incoming, settings_of) if status else str
    try:
        client.assistant_threads_setStatus(
            channel_id=incoming.channel_id,
            thread_ts=incoming.thread_ts,
            status=say(status),
            loading_messages=[*map(say, LOADING)] if status else None,
        )
    except NotYet:
        return True  # or as good as: so many are shown just now that a placeholder would only add to it
    except (SlackApiError, SlackClientError, SlackUnavailable, OSError) as error:
        log.debug("no status shown (%s)", type(error).__name__)
        return False
    return True


def _sayer_of(incoming: Incoming, settings_of: SettingsOf) -> Say:
    """The channel's language; a status is a courtesy, and where that is not known now, the asker's will do."""
    try:
        language = settings_of(incoming.channel_id).language
    except DatabaseUnavailable:
        language = None
    return sayer(incoming.text, language)


def _before(message: dict[str, Any], incoming: Incoming) -> bool:
    """A question by a click stands nowhere in the thread: all of it came before."""
    return not incoming.is_written or float(str(message["ts"])) < float(incoming.ts)
