"""What the asker of an ambiguous question chooses becomes a question of its own."""

import logging
import re

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.listeners.telling import hinted
from bot.messages import Event, chosen
from rag.errors import ReplyImpossible, SlackUnavailable
from workers.channels import SettingsOf, as_everywhere
from workers.intake import Intake
from workers.ledger import Ledger
from workers.rendering import CHOOSE, choice_of
from workers.showing import shown
from workers.slack.messages import change

log = logging.getLogger(__name__)

NOT_YOURS = "Only whoever asked can choose here. Mention me with your own question, and I answer it."


class Choices:
    """The buttons under a question back."""

    def __init__(self, intake: Intake, ledger: Ledger, settings_of: SettingsOf = as_everywhere) -> None:
        self._settings_of = settings_of
        self._intake = intake
        self._ledger = ledger

    def register(self, app: App) -> None:
        app.action(re.compile(rf"{CHOOSE}_\d+"))(self.on_chosen)

    def on_chosen(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        question_id, place = choice_of(str(body["actions"][0]["value"]))
        choice = self._ledger.choose(question_id, body["user"]["id"], place)
        if choice is None:
            hinted(respond, NOT_YOURS)
            ack()
            return
        self._intake.accept(chosen(question_id, choice, body))
        ack()
        asked = choice.asked
        language = self._settings_of(asked.channel_id).language
        message = shown(question_id, asked, choice.answer, chosen=choice.place, language=language)
        try:
            if asked.is_private:
                respond(
                    text=message.text,
                    blocks=message.blocks,
                    response_type="ephemeral",
                    replace_original=True,
                )
            else:
                change(client, asked.channel_id, str(body["message"]["ts"]), message)
        except (SlackUnavailable, ReplyImpossible, SlackClientError, OSError) as error:
            # The buttons stay; whichever is clicked next, the choice is made.
            log.warning("choice not shown id=%s (%s)", question_id, type(error).__name__)
