"""Socket Mode, kept up: connected when Slack can be reached, and again after every break."""

import logging
import threading

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError, SlackClientError

from ingestion.sources.slack_answers import code_of
from rag.errors import ConfigError
from workers.operating.health import Heartbeat

log = logging.getLogger(__name__)

_RETRY_SECONDS = 3.0
_REFUSED = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type"}
)


def stay_connected(app: App, app_token: str, stop: threading.Event, heartbeat: Heartbeat) -> None:
    """Receive events until `stop` is set; the heart beats while connected.

    Raises ConfigError when Slack refuses the app-level token.
    """
    handler = SocketModeHandler(app, app_token)
    try:
        # What goes wrong here is ours to tell, in a line; later the client's own word on a lost connection is welcome.
        handler.client.logger.setLevel(logging.CRITICAL)
        _connect(handler, stop)
        handler.client.logger.setLevel(logging.ERROR)
        log.info("connected to Slack")
        while True:
            # The client's own monitor reconnects after a break.
            if handler.client.is_connected():
                heartbeat.beat()
            if stop.wait(_RETRY_SECONDS):
                return
    finally:
        _close(handler)


def _connect(handler: SocketModeHandler, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            handler.connect()
        except SlackApiError as error:
            code = code_of(error.response)
            if code in _REFUSED:
                raise ConfigError(
                    f"SLACK_APP_TOKEN was refused by Slack ({code}); see .env.example."
                ) from None
            log.warning("Slack answered %s, trying again", code)
        except (SlackClientError, OSError) as error:
            log.warning("Slack cannot be reached, trying again (%s)", type(error).__name__)
        else:
            return
        stop.wait(_RETRY_SECONDS)


def _close(handler: SocketModeHandler) -> None:
    try:
        handler.close()
    except AttributeError:
        # slack_sdk 3.47 closes a session that a reconnect has set to None already.
        log.debug("the socket was closed already")
