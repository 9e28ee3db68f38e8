"""What somebody is told: in a thread, alone, or in the place of the message that was clicked."""

import logging
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from workers.admin.source_admin import Asker
from workers.rendering import Rendered
from workers.slack.errors import slack_errors
from workers.slack.messages import post

log = logging.getLogger(__name__)


def told(
    client: WebClient, event: dict[str, Any], message: Rendered, *, mark: dict[str, Any] | None = None
) -> str:
    """In the thread of the message that an event tells of; its timestamp. `mark`: metadata to know it by.

    Raises SlackUnavailable, ReplyImpossible.
    """
    return post(
        client, event["channel"], message, thread_ts=event.get("thread_ts") or event["ts"], metadata=mark
    )


def whispered(client: WebClient, event: dict[str, Any], text: str) -> None:
    """To who wrote it, alone. Raises SlackUnavailable, ReplyImpossible."""
    thread_ts = event.get("thread_ts") or event["ts"]
    with slack_errors():
        client.chat_postEphemeral(
            channel=event["channel"], thread_ts=thread_ts, user=event["user"], text=text
        )


def handed(client: WebClient, to: Asker, filename: str, content: str, *, title: str) -> None:
    """A file, in the thread where it was asked for. Raises SlackUnavailable, ReplyImpossible."""
    with slack_errors():
        client.files_upload_v2(
            channel=to.channel_id,
            thread_ts=to.thread_ts,
            filename=filename,
            title=title,
            content=content,
        )


def hinted(respond: Respond, text: str) -> None:
    """To who clicked or typed, alone; what was clicked stays."""
    respond(text=text, response_type="ephemeral", replace_original=False)


def replaced(respond: Respond, message: Rendered) -> None:
    """In the place of what was clicked; where that fails, what was clicked is done all the same."""
    try:
        respond(text=message.text, blocks=message.blocks, replace_original=True)
    except (SlackApiError, SlackClientError, OSError) as error:
        log.warning("buttons not replaced (%s)", type(error).__name__)
