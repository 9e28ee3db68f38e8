"""Questions, by whatever way they come → Intake; and what becomes of them when their message changes."""

import logging
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.listeners.opening import opened
from bot.listeners.telling import hinted
from bot.messages import (
    Event,
    asked_about,
    asked_by_form,
    asked_privately,
    asks_nobody,
    deleted,
    edited,
    incoming,
    is_direct,
    is_from_person,
    may_follow_up,
)
from bot.question_form import CALLBACK, QUESTION, asked_in, question_form
from workers.asked import Incoming
from workers.elements import shortened
from workers.following import Following
from workers.intake import Intake
from workers.replies import PLACEHOLDER
from workers.unasked import Unasked

log = logging.getLogger(__name__)

_TITLE_CHARS = 80  # of a session; Slack takes 200

ABOUT_MESSAGE, ASK_ANYWHERE = "ask_about_message", "ask_anywhere"
"""Shortcuts: of a message's menu, of the lightning menu."""


class Asking:
    """Mentions, direct messages, follow-ups, the slash command, shortcuts and their form."""

    def __init__(self, intake: Intake, following: Following, unasked: Unasked) -> None:
        self._intake = intake
        self._following = following
        self._unasked = unasked

    def register(self, app: App) -> None:
        app.event("agent_session_stopped")(self.on_stopped)
        app.command("/ask")(self.on_ask)
        app.shortcut(ABOUT_MESSAGE)(self.on_ask_about)
        app.shortcut(ASK_ANYWHERE)(self.on_ask_anywhere)
        app.view(CALLBACK)(self.on_question_form)

    def on_mention(self, event: Event, context: BoltContext) -> None:
        if is_from_person(event):
            self._intake.accept(_incoming(event, context))

    def on_stopped(self, event: Event, context: BoltContext) -> None:
        self._intake.stop(str(context.team_id), event["channel"], event["thread_ts"])

    def said(self, event: Event, context: BoltContext, client: WebClient) -> None:
        """A message of any kind. A mention in a channel comes as app_mention, too; by themselves are questions only direct
        messages, what is asked on in a thread that we answered in, and what is asked of nobody where such is answered.
        """
        own_id, team_id = str(context.bot_user_id), str(context.team_id)
        if ts := deleted(event):
            self._intake.withdraw(team_id, event["channel"], ts)
        elif change := edited(event, own_id):
            self._intake.reword(team_id, event["channel"], *change)
        elif is_direct(event):
            if is_from_person(event):
                question = _incoming(event, context)
                self._intake.accept(question)
                if question.text and question.thread_ts == question.ts:
                    _name_session(client, question)
        elif overheard := self._overheard(event, context):
            self._intake.accept(overheard)

    def _overheard(self, event: Event, context: BoltContext) -> Incoming | None:
        """What is asked without naming us, and is for us all the same."""
        own_id = str(context.bot_user_id)
        if may_follow_up(event, own_id):
            question = _incoming(event, context)
            return question if self._following.is_for_us(question) else None
        if asks_nobody(event, own_id):
            question = replace(_incoming(event, context), unasked=True)
            return question if self._unasked.is_looked_at(question) else None
        return None

    def on_ask(self, command: Event, ack: Ack, context: BoltContext) -> None:
        question = asked_privately(command, str(context.bot_user_id))
        self._intake.accept(question)
        # Nothing to look for: how to ask comes at once.
        ack(response_type="ephemeral", text=PLACEHOLDER) if question.text else ack()

    def on_ask_about(self, shortcut: Event, ack: Ack, respond: Respond, context: BoltContext) -> None:
        question = asked_about(shortcut, str(context.bot_user_id))
        self._intake.accept(question)
        ack()
        if question.text:
            hinted(respond, PLACEHOLDER)

    def on_ask_anywhere(self, shortcut: Event, ack: Ack, client: WebClient) -> None:
        opened(client, shortcut["trigger_id"], question_form())
        ack()

    def on_question_form(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        question = asked_in(view)
        if not question:
            ack(response_action="errors", errors={QUESTION: "Please write a question."})
            return
        direct: Any = client.conversations_open(users=body["user"]["id"])
        self._intake.accept(asked_by_form(body, question, channel_id=direct["channel"]["id"]))
        ack()


def _name_session(client: WebClient, question: Incoming) -> None:
    """What is asked in direct messages is listed there by this name; without one, only less easy to find again."""
    try:
        client.agents_sessions_rename(
            channel_id=question.channel_id,
            thread_ts=question.thread_ts,
            title=shortened(question.text, _TITLE_CHARS),
        )
    except (SlackApiError, SlackClientError, OSError) as error:
        log.debug("a session was not named (%s)", type(error).__name__)


def _incoming(event: Event, context: BoltContext) -> Incoming:
    return incoming(event, team_id=str(context.team_id), bot_user_id=str(context.bot_user_id))
