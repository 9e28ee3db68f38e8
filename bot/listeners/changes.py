"""What happens in channels, and to the installation → SlackChanges, Purging."""

from collections.abc import Callable

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from bot.messages import Event, heard, is_direct, withdrawn
from ingestion.sources.slack_notes import SOMEWHERE, Change
from workers.slack_changes import Heard, SlackChanges

MemberLeft = Callable[[Event, WebClient, BoltContext], None]
"""Is told that a person left a channel; never raises."""


class Changes:
    """Over what the Slack sources are to know. `purge` forgets what was asked in a workspace that took the app out, by Slack's id.

    Bolt gives an event to one listener only: `member_left` hears from here of people who leave a channel.
    """

    def __init__(
        self,
        changes: SlackChanges,
        *,
        purge: Callable[[str], object] | None = None,
        member_left: MemberLeft | None = None,
    ) -> None:
        self._member_left = member_left
        self._changes = changes
        self._purge = purge

    def register(self, app: App) -> None:
        app.event("file_change")(self.on_file)
        app.event("file_deleted")(self.on_file_deleted)
        for event in ("channel_left", "group_left"):
            app.event(event)(self.on_left)
        app.event("member_left_channel")(self.on_member_left)
        for event in ("channel_deleted", "group_deleted"):
            app.event(event)(self.on_deleted)
        app.event("channel_shared")(self.on_shared)
        app.event("app_uninstalled")(self.on_uninstalled)
        app.event("tokens_revoked")(self.on_tokens_revoked)

    def said(self, event: Event, context: BoltContext) -> None:
        """A message of any kind."""
        if not is_direct(event) and (change := heard(event, str(context.bot_user_id))):
            self._changes.heard(change)

    def on_file(self, event: Event) -> None:
        self._changes.file_changed(event["event_ts"], str(event.get("file_id") or ""))

    def on_file_deleted(self, event: Event) -> None:
        self._changes.file_deleted(event["event_ts"], str(event.get("file_id") or ""))

    def on_left(self, event: Event) -> None:
        self._changes.left(event["channel"])

    def on_member_left(self, event: Event, client: WebClient, context: BoltContext) -> None:
        if event.get("user") == context.bot_user_id:
            self._changes.left(event["channel"])
        elif self._member_left is not None:
            self._member_left(event, client, context)

    def on_deleted(self, event: Event) -> None:
        self._changes.deleted(event["channel"])

    def on_shared(self, event: Event) -> None:
        self._changes.heard(Heard(event["channel"], Change(SOMEWHERE, event["event_ts"]), files=True))

    def on_uninstalled(self, context: BoltContext) -> None:
        self._uninstalled(context)

    def on_tokens_revoked(self, event: Event, context: BoltContext) -> None:
        if withdrawn(event, str(context.bot_user_id)):
            self._uninstalled(context)

    def _uninstalled(self, context: BoltContext) -> None:
        self._changes.uninstalled()
        if self._purge is not None:
            self._purge(str(context.team_id))
