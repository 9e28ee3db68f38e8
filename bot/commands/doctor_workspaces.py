"""The doctor's check of several workspaces: each one's token, scopes and admin channel."""

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.commands.finding import Finding, failed, fine, warning
from bot.scopes import missing
from rag.database import connect
from rag.errors import ConfigError
from rag.settings import Settings
from rag.tenancy import settings_for
from workers.slack.client import slack_client
from workers.slack.pacing import LocalPace
from workers.tenancy.installations import Installations, Installed
from workers.tenancy.sealing import Seal

_NAME = "workspaces"


def workspaces(settings: Settings) -> list[Finding]:
    """A finding for each that something is wrong with, or one that all is well. Raises ConfigError, DatabaseUnavailable."""
    oauth = settings.slack_oauth
    kept = Seal(oauth.token_key.get_secret_value())
    if oauth.client_secret is None:
        return [
            failed(_NAME, "SLACK_CLIENT_SECRET is missing: nobody can install the app", "See .env.example.")
        ]
    engine = connect(settings.storage.database_url)
    try:
        store = Installations(engine, kept)
        installed = store.all()
        found = [finding for one in installed for finding in _of(one, store, settings)]
    finally:
        engine.dispose()
    if not installed:
        return [
            warning(_NAME, "the app is installed in none yet", "Open /slack/install of the bot's address.")
        ]
    return found or [fine(_NAME, f"{len(installed)}, each with a token that is good, and an admin channel")]


def _of(installed: Installed, store: Installations, settings: Settings) -> list[Finding]:
    name = f"workspace {installed.team_id}"
    again = "Have the app installed there again, by /slack/install."
    try:
        token = store.token(installed)
    except ConfigError as error:
        return [failed(name, str(error))]
    client = slack_client(
        settings_for(settings, installed.team_id, token=token).slack, LocalPace(), hurry=True
    )
    try:
        client.auth_test()
    except SlackApiError as error:
        return [failed(name, f"Slack refused its token ({error.response.get('error')})", again)]
    except (SlackClientError, OSError) as error:
        return [failed(name, f"Slack did not answer ({type(error).__name__})", "Check the network.")]
    findings = [
        failed(name, f"{scope} is missing; without it does not work: {feature}", again)
        for scope, feature in missing(set(installed.scopes.split(","))).items()
    ]
    if not installed.admin_channel:
        findings.append(
            warning(name, "nobody administers it yet", "See docs/multi-workspace.md: administer here.")
        )
    return findings
