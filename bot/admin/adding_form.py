"""The form in which an admin names a place that could be a source. Pure."""

from dataclasses import replace
from typing import Any

from bot.admin.words import Place, location_of
from bot.form_parts import form_input, modal, text_input
from ingestion.kinds import Proposal
from workers.elements import Element, button

NEW, FORM, TITLE = "source_new", "source_new_form", "Add a source"
ADDRESS, CHANNEL, NAME = "address", "channel", "name"

ONE_OF_BOTH = "Please give an address here, or choose a channel below: one of both."
NO_ADDRESS = "That is no address of a site, repository or wiki; they begin with https://."
_LONGEST, _NAME_CHARS = 1200, 80


def new_button() -> Element:
    return button(NEW, TITLE, "new")


def adding_form() -> dict[str, Any]:
    """Nothing is read of the place before the message that comes of it is answered with Add."""
    channel = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {"include": ["public", "private"]},
    }
    address = text_input(ADDRESS, most_chars=_LONGEST, placeholder="https://")
    name = text_input(NAME, most_chars=_NAME_CHARS)
    blocks = [
        form_input(ADDRESS, "A site, repository or wiki", address, optional=True),
        form_input(CHANNEL, "or a Slack channel", channel, optional=True),
        form_input(NAME, "What to call it", name, optional=True),
    ]
    return modal(TITLE, blocks, callback=FORM, submit="Go on")


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
