"""The forms behind the buttons of the digest. Pure."""

import json
from typing import Any

from bot.admin_words import Place, location_of
from bot.answer_form import answer_form
from ingestion.kinds import Proposal
from workers.elements import plain_text_object
from workers.saving import Draft

SOURCE_FORM, ANSWER_FORM = "digest_source_form", "digest_answer_form"
LOCATION = "location"

NO_PLACE = "I can't tell what that is. Give the address of a site or a repository, or a channel as channel:C0123ABCD."


def source_form(channel_id: str, ts: str) -> dict[str, Any]:
    """Asks for a place; its private metadata is the thread in which that is proposed."""
    element = {"type": "plain_text_input", "action_id": LOCATION, "max_length": 1000}
    return {
        "type": "modal",
        "callback_id": SOURCE_FORM,
        "private_metadata": json.dumps([channel_id, ts]),
        "title": plain_text_object("Add a source"),
        "submit": plain_text_object("Look at it"),
        "close": plain_text_object("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": LOCATION,
                "label": plain_text_object("Where is it written?"),
                "hint": plain_text_object(
                    "A site, a repository, or channel:C0123ABCD. I propose it in the thread; nothing is read before you say Add."
                ),
                "element": element,
            }
        ],
    }


def place_in(view: dict[str, Any]) -> Proposal | str:
    """What a submitted form names, or the sentence that says what is wrong with it."""
    place = location_of(str(view["state"]["values"][LOCATION][LOCATION].get("value") or "").strip())
    if isinstance(place, Place):
        return place.proposal
    return place or NO_PLACE


def thread_of(view: dict[str, Any]) -> tuple[str, str]:
    """Channel and message of the digest that a form was opened from."""
    channel_id, ts = json.loads(view["private_metadata"])
    return str(channel_id), str(ts)


def missing_answer_form(draft: Draft) -> dict[str, Any]:
    """As of a message, but submitted to those who ask whether it is an admin's."""
    return {**answer_form(draft), "callback_id": ANSWER_FORM}
