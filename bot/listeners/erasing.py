"""`erase @person` in the admin channel: told what there is, asked, and done only then."""

import logging

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.commands.erasing import told
from bot.listeners.telling import hinted, replaced
from bot.messages import Event
from workers.admin.administering import Administering
from workers.admin.source_words import sentence
from workers.elements import actions, button, escaped, rich_text, section, text_element
from workers.privacy.erasing import Erased, Erasing
from workers.rendering import Rendered, defused
from workers.slack.names import names_of

log = logging.getLogger(__name__)

ERASE, KEEP_PERSON = "admin_erase", "admin_erase_not"

NOTHING_ERASED = "Nothing was erased."


class ErasePerson:
    """The question, and the buttons under it, each only for whoever is an admin at that moment."""

    def __init__(self, door: Administering, erasing: Erasing) -> None:
        self._door = door
        self._erasing = erasing

    def register(self, app: App) -> None:
        app.action(ERASE)(self.on_erase)
        app.action(KEEP_PERSON)(self.on_keep)

    def question(self, user_id: str, client: WebClient) -> Rendered:
        """What there is of a person, with the buttons. Raises DatabaseUnavailable."""
        name = names_of(client, {user_id}).get(user_id, user_id)
        found = self._erasing.count(user_id)
        if found.is_nothing:
            return sentence([text_element(f"There is nothing of {name}.")])
        return asked(user_id, name, found)

    def on_erase(self, body: Event, ack: Ack, respond: Respond) -> None:
        if self._may(body, respond):
            user_id, channel_id = body["user"]["id"], _channel_of(body)
            erased = self._erasing.erase(_person_in(body), by=user_id, channel_id=channel_id)
            replaced(respond, sentence([text_element(f"Erased: {told(erased)}.")]))
        ack()

    def on_keep(self, body: Event, ack: Ack, respond: Respond) -> None:
        if self._may(body, respond):
            replaced(respond, sentence([text_element(NOTHING_ERASED)]))
        ack()

    def _may(self, body: Event, respond: Respond) -> bool:
        """Asked again who it is: between the question and the click somebody may have left."""
        refusal = self._door.refusal(
            body["user"]["id"], "erase", _person_in(body), channel_id=_channel_of(body)
        )
        if refusal:
            hinted(respond, refusal)
        return refusal is None


def asked(user_id: str, name: str, found: Erased) -> Rendered:
    """Asked before a person is erased; the buttons carry the id. The name pings nobody."""
    question = [
        text_element("Erase all there is of "),
        text_element(name, {"bold": True}),
        text_element(f"? {told(found)}. It cannot be undone; what Slack itself keeps stays there."),
    ]
    buttons = [button(ERASE, "Erase", user_id, style="danger"), button(KEEP_PERSON, "Keep", user_id)]
    text = escaped(defused(f"Erase all there is of {name}?"))
    return Rendered(text, [rich_text([section(question)]), actions(buttons)])


def _person_in(body: Event) -> str:
    return str(body["actions"][0]["value"])


def _channel_of(body: Event) -> str:
    return str((body.get("channel") or {}).get("id") or "")
