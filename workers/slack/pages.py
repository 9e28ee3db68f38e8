"""Lists that Slack gives page by page."""

from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient

from ingestion.sources.slack_answers import cursor_of
from workers.slack.errors import slack_errors

_PAGE = 1000


def pages(client: WebClient, method: str, items: str, **arguments: str) -> Iterator[Any]:
    """What stands under `items` in all pages of a method's answer. Raises SlackUnavailable, ReplyImpossible, at each page."""
    given: dict[str, Any] = {"limit": _PAGE, **arguments}
    while True:
        with slack_errors():
            page = client.api_call(method, params=given)
        yield from page[items]
        given["cursor"] = cursor_of(page)
        if not given["cursor"]:
            return
