"""What is chosen of a source in forms: who may read it, and how often it is read. Pure."""

from collections.abc import Collection
from typing import Any

from bot.form_parts import form_input, options, select
from ingestion.kinds import in_words, interval
from rag.domain import MEMBERS, PUBLIC, channel_readers
from workers.elements import Block

READERS, CHANNELS, EVERY = "readers", "channels", "every"
NOBODY = "Please choose somebody who may read it."

_MARK = "channel:"
_INTERVALS = ("15m", "1h", "6h", "1d", "7d", "off")
_READERS = {
    MEMBERS: "All full members of the workspace",
    PUBLIC: "Everybody: guests and connected organisations too",
}


def audience_fields(chosen: Collection[str]) -> list[Block]:
    """Filled in with these readers."""
    offered = options(_READERS)
    marked = [one for one in offered if one["value"] in chosen]
    boxes = {"type": "checkboxes", "action_id": READERS, "options": offered}
    channels = sorted(one.removeprefix(_MARK) for one in chosen if one.startswith(_MARK))
    picker: Block = {
        "type": "multi_conversations_select",
        "action_id": CHANNELS,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return [
        form_input(
            READERS,
            "Answers from it are for",
            boxes | ({"initial_options": marked} if marked else {}),
            optional=True,
        ),
        form_input(
            CHANNELS,
            "and for the members of",
            picker | ({"initial_conversations": channels} if channels else {}),
            optional=True,
        ),
    ]


def schedule_field(every_seconds: float | None) -> Block:
    """Filled in with this interval, whatever it is."""
    now = next((one for one in _INTERVALS if interval(one) == every_seconds), None)
    own = "" if now or every_seconds is None else f"{every_seconds / 60:.0f}m"
    offered = (own, *_INTERVALS) if own else _INTERVALS
    words = {every: in_words(interval(every)).capitalize() for every in offered}
    return select(EVERY, "It is read again", words, now or own)


def readers_in(view: dict[str, Any]) -> frozenset[str]:
    """Of a submitted form."""
    values = view["state"]["values"]
    boxes = (values.get(READERS) or {}).get(READERS) or {}
    picked = (values.get(CHANNELS) or {}).get(CHANNELS) or {}
    readers = {str(option["value"]) for option in boxes.get("selected_options") or ()}
    return frozenset(
        readers | {channel_readers(str(one)) for one in picked.get("selected_conversations") or ()}
    )


def every_in(view: dict[str, Any]) -> float | None:
    return interval(str(view["state"]["values"][EVERY][EVERY]["selected_option"]["value"]))
