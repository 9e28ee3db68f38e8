"""The buttons of the digest: a source proposed, or an answer written, for what the documents do not say.

Each time it is asked who it is, at the click and when the form comes back: between them somebody may have left.
"""

import logging

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.admin.adding_form import ADDRESS, asked_for
from bot.admin.digest_forms import ANSWER_FORM, SOURCE_FORM, missing_answer_form, source_form, thread_of
from bot.answer_form import ANSWER, place_of
from bot.listeners.opening import opened
from bot.listeners.proposing import Proposing
from bot.listeners.telling import hinted
from bot.listeners.verifying import TRY_AGAIN, Verifying, sentence_of
from bot.messages import Event
from rag.errors import FootnoteError, SlackUnavailable
from workers.admin.admin_sight import AdminSight
from workers.admin.administering import Administering
from workers.asked import Incoming
from workers.ledger import Ledger
from workers.reporting.digest_words import ADD_SOURCE, WRITE_ANSWER
from workers.saving import CannotSave, Place, Saving

log = logging.getLogger(__name__)

GONE = "That question is not kept any more."
NOT_SEEN = "That question was asked where not all admins can read, so I cannot answer it from here."


class DigestButtons:
    """Only for whoever is an admin at that moment."""

    def __init__(
        self,
        door: Administering,
        sight: AdminSight,
        ledger: Ledger,
        saving: Saving,
        *,
        verifying: Verifying,
        proposing: Proposing,
    ) -> None:
        self._door = door
        self._sight = sight
        self._ledger = ledger
        self._saving = saving
        self._verifying = verifying
        self._proposing = proposing

    def register(self, app: App) -> None:
        app.action(ADD_SOURCE)(self.on_add)
        app.action(WRITE_ANSWER)(self.on_write)
        app.view(SOURCE_FORM)(self.on_source_form)
        app.view(ANSWER_FORM)(self.on_answer_form)

    def on_add(self, body: Event, ack: Ack, respond: Respond, client: WebClient) -> None:
        channel_id, message = str(body["channel"]["id"]), body["message"]
        if refusal := self._refused(body, "add", "", channel_id):
            hinted(respond, refusal)
        else:
            thread_ts = str(message.get("thread_ts") or message["ts"])
            opened(client, body["trigger_id"], source_form(channel_id, thread_ts))
        ack()

    def on_source_form(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        place, (channel_id, ts) = asked_for(view), thread_of(view)
        subject = "" if isinstance(place, str) else place.location
        refusal = self._refused(body, "add", subject, channel_id)
        if refusal or isinstance(place, str):
            ack(response_action="errors", errors={ADDRESS: refusal or str(place)})
            return
        ack()
        self._proposing.propose(place, {"user": body["user"]["id"], "channel": channel_id, "ts": ts}, client)

    def on_write(self, body: Event, ack: Ack, respond: Respond, client: WebClient) -> None:
        question_id = str(body["actions"][0]["value"])
        if refusal := self._refused(body, "answer", question_id, str(body["channel"]["id"])):
            hinted(respond, refusal)
        else:
            self._show_form(question_id, body, respond, client)
        ack()

    def _show_form(self, question_id: str, body: Event, respond: Respond, client: WebClient) -> None:
        try:
            asked = self._asked(question_id)
            place = Place(asked.channel_id, asked.ts, asked.thread_ts or asked.ts)
            draft = self._saving.blank(place, asked.text, user_id=body["user"]["id"])
        except FootnoteError as error:
            hinted(respond, sentence_of(error))
        else:
            opened(client, body["trigger_id"], missing_answer_form(draft))

    def _asked(self, question_id: str) -> Incoming:
        """The question, where it may be shown to admins still. Raises CannotSave, SlackUnavailable, DatabaseUnavailable."""
        asked = self._ledger.kept(question_id)
        if asked is None or not asked.is_written:
            raise CannotSave(GONE)
        if asked.is_private or not self._sight.sees(asked.channel_id):
            raise CannotSave(NOT_SEEN)
        return asked

    def on_answer_form(self, body: Event, view: Event, ack: Ack) -> None:
        place = place_of(view)
        problem = self._refused(body, "answer", place.channel_id, self._door.channel_id)
        if problem := problem or self._hidden(place):
            ack(response_action="errors", errors={ANSWER: problem})
        elif self._verifying.kept(body, view, ack):
            self._door.audit.note(
                body["user"]["id"], "answer", place.channel_id, channel_id=self._door.channel_id
            )

    def _hidden(self, place: Place) -> str:
        """The channel may have become private since."""
        try:
            return "" if self._sight.sees(place.channel_id) else NOT_SEEN
        except SlackUnavailable as error:
            log.warning("answer not saved (%s)", type(error).__name__)
            return TRY_AGAIN

    def _refused(self, body: Event, action: str, subject: str, channel_id: str) -> str | None:
        return self._door.refusal(body["user"]["id"], action, subject, channel_id=channel_id)
