"""Slack's Web API, for reading: pages to the very end, rate limits obeyed, errors told apart.

Only answers that say in so many words that we have no business there any more are SourceGone; whatever is not known is
SourceUnavailable and deletes nothing.

Rate limits: https://docs.slack.dev/apis/web-api/rate-limits
"""

import time
from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, ServerErrorRetryHandler

from ingestion.sources.slack_answers import code_of, cursor_of, status_of
from rag.errors import ConfigError, FootnoteError, SourceGone, SourceUnavailable
from rag.noting import count
from rag.settings import SlackSettings

Json = dict[str, Any]

PAGE = 900
"""Messages asked for at once; Slack gives at most 999, often fewer."""

_GONE = {
    "channel_not_found": "Slack no longer shows the channel to the bot: it was deleted, or the bot was removed from it.",
    "not_in_channel": "The bot is no longer in the channel.",
    "account_inactive": "The app was removed from the workspace.",
    "token_revoked": "The app's token was revoked.",
}
_REFUSED = frozenset({"invalid_auth", "not_authed", "token_expired", "not_allowed_token_type"})
_STARVED = 15
"""Messages in a page of an app that is distributed outside of Slack's Marketplace."""
_LONGEST_WAIT = 90.0  # seconds that Slack may ask for; for more, the sync ends
_TRIES = 8
_TOO_MANY = 429


class SlackRefused(SourceUnavailable):
    """Slack answered with an error; `code` is its name for it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack answered {code}")
        self.code = code


class SlackReader:
    """Calls that change nothing, and may therefore be made again.

    Raises SourceUnavailable (SlackRefused where Slack said why), SourceGone, and ConfigError where token or scopes are
    not what they must be.
    """

    def __init__(self, settings: SlackSettings) -> None:
        self.api_url = settings.api_url
        self.token = settings.bot_token.get_secret_value()
        self._client = WebClient(
            token=self.token,
            base_url=settings.api_url,
            timeout=int(settings.timeout_seconds),
            retry_handlers=[
                ConnectionErrorRetryHandler(max_retry_count=2),
                ServerErrorRetryHandler(max_retry_count=2),
            ],
        )
        self._starved = False

    def call(self, method: str, **arguments: Any) -> Json:
        """The answer to one call, made again for as long as Slack says that it is too early."""
        for _ in range(_TRIES):
            count("slack call", method=method)
            try:
                answer: Any = self._client.api_call(method, params=arguments).data
            except SlackApiError as error:
                code = code_of(error.response) or str(status_of(error.response))
                count("slack error", method=method, error=code)
                wait = _retry_after(error)
                if wait is None:
                    raise _translated(error) from error
                self._pause(wait)
            except (SlackClientError, OSError) as error:
                count("slack error", method=method, error=type(error).__name__)
                raise SourceUnavailable(f"Slack did not answer ({type(error).__name__})") from error
            else:
                return dict(answer)
        raise SourceUnavailable("Slack asked to wait again and again")

    def pages(self, method: str, items: str, **arguments: Any) -> Iterator[list[Json]]:
        """The items of every page, by cursor, until there is none."""
        cursor = ""
        while True:
            given = arguments | ({"cursor": cursor} if cursor else {})
            page = self.call(method, limit=PAGE, **given)
            cursor = cursor_of(page)
            self._starved = bool(cursor) and len(page[items]) <= _STARVED
            yield page[items]
            if not cursor:
                return

    def _pause(self, seconds: float) -> None:
        if self._starved:
            raise ConfigError(
                f"Slack gives this app {_STARVED} messages a minute, as it does to apps distributed outside of its "
                "Marketplace. Make an app of your own from manifest.json: for those the limit does not hold."
            )
        if seconds > _LONGEST_WAIT:
            raise SourceUnavailable(
                f"Slack asks to wait for {seconds:.0f} seconds", retry_after_seconds=seconds
            )
        time.sleep(seconds)


def _retry_after(error: SlackApiError) -> float | None:
    """How long to wait before the call may be made again; None where waiting is not what is asked for."""
    response: Any = error.response
    if getattr(response, "status_code", 0) != _TOO_MANY:
        return None
    headers = {name.lower(): value for name, value in response.headers.items()}
    asked = str(headers.get("retry-after", "1"))
    return float(asked) if asked.isdecimal() else 1.0


def _translated(error: SlackApiError) -> FootnoteError:
    code = code_of(error.response)
    if code in _GONE:
        return SourceGone(_GONE[code])
    if code in _REFUSED:
        return ConfigError(f"SLACK_BOT_TOKEN was refused by Slack ({code}); see .env.example.")
    if code == "missing_scope":
        needed = error.response.get("needed") or "it needs"
        return ConfigError(
            f"The Slack app lacks the scope {needed}: update it from manifest.json and reinstall it."
        )
    return SlackRefused(code or "with something that is no answer")
