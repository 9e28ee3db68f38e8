"""The home tab, drawn when somebody looks at it."""

import logging

from slack_bolt import App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.home_view import home_view
from bot.messages import Event
from rag.errors import Transient
from workers.home import Home

log = logging.getLogger(__name__)


class HomeTab:
    """Shows each person what they may see."""

    def __init__(self, home: Home, *, workspace_url: str = "") -> None:
        self._home = home
        self._workspace_url = workspace_url

    def register(self, app: App) -> None:
        app.event("app_home_opened")(self.on_home_opened)

    def on_home_opened(self, event: Event, client: WebClient, context: BoltContext) -> None:
        if event.get("tab") != "home":
            return
        user_id = event["user"]
        try:
            view = home_view(
                self._home.of(str(context.team_id), user_id),
                bot_user_id=str(context.bot_user_id),
                workspace_url=self._workspace_url,
            )
            client.views_publish(user_id=user_id, view=view)
        except (Transient, SlackApiError, SlackClientError, OSError) as error:
            # Looking again is all it takes; Slack need not tell us twice.
            log.warning("the home tab could not be shown (%s)", type(error).__name__)
