"""What somebody is told: in a thread, alone, or in the place of the message that was clicked."""

import logging
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from workers.rendering import Rendered
from workers.slack_errors import slack_errors

log = logging.getLogger(__name__)


def told(
    client: WebClient, event: dict[str, Any], message: Rendered, *, mark: dict[str, Any] | None = None
) -> str:
    """In the thread of the message that an event tells of; its timestamp. `mark`: metadata to know it by.

    Raises SlackUnavailable, ReplyImpossible.
    """
    with slack_errors():
        posted: Any = client.chat_postMessage(
            channel=event["channel"],
            thread_ts=event.get("thread_ts") or event["ts"],
            text=message.text,
            blocks=message.blocks,
            metadata=mark,
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )
    return str(posted["ts"])


def whispered(client: WebClient, event: dict[str, Any], text: str) -> None:
    """To who wrote it, alone. Raises SlackUnavailable, ReplyImpossible."""
    thread_ts = event.get("thread_ts") or event["ts"]
    with slack_errors():
        client.chat_postEphemeral(
            channel=event["channel"], thread_ts=thread_ts, user=event["user"], text=text
        )


def replaced(respond: Respond, message: Rendered) -> None:
    """In the place of what was clicked; where that fails, what was clicked is done all the same."""
    try:
        respond(text=message.text, blocks=message.blocks, replace_original=True)
    except (SlackApiError, SlackClientError, OSError) as error:
        log.warning("buttons not replaced (%s)", type(error).__name__)
