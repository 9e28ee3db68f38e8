"""The doctor's checks of Slack: tokens, scopes, the admin channel."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.commands.doctor_workspaces import workspaces
from bot.commands.finding import Finding, failed, fine, warning
from bot.scopes import missing, needless
from ingestion.sources.slack_answers import code_of, status_of
from rag.settings import Settings
from workers.slack.client import slack_client
from workers.slack.pacing import LocalPace

_OAUTH = "under OAuth & Permissions on Slack's page of the app"
_REINSTALL = f"Add it {_OAUTH} (or update the app from manifest.json), then reinstall the app."
_NETWORK = "Check the network from here to SLACK_API_URL, and a proxy or firewall in between."

_TOKEN_REMEDIES = {
    "invalid_auth": "Copy the token anew",
    "not_authed": "Copy the token anew",
    "not_allowed_token_type": "The two tokens may have been mixed up: copy the token anew",
    "account_inactive": "The app was removed from the workspace: install it again, and copy the token",
    "token_revoked": "It was revoked: install the app again, and copy the token",
    "token_expired": "Token rotation is on, which is not supported: make the app anew from manifest.json, and copy the token",
    "missing_scope": "Make one with the scope connections:write, and copy it",
}


def bot_token(settings: Settings) -> list[Finding]:
    """Who we are in Slack, and what we may there."""
    if settings.slack.is_for_several:
        return workspaces(settings)
    answer = _asked("bot token", lambda: _client(settings).auth_test(), f"as SLACK_BOT_TOKEN, {_OAUTH}.")
    if isinstance(answer, Finding):
        return [answer]
    told = fine("bot token", f"{answer['user']} in {answer['team']}")
    return [told, *_scopes(answer.headers)]


def _scopes(headers: Mapping[str, Any]) -> list[Finding]:
    told = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
    if told is None:
        return [
            warning(
                "scopes", "Slack did not say which scopes the token has", "Compare them with manifest.json."
            )
        ]
    granted = {scope.strip() for scope in str(told).split(",") if scope.strip()}
    return scopes(granted)


def scopes(granted: set[str]) -> list[Finding]:
    """A finding for each scope that is missing, with what does not work without it."""
    lacking = [
        failed("scopes", f"{scope} is missing; without it does not work: {feature}", _REINSTALL)
        for scope, feature in missing(granted).items()
    ]
    if unused := needless(granted):
        lacking.append(
            warning("scopes", f"granted and not used: {', '.join(unused)}", f"Remove them {_OAUTH}.")
        )
    return lacking or [fine("scopes", f"all {len(granted)} of manifest.json")]


def receiving(settings: Settings) -> list[Finding]:
    """Whether Slack would send to us. No connection is made: a running bot keeps all of its events."""
    token = settings.slack.app_token
    if settings.slack.mode == "http" or token is None:
        secret = settings.slack_http.signing_secret  # raises ConfigError where there is none
        return [fine("signing secret", f"requests by HTTP are checked by {len(secret)} characters")]
    answer = _asked(
        "app token",
        lambda: _client(settings).apps_connections_open(app_token=token.get_secret_value()),
        "as SLACK_APP_TOKEN, under Basic Information → App-Level Tokens.",
    )
    return [
        answer if isinstance(answer, Finding) else fine("app token", "Slack lets us connect by Socket Mode")
    ]


def admin_channel(settings: Settings) -> list[Finding]:
    """Whether there are admins, and nobody else can become one."""
    if settings.slack.is_for_several:
        return []  # each workspace has its own
    name, channel_id = "admin channel", settings.admin.channel
    if not channel_id:
        return [
            warning(
                name,
                "ADMIN_CHANNEL is not set: nobody is an admin in Slack",
                "Set it to a private channel's id.",
            )
        ]
    try:
        channel: Any = _client(settings).conversations_info(channel=channel_id)["channel"]
    except SlackApiError as error:
        return [_no_channel(channel_id, code_of(error.response))]
    except (SlackClientError, OSError) as error:
        return [failed(name, f"Slack did not answer ({type(error).__name__})", _NETWORK)]
    return [judged(channel_id, channel)]


def _no_channel(channel_id: str, code: str) -> Finding:
    if code == "channel_not_found":
        text = f"{channel_id} is not there, or is private without us: nobody is an admin"
        return failed(
            "admin channel", text, "Check ADMIN_CHANNEL, and write /invite with the bot's name there."
        )
    return failed(
        "admin channel",
        f"Slack answered {code}: nobody is an admin",
        "See the lines on the token and scopes.",
    )


def judged(channel_id: str, channel: Mapping[str, Any]) -> Finding:
    """The admin channel by what conversations.info tells of it."""
    name = "admin channel"
    if not channel.get("is_private"):
        return failed(
            name, f"{channel_id} is public, so nobody is an admin", "Set ADMIN_CHANNEL to a private channel."
        )
    if channel.get("is_ext_shared"):
        text = f"{channel_id} is shared with another organisation, so nobody is an admin"
        return failed(name, text, "Set ADMIN_CHANNEL to a channel of your own.")
    if channel.get("is_archived"):
        return failed(name, f"{channel_id} is archived", "Set ADMIN_CHANNEL to a channel that is in use.")
    if not channel.get("is_member", True):
        return failed(name, f"the bot is not in {channel_id}", "Write /invite with the bot's name there.")
    return fine(name, f"{channel_id} is private, and the bot is in it")


def _asked(name: str, call: Callable[[], Any], place: str) -> Any:
    """Slack's answer, or what stands in its way."""
    try:
        return call()
    except SlackApiError as error:
        code = code_of(error.response) or str(status_of(error.response))
        if remedy := _TOKEN_REMEDIES.get(code):
            return failed(name, f"Slack refused it ({code})", f"{remedy} {place}")
        return failed(
            name, f"Slack answered {code}", "Try again in a minute; if it stays, look at status.slack.com."
        )
    except (SlackClientError, OSError) as error:
        return failed(name, f"Slack did not answer ({type(error).__name__})", _NETWORK)


def _client(settings: Settings) -> WebClient:
    return slack_client(settings.slack, LocalPace(), hurry=True)
