"""One source as an admin sees it, with buttons for what can be done to it, and the forms behind them. Pure."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from bot.admin.source_fields import audience_fields, schedule_field
from bot.form_parts import modal
from ingestion.registered import RegisteredSource
from workers.admin.source_admin import Details
from workers.admin.source_words import shown
from workers.elements import (
    Block,
    Element,
    actions,
    button,
    plain_text_object,
    rich_text,
    section,
    shortened,
)
from workers.rendering import Rendered

PAUSE, RESUME, REINDEX, REMOVE = "source_pause", "source_resume", "source_reindex", "source_remove"
AUDIENCE, SCHEDULE = "source_audience", "source_schedule"
AUDIENCE_FORM, SCHEDULE_FORM = "source_audience_form", "source_schedule_form"

_TITLES = {AUDIENCE: "Who may read it", SCHEDULE: "How often it is read"}
_CALLBACKS = {AUDIENCE: AUDIENCE_FORM, SCHEDULE: SCHEDULE_FORM}
_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Card:
    """Which source it shows, and where it stands."""

    source_id: str
    channel_id: str
    ts: str


def card(details: Details, said: list[Element] | None = None) -> Rendered:
    """What there is to know of a source; `said` tells what was just done to it. What is being removed has no buttons."""
    message = shown(details.status, details.run, details.failing)
    told = [rich_text([section(said)])] if said else []
    return Rendered(message.text, [*message.blocks, *told, *_buttons(details)])


def _buttons(details: Details) -> list[Block]:
    source, run = details.status.source, details.run
    if source.state != "active" or (run and run.action == "remove" and not run.is_finished):
        return []
    paused = button(RESUME, "Resume", source.id) if source.is_paused else button(PAUSE, "Pause", source.id)
    remove = button(REMOVE, "Remove", source.id, style="danger")
    return [
        actions(
            [
                paused,
                button(AUDIENCE, "Audience", source.id),
                button(SCHEDULE, "Schedule", source.id),
                button(REINDEX, "Reindex", source.id),
                {**remove, "confirm": _confirmation(details)},
            ]
        )
    ]


def _confirmation(details: Details) -> Element:
    name = shortened(details.status.source.name, _NAME_CHARS)
    count = details.status.documents
    text = f"{name} and all that is indexed of it ({count:,} documents) are taken out. It cannot be undone."
    return {
        "title": plain_text_object("Remove this source?"),
        "text": plain_text_object(text),
        "confirm": plain_text_object("Remove"),
        "deny": plain_text_object("Keep"),
        "style": "danger",
    }


def source_form(what: str, source: RegisteredSource, place: Card) -> dict[str, Any]:
    """The modal behind the button AUDIENCE or SCHEDULE, filled in with what is."""
    audience = what == AUDIENCE
    fields = audience_fields(source.readers) if audience else [schedule_field(source.every_seconds)]
    name = plain_text_object(shortened(source.name, _NAME_CHARS))
    blocks = [{"type": "section", "text": name}, *fields]
    metadata = json.dumps(asdict(place))
    return modal(_TITLES[what], blocks, callback=_CALLBACKS[what], submit="Save", metadata=metadata)


def card_of(view: dict[str, Any]) -> Card:
    """Of a submitted form."""
    return Card(**json.loads(view["private_metadata"]))
