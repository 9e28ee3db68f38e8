"""What Slack tells us → Intake. Each listener is done when the question is written down, before Slack is told so."""

from slack_bolt import App, BoltContext

from bot.messages import Event, incoming, is_direct, is_from_person
from workers.intake import Intake


class Listeners:
    """The listeners of the application, over the intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def register(self, app: App) -> None:
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)

    def on_mention(self, event: Event, context: BoltContext) -> None:
        if is_from_person(event):
            self._ask(event, context)

    def on_message(self, event: Event, context: BoltContext) -> None:
        # A mention in a channel comes as app_mention, too; only direct messages are questions by themselves.
        if is_direct(event) and is_from_person(event):
            self._ask(event, context)

    def _ask(self, event: Event, context: BoltContext) -> None:
        self._intake.accept(
            incoming(event, team_id=str(context.team_id), bot_user_id=str(context.bot_user_id)),
        )
