"""What Slack tells us → Intake, or → SlackChanges. Each listener is done when it is written down, before Slack is told so."""

from slack_bolt import App, BoltContext

from bot.messages import Event, heard, incoming, is_direct, is_from_person, withdrawn
from ingestion.sources.slack_notes import SOMEWHERE, Change
from workers.intake import Intake
from workers.slack_changes import Heard, SlackChanges


class Listeners:
    """The listeners of the application, over the intake and over what the Slack sources are to know."""

    def __init__(self, intake: Intake, changes: SlackChanges) -> None:
        self._intake = intake
        self._changes = changes

    def register(self, app: App) -> None:
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)
        for event in ("file_change", "file_deleted"):
            app.event(event)(self.on_file)
        for event in ("channel_left", "group_left"):
            app.event(event)(self.on_left)
        app.event("member_left_channel")(self.on_member_left)
        for event in ("channel_deleted", "group_deleted"):
            app.event(event)(self.on_deleted)
        app.event("channel_shared")(self.on_shared)
        app.event("app_uninstalled")(self.on_uninstalled)
        app.event("tokens_revoked")(self.on_tokens_revoked)

    def on_mention(self, event: Event, context: BoltContext) -> None:
        if is_from_person(event):
            self._ask(event, context)

    def on_message(self, event: Event, context: BoltContext) -> None:
        # A mention in a channel comes as app_mention, too; only direct messages are questions by themselves.
        if not is_direct(event):
            if change := heard(event, str(context.bot_user_id)):
                self._changes.heard(change)
        elif is_from_person(event):
            self._ask(event, context)

    def on_file(self, event: Event) -> None:
        self._changes.file_changed(event["event_ts"])

    def on_left(self, event: Event) -> None:
        self._changes.left(event["channel"])

    def on_member_left(self, event: Event, context: BoltContext) -> None:
        if event.get("user") == context.bot_user_id:
            self._changes.left(event["channel"])

    def on_deleted(self, event: Event) -> None:
        self._changes.deleted(event["channel"])

    def on_shared(self, event: Event) -> None:
        self._changes.heard(Heard(event["channel"], Change(SOMEWHERE, event["event_ts"]), files=True))

    def on_uninstalled(self) -> None:
        self._changes.uninstalled()

    def on_tokens_revoked(self, event: Event, context: BoltContext) -> None:
        if withdrawn(event, str(context.bot_user_id)):
            self._changes.uninstalled()

    def _ask(self, event: Event, context: BoltContext) -> None:
        self._intake.accept(
            incoming(event, team_id=str(context.team_id), bot_user_id=str(context.bot_user_id)),
        )
