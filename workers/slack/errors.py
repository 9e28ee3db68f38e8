"""Slack's errors as ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from ingestion.sources.slack_answers import code_of, status_of
from rag.errors import Permanent, ReplyImpossible, SlackUnavailable

_GONE = frozenset(
    {
        "channel_not_found", "is_archived", "not_in_channel", "thread_not_found", "message_not_found", "restricted_action",
        "account_inactive", "token_revoked", "cannot_reply_to_message", "access_denied", "team_not_found",
    }
)  # fmt: skip
_FAULTY = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_arguments"}
)


class MessageGone(ReplyImpossible):
    """The message to change was deleted."""


class MessageRefused(SlackUnavailable):
    """Slack finds fault with the blocks."""


class StillStreaming(SlackUnavailable):
    """The message to change is a stream that has not ended."""


@contextmanager
def slack_errors() -> Iterator[None]:
    """A worker's calls to Slack's Web API go in here; no exception of the client comes out."""
    try:
        yield
    except SlackApiError as error:
        raise slack_error(error) from error
    except (SlackClientError, OSError) as error:
        raise SlackUnavailable(f"Slack did not answer ({type(error).__name__})") from error


def slack_error(error: SlackApiError) -> SlackUnavailable | Permanent:
    """What an error answer of Slack means for us."""
    code = code_of(error.response)
    if code == "message_not_found":
        return MessageGone(f"Slack answered {code}")
    if code == "streaming_state_conflict":
        return StillStreaming(f"Slack answered {code}")
    if code in _FAULTY:
        return MessageRefused(f"Slack answered {code}")
    if code in _GONE:
        return ReplyImpossible(f"Slack answered {code}")
    headers = getattr(error.response, "headers", None) or {}
    return unavailable(code or status_of(error.response), headers)


def unavailable(answered: str | int, headers: Mapping[str, Any]) -> SlackUnavailable:
    """Slack answered with something that may pass, and perhaps said after how many seconds."""
    retry_after = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    seconds = float(str(retry_after)) if str(retry_after).isdigit() else None
    return SlackUnavailable(f"Slack answered {answered}", retry_after_seconds=seconds)
