"""The form in which an admin names a place that could be a source. Pure."""

from dataclasses import replace
from typing import Any

from bot.admin.source_fields import form_input
from bot.admin.words import Place, location_of
from ingestion.kinds import Proposal
from workers.elements import Block, Element, button, plain_text_object

NEW, FORM, TITLE = "source_new", "source_new_form", "Add a source"
ADDRESS, CHANNEL, NAME = "address", "channel", "name"

ONE_OF_BOTH = "Please give an address here, or choose a channel below: one of both."
NO_ADDRESS = "That is no address of a site, repository or wiki; they begin with https://."
_LONGEST, _NAME_CHARS = 1200, 80


def new_button() -> Element:
    return button(NEW, TITLE, "new")


def adding_form() -> dict[str, Any]:
    """Nothing is read of the place before the message that comes of it is answered with Add."""
    address: Block = {"type": "plain_text_input", "action_id": ADDRESS, "max_length": _LONGEST} | {
        "placeholder": plain_text_object("https://")
    }
    channel: Block = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {"include": ["public", "private"]},
    }
    name: Block = {"type": "plain_text_input", "action_id": NAME, "max_length": _NAME_CHARS}
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": plain_text_object(TITLE),
        "submit": plain_text_object("Go on"),
        "close": plain_text_object("Cancel"),
        "blocks": [
            form_input(ADDRESS, "A site, repository or wiki", address),
            form_input(CHANNEL, "or a Slack channel", channel),
            form_input(NAME, "What to call it", name),
        ],
    }


def asked_for(view: dict[str, Any]) -> Proposal | str:
    """Of a submitted form; a sentence where it is no place."""
    values = view["state"]["values"]
    address = str(values[ADDRESS][ADDRESS].get("value") or "").strip()
    channel = str(values[CHANNEL][CHANNEL].get("selected_conversation") or "")
    if bool(address) == bool(channel):
        return ONE_OF_BOTH
    place = location_of(address or f"<#{channel}>")
    if not isinstance(place, Place):
        return place or NO_ADDRESS
    name = " ".join(str(values[NAME][NAME].get("value") or "").split())
    return replace(place.proposal, name=name or place.label or place.proposal.name)
