"""The Web API client that all calls to Slack go through: never faster than Slack allows, whoever else calls."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from ingestion.sources.slack_answers import code_of, status_of
from rag.noting import count
from rag.settings import SlackSettings
from workers.slack.errors import unavailable
from workers.slack.limits import DISPENSABLE, lane_of, lanes_of
from workers.slack.pacing import NotYet, Pace, standing

PATIENCE_SECONDS = 2.0
"""How long a thread may stand in line: about as long as the sweep takes to bring back a job that was sent away instead."""

_TOO_MANY = 429
_USUAL_PAUSE_SECONDS = 1.0  # where Slack does not say


class PacedClient(WebClient):
    """Waits for the turn of each call, raises NotYet where that is too far off, and tells all when Slack asks for a pause.

    One in a `hurry` waits for nothing.
    """

    def __init__(
        self, pace: Pace, *, hurry: bool = False, sleep: Callable[[float], None] = time.sleep, **options: Any
    ) -> None:
        super().__init__(**options)
        self._pace = pace
        self._hurry = hurry
        self._sleep = sleep

    def api_call(self, api_method: str, **request: Any) -> SlackResponse:
        self._wait(api_method, request.get("json") or request.get("params") or request.get("data") or {})
        count("slack call", method=api_method)
        try:
            return super().api_call(api_method, **request)
        except (SlackClientError, OSError) as error:
            count("slack error", method=api_method, error=_code(error))
            if not isinstance(error, SlackApiError):
                raise
            response: Any = error.response
            if getattr(response, "status_code", 0) == _TOO_MANY:
                pause = unavailable(_TOO_MANY, response.headers).retry_after_seconds
                self._pace.close(lane_of(api_method), pause or _USUAL_PAUSE_SECONDS)
            raise

    def _wait(self, method: str, arguments: Mapping[str, Any]) -> None:
        caller, since = standing()
        patience = PATIENCE_SECONDS
        if self._hurry or method in DISPENSABLE:
            caller, patience = None, 0.0
        for lane in lanes_of(method, arguments):
            while seconds := self._pace.wait_for(lane, caller, since=since):
                if self._hurry:
                    break
                if seconds > patience:
                    count("slack put off", method=method)
                    raise NotYet(max(0.0, seconds - PATIENCE_SECONDS))
                self._sleep(seconds)
                patience -= seconds


def _code(error: Exception) -> str:
    """Slack's word for it, the HTTP status where it has none, or what kept us from an answer."""
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    return code_of(error.response) or str(status_of(error.response) or "unknown")


def slack_client(slack: SlackSettings, pace: Pace, *, hurry: bool = False) -> PacedClient:
    """A Web API client that never retries by itself: a second post could be a second message.

    The bot process, of which Slack expects an answer within three seconds, is in a `hurry`.
    """
    return PacedClient(
        pace,
        hurry=hurry,
        token=slack.bot_token.get_secret_value(),
        base_url=slack.api_url,
        timeout=int(slack.timeout_seconds),
        retry_handlers=[],
    )
