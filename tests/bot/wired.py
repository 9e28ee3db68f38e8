"""All listeners, wired as the bot wires them, of a workspace whose Slack cannot be reached."""

from pydantic import SecretStr
from slack_sdk import WebClient
from sqlalchemy import Engine, create_engine

from bot.app import Identity
from bot.listeners import Listeners
from bot.wiring import Wiring
from rag.settings import AdminSettings, Settings, SlackSettings, StorageSettings
from workers.slack.shared_pace import Paces

NOWHERE = "http://127.0.0.1:1/api/"


def listeners_without_slack(engine: Engine | None = None) -> Listeners:
    """Over a database, or over none that is ever asked."""
    settings = Settings(
        slack=SlackSettings(bot_token=SecretStr("xoxb-1"), app_token=SecretStr("xapp-1"), api_url=NOWHERE),
        storage=StorageSettings(team_id="T1"),
        admin=AdminSettings(channel=""),
    )
    wiring = Wiring(
        *(engine or create_engine("sqlite://"), Paces("memory://")),
        wake=lambda _: None,
        wake_trial=lambda _: None,
        parts=None,
    )
    client = WebClient(token="xoxb-1", base_url=NOWHERE)
    listeners, _ = wiring.listeners_of(settings, client, Identity("T1", "B1", "U1BOT"))
    return listeners
