"""The Bolt application: listeners registered, errors turned into log lines."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.listeners import Listeners
from ingestion.sources.slack_answers import code_of
from rag.errors import ConfigError, SlackUnavailable, where
from workers.slack.errors import slack_error

log = logging.getLogger(__name__)

_REFUSED = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in the workspace, as auth.test tells it."""

    team_id: str
    bot_id: str
    bot_user_id: str
    workspace_url: str = ""


def identify(client: WebClient) -> Identity:
    """Ask Slack who the token belongs to. Raises ConfigError when it is refused, SlackUnavailable when nobody answers."""
    try:
        me: Any = client.auth_test()
    except SlackApiError as error:
        if code_of(error.response) in _REFUSED:
            raise ConfigError(
                f"SLACK_BOT_TOKEN was refused by Slack ({code_of(error.response)}); see .env.example."
            ) from None
        raise SlackUnavailable(str(slack_error(error))) from error
    except (SlackClientError, OSError) as error:
        raise SlackUnavailable(f"Slack did not answer ({type(error).__name__})") from error
    return Identity(
        team_id=me["team_id"], bot_id=me["bot_id"], bot_user_id=me["user_id"], workspace_url=me.get("url", "")
    )


def build_app(
    client: WebClient, identity: Identity, listeners: Listeners, *, signing_secret: str = ""
) -> App:
    """The application that takes questions in, and hears what happens in channels that are sources.

    `process_before_response`: an event is acknowledged after its listener is done, so one that could not be written
    down is not acknowledged, and Slack sends it again. For the same reason the identity is given: Bolt would ask Slack
    for it at the first event, and acknowledge and drop that event when Slack does not answer. `signing_secret` is for
    requests by HTTP.
    """
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team_id,
        bot_id=identity.bot_id,
        bot_user_id=identity.bot_user_id,
        bot_token=client.token,
    )
    # Bolt's own client carries no token: each event's gets the one of `known`. Listeners are given ours in its place.
    bare = WebClient(base_url=client.base_url, timeout=client.timeout)
    app = App(
        client=bare,
        authorize=lambda: known,
        process_before_response=True,
        signing_secret=signing_secret,
    )
    app.logger.setLevel(logging.ERROR)
    app.error(on_error)

    @app.use
    def call_by(context: BoltContext, next: Callable[[], None]) -> None:  # noqa: A002 - Bolt's name for it
        context["client"] = client
        next()

    listeners.register(app)
    return app


def on_error(error: Exception) -> BoltResponse:
    """Not acknowledged, logged without content."""
    log.error("event not taken in, Slack will send it again: %s", where(error))
    return BoltResponse(status=503)
