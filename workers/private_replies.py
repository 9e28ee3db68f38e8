"""Answers to their asker alone, by the address that Slack gives with a slash command: half an hour, five messages.

Slack shows them in the channel to nobody else and keeps no history of them. So nothing can be found again: a worker that dies between
the post and the note of it makes the asker see the answer twice.
"""

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.webhook import WebhookClient

from rag.domain import Turn
from rag.errors import ReplyImpossible
from workers.asked import Claimed, Incoming
from workers.elements import rich_text, section, text_element
from workers.growing import GrowingMessage, Note
from workers.rendering import Rendered
from workers.replies import Replies
from workers.slack.errors import slack_errors, unavailable

_GONE = frozenset({404, 410})
_TIMEOUT_SECONDS = 10
_SENT = "private"
_MESSAGES = 4  # of the address's five, one is perhaps spent on the placeholder
_LEFT_OUT = "This answer is longer than can be shown in private: a part of it is left out here. “Share in channel” shows all of it."


class PrivateReplies:
    """`Replies` for questions with a `response_url`."""

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:  # noqa: ARG002 - it stands by itself
        return ()

    def find(self, claimed: Claimed) -> str | None:  # noqa: ARG002 - nobody can
        return None

    def begin(self, claimed: Claimed) -> str:  # noqa: ARG002 - the command was acknowledged with a placeholder
        return _SENT

    def growing(self, claimed: Claimed, ts: str | None, note: Note) -> GrowingMessage | None:  # noqa: ARG002
        return None  # it can be sent, and not changed

    def somebody_replied(self, incoming: Incoming) -> bool:  # noqa: ARG002 - there is nothing to reply to
        return False

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> None:  # noqa: ARG002
        client = WebhookClient(
            str(claimed.incoming.response_url), timeout=_TIMEOUT_SECONDS, retry_handlers=[]
        )
        for part in _as_many_as_go(message):
            _send(client, part)

    def withdraw(self, claimed: Claimed) -> None:
        """Nothing can be taken back, and there was no message to delete."""


def _send(client: WebhookClient, message: Rendered) -> None:
    with slack_errors():
        sent = client.send(
            text=message.text,
            blocks=message.blocks,
            response_type="ephemeral",
            replace_original=False,
            unfurl_links=False,
            unfurl_media=False,
        )
    if sent.status_code in _GONE:
        raise ReplyImpossible("the address of the private answer has expired")
    if sent.status_code >= 400:  # noqa: PLR2004 - HTTP's own word for trouble
        raise unavailable(sent.status_code, sent.headers)


def _as_many_as_go(message: Rendered) -> Sequence[Rendered]:
    """The parts of a message; of too many the first ones, and the last with its sources and buttons, which says so."""
    parts = (message, *message.more)
    if len(parts) <= _MESSAGES:
        return parts
    last = parts[-1]
    note = rich_text([section([text_element(_LEFT_OUT, {"italic": True})])])
    return (*parts[: _MESSAGES - 1], replace(last, blocks=[note, *last.blocks]))


class RepliesBySurface:
    """`Replies` of the surface that a question came by."""

    def __init__(self, shown: Replies, private: Replies) -> None:
        self._shown = shown
        self._private = private

    def history(self, incoming: Incoming) -> tuple[Turn, ...]:
        return self._for(incoming).history(incoming)

    def find(self, claimed: Claimed) -> str | None:
        return self._for(claimed.incoming).find(claimed)

    def begin(self, claimed: Claimed) -> str | None:
        return self._for(claimed.incoming).begin(claimed)

    def growing(self, claimed: Claimed, ts: str | None, note: Note) -> GrowingMessage | None:
        return self._for(claimed.incoming).growing(claimed, ts, note)

    def somebody_replied(self, incoming: Incoming) -> bool:
        return self._for(incoming).somebody_replied(incoming)

    def finish(self, claimed: Claimed, ts: str | None, message: Rendered) -> str | None:
        return self._for(claimed.incoming).finish(claimed, ts, message)

    def withdraw(self, claimed: Claimed) -> None:
        self._for(claimed.incoming).withdraw(claimed)

    def _for(self, incoming: Incoming) -> Replies:
        return self._private if incoming.is_private else self._shown
