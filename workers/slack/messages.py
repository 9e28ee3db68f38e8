"""A message of ours in a channel, written and changed: markup and links in it are taken as they stand, and nothing is unfolded below."""

from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient

from workers.rendering import Rendered
from workers.slack.errors import slack_errors

Metadata = dict[str, Any]

_AS_IT_STANDS: Mapping[str, Any] = {"parse": "none", "unfurl_links": False, "unfurl_media": False}


def post(
    client: WebClient,
    channel_id: str,
    message: Rendered,
    *,
    thread_ts: str | None = None,
    metadata: Metadata | None = None,
    also_in_channel: bool = False,
) -> str:
    """Its timestamp. `also_in_channel`: a thread's message is shown there, too. Raises SlackUnavailable, ReplyImpossible."""
    with slack_errors():
        posted: Any = client.chat_postMessage(
            channel=channel_id,
            thread_ts=thread_ts,
            reply_broadcast=True if thread_ts and also_in_channel else None,
            text=message.text,
            blocks=message.blocks or None,
            metadata=metadata,
            **_AS_IT_STANDS,
        )
    return str(posted["ts"])


def change(
    client: WebClient, channel_id: str, ts: str, message: Rendered, *, metadata: Metadata | None = None
) -> None:
    """Put it in the place of the message `ts`; without `metadata`, that stays. Raises SlackUnavailable, ReplyImpossible, MessageGone."""
    with slack_errors():
        client.chat_update(
            channel=channel_id,
            ts=ts,
            text=message.text,
            blocks=message.blocks,
            metadata=metadata,
            **_AS_IT_STANDS,
        )
