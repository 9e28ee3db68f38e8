"""Content: what a message is to say, read from a call and checked as strictly as Slack checks it."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.arguments import Arguments
from sandbox.block_kit import MARKDOWN_CHARACTERS, check_blocks, markdown_length
from sandbox.errors import SlackError
from sandbox.shapes import Json

POSTED_TEXT_CHARACTERS = 40_000
UPDATED_TEXT_CHARACTERS = 4_000
_METADATA_BYTES = 16_000
_ATTACHMENTS = 100
_POSTING_FLAGS = (
    "unfurl_links",
    "unfurl_media",
    "mrkdwn",
    "parse",
    "link_names",
    "icon_emoji",
    "icon_url",
    "reply_broadcast",
)


@dataclass(frozen=True)
class Content:
    """Text, blocks, attachments and metadata of a message; None where the call left them out."""

    text: str
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None
    posting: Json
    truncated: bool = False


def read_content(arguments: Arguments) -> Content:
    """What a call wants said. Raises SlackError: no_text, invalid_blocks, metadata and length errors."""
    text, markdown = arguments.text("text") or "", arguments.text("markdown_text")
    blocks = read_blocks(arguments)
    attachments = arguments.structure("attachments", error="invalid_attachments")
    if markdown is not None:
        if text or blocks is not None:
            raise SlackError("markdown_text_conflict")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
        check_markdown(markdown)
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    if len(attachments or []) > _ATTACHMENTS:
        raise SlackError("too_many_attachments")
    return Content(
        text=text[:POSTED_TEXT_CHARACTERS],
        blocks=blocks,
        attachments=attachments,
        metadata=read_metadata(arguments),
        posting=arguments.only(*_POSTING_FLAGS),
        truncated=len(text) > POSTED_TEXT_CHARACTERS,
    )


def read_blocks(arguments: Arguments) -> list[Json] | None:
    """The `blocks` of a call. Raises SlackError invalid_blocks_format, invalid_blocks, msg_blocks_too_long."""
    blocks = arguments.structure("blocks", error="invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    refuse(check_blocks(blocks))
    if markdown_length(blocks) > MARKDOWN_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def read_metadata(arguments: Arguments) -> Json | None:
    """The `metadata` of a call: {event_type, event_payload}, {} to remove it, None if left out."""
    metadata: Any = arguments.structure("metadata", error="invalid_metadata_format")
    if metadata is None or metadata == {}:
        return None if metadata is None else {}
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    named = isinstance(metadata.get("event_type"), str) and metadata["event_type"]
    if not named or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > _METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return metadata


def check_markdown(text: str) -> None:
    """Raises SlackError msg_too_long for more Markdown than a call may carry."""
    if len(text) > MARKDOWN_CHARACTERS:
        raise SlackError("msg_too_long")


def refuse(problems: list[str], error: str = "invalid_blocks") -> None:
    """Raises SlackError with the problems, in both places where Slack names them."""
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise SlackError(error, errors=problems, response_metadata={"messages": messages})
