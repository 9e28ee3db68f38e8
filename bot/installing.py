"""The app installed in a workspace by whoever may there: to Slack and back, by Bolt's OAuth flow, and the token kept.

    GET /slack/install ── a state, a cookie ──▶ slack.com/oauth/v2/authorize ──▶ GET /slack/oauth_redirect ── a code ──▶ the token

Whatever does not fit is told in a sentence with a status of 400, and nothing that was sent is shown again.
Source: https://docs.slack.dev/authentication/installing-with-oauth
"""

import html
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth import OAuthStateUtils
from slack_sdk.oauth.installation_store import Installation

from bot.scopes import FEATURES
from ingestion.sources.slack_answers import code_of
from rag.errors import ConfigError, Transient, where
from rag.settings import Settings
from workers.tenancy.install_states import SECONDS, InstallStates
from workers.tenancy.installations import WORKSPACE_URL, Installations

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
PATHS = frozenset({INSTALL, REDIRECT})

_MOST_CHARS = 4000  # of a query; Slack's are of some hundred
_COOKIE = "footnote-install"

DONE = "Footnote is installed. Mention it in a channel, or write to it directly."
NEXT = (
    "Thank you for installing me. One more step, so that I have something to answer from: make a private channel for those who look after "
    "me, invite me there, and write: {me} administer here. Whoever is in that channel can then add documents."
)
NOT_DONE = "Footnote was not installed: that was cancelled, or Slack refused it."
AGAIN = "This page was opened too late, a second time, or in another browser. Please begin again."
NOT_HERE = "Footnote can be installed in a single workspace only, by somebody who may. Please begin again, and choose one."
LATER = "That did not work just now. Please begin again in a few minutes."


def installing(settings: Settings, installations: Installations, states: InstallStates) -> "Installing":
    """What serves the two paths. Raises ConfigError for settings that are missing."""
    slack, oauth = settings.slack, settings.slack_oauth
    if oauth.client_secret is None:
        raise ConfigError("SLACK_CLIENT_SECRET is missing; see .env.example.")
    client = WebClient(base_url=slack.api_url, timeout=int(slack.timeout_seconds), retry_handlers=[])
    flow = Flow(
        client=client,
        settings=OAuthSettings(
            client_id=slack.client_id,
            client_secret=oauth.client_secret.get_secret_value(),
            scopes=sorted(FEATURES),
            install_path=INSTALL,
            install_page_rendering_enabled=False,
            redirect_uri_path=REDIRECT,
            callback_options=CallbackOptions(success=_Welcome(client, installations), failure=_failed),
            authorization_url=urljoin(slack.api_url, "/oauth/v2/authorize"),
            installation_store=installations,
            state_store=states,
            state_cookie_name=_COOKIE,
            state_expiration_seconds=int(SECONDS),
        ),
    )
    flow.logger.setLevel(logging.CRITICAL)  # its lines hold codes
    return Installing(flow)


class Flow(OAuthFlow):
    """Bolt's, for one workspace at a time, with the workspace's address."""

    def run_installation(self, code: str) -> Installation | None:
        """What a code stands for; None where Slack does not take it, or where it is a whole organisation's."""
        try:
            granted: Any = self.client.oauth_v2_access(
                code=code, client_id=self.settings.client_id, client_secret=self.settings.client_secret
            )
            team: Any = granted.get("team") or {}
            if granted.get("is_enterprise_install") or not team.get("id") or not granted.get("access_token"):
                log.warning("not installed: not in a single workspace, or without a bot")
                return None
            me: Any = self.client.auth_test(token=granted["access_token"])
        except SlackApiError as error:
            log.warning("not installed: Slack answered %s", code_of(error.response))
            return None
        except (SlackClientError, OSError) as error:
            raise Transient(f"Slack did not answer ({type(error).__name__})") from error
        if me["team_id"] != team["id"]:
            log.warning("not installed: the token is another workspace's")
            return None
        return Installation(
            app_id=granted.get("app_id"),
            team_id=team["id"],
            team_name=team.get("name"),
            bot_token=granted["access_token"],
            bot_id=me["bot_id"],
            bot_user_id=me["user_id"],
            bot_scopes=granted.get("scope") or "",
            user_id=(granted.get("authed_user") or {}).get("id") or "",
            custom_values={WORKSPACE_URL: me.get("url") or ""},
        )


class Installing:
    """A WSGI application for the two paths, which are asked for with GET. Never raises."""

    def __init__(self, flow: Flow) -> None:
        self._ways: dict[str, Callable[[BoltRequest], BoltResponse]] = {
            INSTALL: flow.handle_installation,
            REDIRECT: flow.handle_callback,
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        response = self._answer(environ)
        body = str(response.body).encode()
        headers = [(name, value) for name, values in response.headers.items() for value in values]
        safe = [
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),  # the address holds a code
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ]
        status = HTTPStatus(response.status)
        start_response(
            f"{status.value} {status.phrase}",
            [*((name, value) for name, value in headers if name.lower() != "content-length"), *safe],
        )
        return [body]

    def _answer(self, environ: "WSGIEnvironment") -> BoltResponse:
        query = environ.get("QUERY_STRING", "")
        if environ.get("REQUEST_METHOD") != "GET":
            return BoltResponse(status=405, headers={"Allow": "GET"})
        if len(query) > _MOST_CHARS:
            return page(NOT_DONE, HTTPStatus.BAD_REQUEST)
        request = BoltRequest(body="", query=query, headers={"cookie": environ.get("HTTP_COOKIE", "")})
        try:
            return self._ways[environ["PATH_INFO"]](request)
        except Transient as error:
            log.warning("installing put off (%s)", error)
            return page(LATER, HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as error:  # noqa: BLE001 - what is wrong is told to the log, not to whoever asks
            log.error("an installation failed: %s", where(error))  # noqa: TRY400 - no content in logs
            return page(LATER, HTTPStatus.SERVICE_UNAVAILABLE)


def page(sentence: str, status: HTTPStatus) -> BoltResponse:
    """A sentence by itself."""
    return BoltResponse(
        status=status.value,
        headers={"Content-Type": "text/html; charset=utf-8"},
        body=f"<!doctype html><meta charset=utf-8><title>Footnote</title><p>{html.escape(sentence)}</p>\n",
    )


class _Welcome:
    """The page after an installation; whoever installed us is told what comes next, in a direct message."""

    def __init__(self, client: WebClient, installations: Installations) -> None:
        self._client = client
        self._installations = installations

    def __call__(self, args: SuccessArgs) -> BoltResponse:
        made = args.installation
        kept = self._installations.of(made.team_id or "")
        if kept is not None and not kept.admin_channel and made.user_id:
            self._write(made)
        return _without_cookie(page(DONE, HTTPStatus.OK))

    def _write(self, made: Installation) -> None:
        text = NEXT.format(me=f"<@{made.bot_user_id}>")
        try:
            self._client.chat_postMessage(token=made.bot_token, channel=made.user_id, text=text)
        except (SlackApiError, SlackClientError, OSError) as error:
            log.warning("who installed us was not told what comes next (%s)", type(error).__name__)


def _failed(args: FailureArgs) -> BoltResponse:
    sentence = {
        "invalid_browser": AGAIN,
        "invalid_state": AGAIN,
        "missing_code": AGAIN,
        "invalid_code": NOT_HERE,
    }.get(args.reason, NOT_DONE)
    return _without_cookie(page(sentence, HTTPStatus.BAD_REQUEST))


def _without_cookie(response: BoltResponse) -> BoltResponse:
    utils = OAuthStateUtils(cookie_name=_COOKIE, expiration_seconds=int(SECONDS))
    response.headers["set-cookie"] = [utils.build_set_cookie_for_deletion()]
    return response
