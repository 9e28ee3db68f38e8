"""A message kept as a verified answer: the shortcut, and the form that it opens."""

import logging
from datetime import UTC, datetime

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.answer_form import ANSWER, CALLBACK, DELETED, SAVED, answer_form, filled_in, place_of, told
from bot.listeners.opening import opened
from bot.listeners.telling import hinted
from bot.messages import Event
from rag.errors import FootnoteError
from workers.saving import CannotSave, Saving

log = logging.getLogger(__name__)

SAVE_AS_ANSWER = "save_as_answer"
TRY_AGAIN = "I could not look up what I need to know for that. Please try again in a minute."


class Verifying:
    """Shows the form, and has what it says saved or deleted."""

    def __init__(self, saving: Saving) -> None:
        self._saving = saving

    def register(self, app: App) -> None:
        app.shortcut(SAVE_AS_ANSWER)(self.on_save)
        app.view(CALLBACK)(self.on_answer_form)

    def on_save(
        self, shortcut: Event, ack: Ack, client: WebClient, respond: Respond, context: BoltContext
    ) -> None:
        try:
            draft = self._saving.draft(
                shortcut["message"],
                team_id=str(context.team_id),
                channel_id=shortcut["channel"]["id"],
                user_id=shortcut["user"]["id"],
                own_user_id=str(context.bot_user_id),
            )
        except FootnoteError as error:
            hinted(respond, sentence_of(error))
        else:
            opened(client, shortcut["trigger_id"], answer_form(draft))
        ack()

    def on_answer_form(self, body: Event, view: Event, ack: Ack) -> None:
        self.kept(body, view, ack)

    def kept(self, body: Event, view: Event, ack: Ack) -> bool:
        """Whether what was submitted was done; who submitted it is told."""
        filled, place, user_id = filled_in(view), place_of(view), body["user"]["id"]
        if problems := filled.problems(datetime.now(UTC).date()):
            ack(response_action="errors", errors=problems)
            return False
        try:
            if filled.delete or filled.review_on is None:
                self._saving.delete(place, user_id=user_id)
            else:
                self._saving.save(
                    place,
                    question=filled.question,
                    answer=filled.answer,
                    owner=filled.owner,
                    review_on=filled.review_on,
                    user_id=user_id,
                )
        except FootnoteError as error:
            ack(response_action="errors", errors={ANSWER: sentence_of(error)})
            return False
        ack(response_action="update", view=told(DELETED if filled.delete else SAVED))
        return True


def sentence_of(error: FootnoteError) -> str:
    """What whoever wanted to save is told of it."""
    if isinstance(error, CannotSave):
        return str(error)
    log.warning("answer not saved (%s)", type(error).__name__)
    return TRY_AGAIN
