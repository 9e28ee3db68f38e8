"""What people do with an answer: rate it, look behind it, share it, ask somebody else."""

import logging
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.feedback_form import CALLBACK, feedback_form, filled_in
from bot.handing_on import HANDED_ON, NOT_HANDED_ON, request
from bot.listeners.opening import opened
from bot.listeners.telling import hinted
from bot.messages import Event, shared
from workers.feedback import Feedback, Vote
from workers.intake import Intake
from workers.ledger import Ledger
from workers.people import PeopleOf, nobody
from workers.rendering import ASK_PEOPLE, PASSAGES, RATE, SHARE, passages, vote_of
from workers.slack.threads import mark_handed_on

log = logging.getLogger(__name__)

NOT_HERE = "I'm not in this channel, so I cannot share anything here. Invite me first, then share again."
GONE = "I do not keep this answer any more. Ask me again, and I look it up anew."


class Answers:
    """The buttons under answers. `people` tells who is asked what the documents do not say."""

    def __init__(
        self,
        intake: Intake,
        ledger: Ledger,
        feedback: Feedback,
        *,
        workspace_url: str = "",
        people: PeopleOf = nobody,
    ) -> None:
        self._intake = intake
        self._ledger = ledger
        self._feedback = feedback
        self._workspace_url = workspace_url
        self._people = people

    def register(self, app: App) -> None:
        app.action(SHARE)(self.on_shared_answer)
        app.action(ASK_PEOPLE)(self.on_ask_people)
        app.action(PASSAGES)(self.on_passages)
        app.action(RATE)(self.on_rated)
        app.view(CALLBACK)(self.on_feedback_form)

    def on_shared_answer(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        question_id = str(body["actions"][0]["value"])
        asked = self._ledger.asked(question_id)
        if asked is None or not asked.is_private or asked.user_id != body["user"]["id"]:
            ack()
            return
        if not _is_here(client, asked.channel_id):
            hinted(respond, NOT_HERE)
        else:
            self._intake.accept(shared(question_id, asked))
        ack()

    def on_ask_people(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        question_id, user_id = str(body["actions"][0]["value"]), body["user"]["id"]
        people = self._people_for(question_id, user_id)
        asked = self._ledger.hand_on(question_id, user_id) if people else None
        if asked is not None:
            text, blocks = request(asked, workspace_url=self._workspace_url)
            try:
                client.chat_postMessage(
                    channel=people,
                    text=text,
                    blocks=blocks,
                    metadata=mark_handed_on(question_id),
                    unfurl_links=False,
                    parse="none",
                )
            except (SlackApiError, SlackClientError, OSError) as error:
                log.warning("question not handed on id=%s (%s)", question_id, type(error).__name__)
                self._ledger.take_back(question_id)
                hinted(respond, NOT_HANDED_ON)
            else:
                hinted(respond, HANDED_ON)
        ack()

    def _people_for(self, question_id: str, user_id: str) -> str:
        """The channel whose people are asked now; empty: nobody."""
        asked = self._ledger.asked(question_id)
        if asked is None:
            return ""
        answer = self._ledger.answer(
            question_id, team_id=asked.team_id, channel_id=asked.channel_id, user_id=user_id
        )
        return self._people(asked, answer) if answer else ""

    def on_passages(self, body: Event, ack: Ack, respond: Respond, context: BoltContext) -> None:
        channel_id = str((body.get("channel") or {}).get("id", ""))
        question_id = str(body["actions"][0]["value"])
        answer = self._ledger.answer(
            question_id, team_id=str(context.team_id), channel_id=channel_id, user_id=body["user"]["id"]
        )
        if answer is None:
            hinted(respond, GONE)
        else:
            shown = passages(answer)
            respond(text=shown.text, blocks=shown.blocks, response_type="ephemeral", replace_original=False)
        ack()

    def on_rated(
        self, body: Event, ack: Ack, client: WebClient, respond: Respond, context: BoltContext
    ) -> None:
        question_id, rating = vote_of(body["actions"][0]["value"])
        channel_id = str((body.get("channel") or {}).get("id", ""))
        vote = Vote(question_id, body["user"]["id"], str(context.team_id), channel_id)
        rated = self._feedback.rate(vote, rating)
        log.info("rating question=%s rating=%d noted=%s", question_id, rating, rated)
        if not rated:
            hinted(respond, GONE)
        elif rating < 0:
            opened(client, body["trigger_id"], feedback_form(question_id))
        ack()

    def on_feedback_form(self, body: Event, view: Event, ack: Ack) -> None:
        reason, comment = filled_in(view)
        question_id = str(view["private_metadata"])
        noted = self._feedback.explain(question_id, body["user"]["id"], reason=reason, comment=comment)
        log.info("feedback question=%s reason=%s noted=%s", question_id, reason, noted)
        ack()


def _is_here(client: WebClient, channel_id: str) -> bool:
    """Whether we may write in the channel; where Slack does not say, no."""
    try:
        channel: Any = client.conversations_info(channel=channel_id)["channel"]
    except (SlackApiError, SlackClientError, OSError):
        return False
    return bool(channel.get("is_member") or channel.get("is_im"))
