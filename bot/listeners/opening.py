"""A modal shown, if it can be."""

import logging
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

log = logging.getLogger(__name__)


def opened(client: WebClient, trigger_id: str, view: dict[str, Any]) -> None:
    """Show a modal; where that fails, what was clicked is noted all the same."""
    try:
        client.views_open(trigger_id=trigger_id, view=view)
    except (SlackApiError, SlackClientError, OSError) as error:
        log.warning("a form could not be opened (%s)", type(error).__name__)
