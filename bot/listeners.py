"""What Slack tells us → Intake, SlackChanges or Feedback. Each listener is done when it is written down, before Slack is told so."""

import logging
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.feedback_form import CALLBACK, feedback_form, filled_in
from bot.handing_on import HANDED_ON, NOT_HANDED_ON, request
from bot.home_view import home_view
from bot.messages import (
    Event,
    asked_about,
    asked_by_form,
    asked_privately,
    deleted,
    edited,
    heard,
    incoming,
    is_direct,
    is_from_person,
    may_follow_up,
    shared,
    withdrawn,
)
from bot.question_form import CALLBACK as QUESTION_FORM
from bot.question_form import QUESTION, asked_in, question_form
from ingestion.sources.slack_notes import SOMEWHERE, Change
from rag.errors import Transient
from workers.feedback import Feedback, Vote
from workers.following import Following
from workers.home import Home
from workers.intake import Intake
from workers.ledger import Incoming
from workers.rendering import ASK_PEOPLE, PASSAGES, RATE, SHARE, passages, vote_of
from workers.replies import PLACEHOLDER
from workers.slack_changes import Heard, SlackChanges

log = logging.getLogger(__name__)

ABOUT_MESSAGE, ASK_ANYWHERE = "ask_about_message", "ask_anywhere"
"""Shortcuts: of a message's menu, of the lightning menu."""

NOT_HERE = "I'm not in this channel, so I cannot share anything here. Invite me first, then share again."


class Listeners:
    """The listeners of the application, over the intake, what the Slack sources are to know, and what people think."""

    def __init__(
        self,
        intake: Intake,
        following: Following,
        changes: SlackChanges,
        feedback: Feedback,
        *,
        home: Home,
        workspace_url: str = "",
        people_channel: str = "",
    ) -> None:
        self._intake = intake
        self._following = following
        self._changes = changes
        self._feedback = feedback
        self._home = home
        self._workspace_url = workspace_url
        self._people_channel = people_channel

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
        app.event("app_home_opened")(self.on_home_opened)
        app.command("/ask")(self.on_ask)
        app.action(SHARE)(self.on_shared_answer)
        app.action(ASK_PEOPLE)(self.on_ask_people)
        app.action(PASSAGES)(self.on_passages)
        app.shortcut(ABOUT_MESSAGE)(self.on_ask_about)
        app.shortcut(ASK_ANYWHERE)(self.on_ask_anywhere)
        app.view(QUESTION_FORM)(self.on_question_form)
        app.action(RATE)(self.on_rated)
        app.view(CALLBACK)(self.on_feedback_form)

    def on_mention(self, event: Event, context: BoltContext) -> None:
        if is_from_person(event):
            self._ask(event, context)

    def on_message(self, event: Event, context: BoltContext) -> None:
        own_id, team_id = str(context.bot_user_id), str(context.team_id)
        if ts := deleted(event):
            self._intake.withdraw(team_id, event["channel"], ts)
        elif change_of := edited(event, own_id):
            self._intake.reword(team_id, event["channel"], *change_of)
        # A mention in a channel comes as app_mention, too; by themselves are questions only direct messages, and what
        # is asked on in a thread that we answered in.
        if is_direct(event):
            if is_from_person(event):
                self._ask(event, context)
            return
        if change := heard(event, own_id):
            self._changes.heard(change)
        if may_follow_up(event, own_id):
            question = self._incoming(event, context)
            if self._following.is_for_us(question):
                self._intake.accept(question)

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
            respond(text=PLACEHOLDER, response_type="ephemeral", replace_original=False)

    def on_ask_anywhere(self, shortcut: Event, ack: Ack, client: WebClient) -> None:
        _open(client, shortcut["trigger_id"], question_form())
        ack()

    def on_question_form(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        question = asked_in(view)
        if not question:
            ack(response_action="errors", errors={QUESTION: "Please write a question."})
            return
        opened: Any = client.conversations_open(users=body["user"]["id"])
        self._intake.accept(asked_by_form(body, question, channel_id=opened["channel"]["id"]))
        ack()

    def on_shared_answer(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        question_id = str(body["actions"][0]["value"])
        asked = self._intake.asked(question_id)
        if asked is None or not asked.is_private or asked.user_id != body["user"]["id"]:
            ack()
            return
        if not _is_here(client, asked.channel_id):
            respond(text=NOT_HERE, response_type="ephemeral", replace_original=False)
        else:
            self._intake.accept(shared(question_id, asked))
        ack()

    def on_ask_people(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        question_id = str(body["actions"][0]["value"])
        asked = self._intake.hand_on(question_id, body["user"]["id"]) if self._people_channel else None
        if asked is not None:
            text, blocks = request(asked, workspace_url=self._workspace_url)
            try:
                client.chat_postMessage(
                    channel=self._people_channel, text=text, blocks=blocks, unfurl_links=False, parse="none"
                )
            except (SlackApiError, SlackClientError, OSError) as error:
                log.warning("question not handed on id=%s (%s)", question_id, type(error).__name__)
                self._intake.take_back(question_id)
                respond(text=NOT_HANDED_ON, response_type="ephemeral", replace_original=False)
            else:
                respond(text=HANDED_ON, response_type="ephemeral", replace_original=False)
        ack()

    def on_passages(self, body: Event, ack: Ack, respond: Respond, context: BoltContext) -> None:
        channel_id = str((body.get("channel") or {}).get("id", ""))
        question_id = str(body["actions"][0]["value"])
        answer = self._intake.answer(question_id, team_id=str(context.team_id), channel_id=channel_id)
        if answer is not None:
            shown = passages(answer)
            respond(text=shown.text, blocks=shown.blocks, response_type="ephemeral", replace_original=False)
        ack()

    def on_rated(self, body: Event, ack: Ack, client: WebClient, context: BoltContext) -> None:
        question_id, rating = vote_of(body["actions"][0]["value"])
        channel_id = str((body.get("channel") or {}).get("id", ""))
        vote = Vote(question_id, body["user"]["id"], str(context.team_id), channel_id)
        rated = self._feedback.rate(vote, 1 if rating > 0 else -1)
        log.info("rating question=%s rating=%d noted=%s", question_id, rating, rated)
        if rated and rating < 0:
            _open(client, body["trigger_id"], feedback_form(question_id))
        ack()

    def on_feedback_form(self, body: Event, view: Event, ack: Ack) -> None:
        reason, comment = filled_in(view)
        question_id = str(view["private_metadata"])
        noted = self._feedback.explain(question_id, body["user"]["id"], reason=reason, comment=comment)
        log.info("feedback question=%s reason=%s noted=%s", question_id, reason, noted)
        ack()

    def _ask(self, event: Event, context: BoltContext) -> None:
        self._intake.accept(self._incoming(event, context))

    def _incoming(self, event: Event, context: BoltContext) -> Incoming:
        return incoming(event, team_id=str(context.team_id), bot_user_id=str(context.bot_user_id))


def _open(client: WebClient, trigger_id: str, view: dict[str, Any]) -> None:
    """Show a modal; where that fails, what was clicked is noted all the same."""
    try:
        client.views_open(trigger_id=trigger_id, view=view)
    except (SlackApiError, SlackClientError, OSError) as error:
        log.warning("a form could not be opened (%s)", type(error).__name__)


def _is_here(client: WebClient, channel_id: str) -> bool:
    """Whether we may write in the channel; where Slack does not say, no."""
    try:
        channel: Any = client.conversations_info(channel=channel_id)["channel"]
    except (SlackApiError, SlackClientError, OSError):
        return False
    return bool(channel.get("is_member") or channel.get("is_im"))
