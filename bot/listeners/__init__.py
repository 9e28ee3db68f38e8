"""What Slack tells us, taken in. Each listener is done when it is written down, before Slack is told so.

adding     a form to add a source → SourceAdmin
administering  what admins say in their channel, done by performing → SourceAdmin, ChannelAdmin
playground what admins try, to see what would be found → Trials
asking     questions → Intake
channel_settings  the form of a channel's settings → ChannelAdmin
answers    what people do with answers → Ledger, Feedback
proposing  a link or a file (dropped_files) dropped in the admin channel → SourceAdmin
erasing    a person to be forgotten, asked for there → Erasing
choices    what somebody meant who was asked back → Intake
settling   from where a workspace of several is administered → Installations
source_cards  the buttons under one source → SourceAdmin
digest     what admins do about what is missing → Proposing, Saving
verifying  what people verified → Saving
home_tab   what somebody sees who looks at us
changes    what happens in channels → SlackChanges
"""

from dataclasses import dataclass

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from bot.listeners.adding import Adding
from bot.listeners.administering import AdminChannel
from bot.listeners.answers import Answers
from bot.listeners.asking import Asking
from bot.listeners.changes import Changes
from bot.listeners.channel_settings import ChannelForms
from bot.listeners.choices import Choices
from bot.listeners.digest import DigestButtons
from bot.listeners.dropped_files import DroppedFiles
from bot.listeners.erasing import ErasePerson
from bot.listeners.home_tab import HomeTab
from bot.listeners.performing import AdminCommands
from bot.listeners.playground import Playground
from bot.listeners.proposing import Proposing
from bot.listeners.reindexing import ReindexCommand
from bot.listeners.settling import Settling
from bot.listeners.source_cards import SourceCards
from bot.listeners.verifying import Verifying
from bot.messages import Event

__all__ = [
    "Adding",
    "AdminChannel",
    "AdminCommands",
    "Answers",
    "Asking",
    "Changes",
    "ChannelForms",
    "Choices",
    "DigestButtons",
    "DroppedFiles",
    "ErasePerson",
    "HomeTab",
    "Listeners",
    "Playground",
    "Proposing",
    "ReindexCommand",
    "Settling",
    "SourceCards",
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
    channel_forms: ChannelForms
    reindex_command: ReindexCommand
    source_cards: SourceCards
    adding: Adding
    digest_buttons: DigestButtons
    settling: Settling | None = None

    def register(self, app: App) -> None:
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)
        for part in (
            *(self.asking, self.answers, self.choices, self.verifying),
            *(self.home_tab, self.changes, self.admin_channel, self.proposing),
            *(self.channel_forms, self.reindex_command, self.source_cards, self.adding),
            self.digest_buttons,
        ):
            part.register(app)

    def on_message(self, event: Event, context: BoltContext, client: WebClient) -> None:
        self.changes.said(event, context)
        if not self.proposing.took(event, context, client):
            self.asking.said(event, context, client)

    def on_mention(self, event: Event, context: BoltContext, client: WebClient) -> None:
        if self.settling and self.settling.took(event, context, client):
            return
        if not self.admin_channel.took(event, context, client):
            self.asking.on_mention(event, context)
