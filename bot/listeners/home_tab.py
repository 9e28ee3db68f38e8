"""What somebody sees who looks at us: the home tab, and in the messages tab questions to begin with."""

import logging

from slack_bolt import App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.home_view import home_view
from bot.messages import Event
from bot.prompts import PROMPTS_TITLE, TITLES, suggested_prompts
from rag.errors import FootnoteError, Transient
from workers.home import Home

log = logging.getLogger(__name__)


class HomeTab:
    """Shows each person what they may see."""

    def __init__(self, home: Home, *, workspace_url: str = "", admin_channel: str = "") -> None:
        self._home = home
        self._admin_channel = admin_channel
        self._workspace_url = workspace_url

    def register(self, app: App) -> None:
        app.event("app_home_opened")(self.on_opened)

    def on_opened(self, event: Event, client: WebClient, context: BoltContext) -> None:
        try:
            if event.get("tab") == "home":
                self._show_home(event["user"], client, context)
            elif event.get("tab") == "messages":
                self._offer_prompts(event, client)
        except (Transient, SlackApiError, SlackClientError, OSError) as error:
            # Looking again is all it takes; Slack need not tell us twice.
            log.warning("the %s tab could not be filled (%s)", event.get("tab"), type(error).__name__)

    def show_again(self, user_id: str, client: WebClient, context: BoltContext) -> None:
        """After something changed that is shown there; where that fails, looking again is all it takes."""
        try:
            self._show_home(user_id, client, context)
        except (FootnoteError, SlackApiError, SlackClientError, OSError) as error:
            log.warning("the home tab was not drawn anew (%s)", type(error).__name__)

    def on_member_left(self, event: Event, client: WebClient, context: BoltContext) -> None:
        """Who is no admin any more is not to find there what only admins see, not even at the first look."""
        if self._admin_channel and event.get("channel") == self._admin_channel:
            self.show_again(str(event["user"]), client, context)

    def _show_home(self, user_id: str, client: WebClient, context: BoltContext) -> None:
        view = home_view(
            self._home.of(str(context.team_id), user_id),
            bot_user_id=str(context.bot_user_id),
            workspace_url=self._workspace_url,
        )
        client.views_publish(user_id=user_id, view=view)

    def _offer_prompts(self, event: Event, client: WebClient) -> None:
        prompts = suggested_prompts(self._home.newest(event["user"], limit=TITLES))
        if prompts:
            client.assistant_threads_setSuggestedPrompts(
                channel_id=event["channel"], prompts=prompts, title=PROMPTS_TITLE
            )
