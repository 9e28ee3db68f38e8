"""What Slack tells us, taken in. Each listener is done when it is written down, before Slack is told so.

administering  what admins say in their channel → SourceAdmin
asking     questions → Intake
answers    what people do with answers → Ledger, Feedback
proposing  a link dropped in the admin channel → SourceAdmin
choices    what somebody meant who was asked back → Intake
settling   from where a workspace of several is administered → Installations
verifying  what people verified → Saving
home_tab   what somebody sees who looks at us
changes    what happens in channels → SlackChanges
"""

from dataclasses import dataclass

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from bot.listeners.administering import AdminChannel
from bot.listeners.answers import Answers
from bot.listeners.asking import Asking
from bot.listeners.changes import Changes
from bot.listeners.choices import Choices
from bot.listeners.home_tab import HomeTab
from bot.listeners.proposing import Proposing
from bot.listeners.reindexing import ReindexCommand
from bot.listeners.settling import Settling
from bot.listeners.verifying import Verifying
from bot.messages import Event

__all__ = [
    "AdminChannel",
    "Answers",
    "Asking",
    "Changes",
    "Choices",
    "HomeTab",
    "Listeners",
    "Proposing",
    "ReindexCommand",
    "Settling",
    "Verifying",
]


@dataclass(frozen=True, slots=True)
class Listeners:
    """All of them. Bolt gives an event to one listener only: a message is heard here, by those whom it concerns."""

    asking: Asking
    answers: Answers
    choices: Choices
    verifying: Verifying
    home_tab: HomeTab
    changes: Changes
    admin_channel: AdminChannel
    proposing: Proposing
    reindex_command: ReindexCommand
    settling: Settling | None = None

    def register(self, app: App) -> None:
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)
        for part in (
            *(self.asking, self.answers, self.choices, self.verifying),
            *(self.home_tab, self.changes, self.admin_channel, self.proposing),
            self.reindex_command,
        ):
            part.register(app)

    def on_message(self, event: Event, context: BoltContext, client: WebClient) -> None:
        self.changes.said(event, context)
        if not self.proposing.took(event, client):
            self.asking.said(event, context, client)

    def on_mention(self, event: Event, context: BoltContext, client: WebClient) -> None:
        if self.settling and self.settling.took(event, context, client):
            return
        if not self.admin_channel.took(event, context, client):
            self.asking.on_mention(event, context)
