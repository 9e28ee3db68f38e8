"""The form in which an admin changes what holds in a channel. Pure.

Nothing may be lost by opening and submitting it: what it cannot show stays as it was, and whatever is set is among its options.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from bot.form_parts import form_input, modal, options, select
from rag.domain import Language
from workers.admin.channel_words import FOLLOW_UPS, hours, sure_from
from workers.channels import ChannelSettings, FollowUps
from workers.elements import (
    Block,
    Element,
    channel_element,
    note,
    plain_text_object,
    rich_text,
    section,
    text_element,
)
from workers.languages import LANGUAGES

CALLBACK, TITLE = "channel_form", "Settings of a channel"
SOURCES, MODE, BAR, LANGUAGE = "sources", "mode", "bar", "language"
PEOPLE, PEOPLE_CHANNEL, HOURS = "people", "people_channel", "hours"
EVERYWHERE, OFF, NOBODY, CHOSEN = "everywhere", "off", "nobody", "chosen"

CHOOSE_A_CHANNEL = "Please choose the channel whose people are asked."
CHOSEN_FOR_NOTHING = "To have the people of the channel below asked, choose that here."
CHANGED_MEANWHILE = "Somebody changed this channel's settings meanwhile. Close this, and open it again."
NOT_IN_THERE = "I'm not in that channel. Invite me there first, then save again."

_BARS, _HOURS = (0.5, 0.6, 0.7, 0.8, 0.9), (1.0, 8.0, 24.0, 72.0, 168.0)
_OPTIONS = 100  # of a select, as Slack takes them

Options = dict[str, str]
"""What can be chosen, by value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which channel's form it is. `was` tells the settings that it was filled in with; `people` the channel that it showed. It was
    opened from the message `ts` in the channel `shown_in`, or from the home tab, where both are empty.
    """

    channel_id: str
    was: str
    people: str
    shown_in: str = ""
    ts: str = ""


def place_for(channel_id: str, settings: ChannelSettings, *, shown_in: str = "", ts: str = "") -> Place:
    return Place(channel_id, fingerprint(settings), settings.people_channel or "", shown_in, ts)


def fingerprint(settings: ChannelSettings) -> str:
    """The same for the same settings."""
    told = {**asdict(settings), "sources": settings.sources and sorted(settings.sources)}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def channel_form(place: Place, settings: ChannelSettings, names: Mapping[str, str]) -> dict[str, Any]:
    """The modal, filled in; `names` are those of the sources that can be chosen, by id."""
    blocks = [
        rich_text([section([text_element("What holds in "), channel_element(place.channel_id)])]),
        *_sources(settings, names),
        select(MODE, "What is answered", _modes(), settings.follow_ups or EVERYWHERE),
        select(BAR, "Questions that nobody asked me", _bars(settings), _value(settings.auto_answer, OFF)),
        select(LANGUAGE, "Language", _languages(), settings.language or EVERYWHERE),
        *_people(settings),
        select(
            HOURS,
            "A thread is followed for",
            _hours(settings),
            _value(settings.follow_up_hours, EVERYWHERE),
        ),
    ]
    return modal(TITLE, blocks, callback=CALLBACK, submit="Save", metadata=json.dumps(asdict(place)))


def _modes() -> Options:
    return {EVERYWHERE: "As everywhere"} | {str(mode): _capital(words) for mode, words in FOLLOW_UPS.items()}


def _bars(settings: ChannelSettings) -> Options:
    found = sorted({*_BARS, *([] if settings.auto_answer is None else [settings.auto_answer])})
    return {OFF: "Not answered"} | {
        repr(bar): f"Answered when at least {sure_from(bar)} sure" for bar in found
    }


def _languages() -> Options:
    return {EVERYWHERE: "That of the question"} | {str(code): name for code, name in LANGUAGES.items()}


def _hours(settings: ChannelSettings) -> Options:
    found = sorted({*_HOURS, *([settings.follow_up_hours] if settings.follow_up_hours else [])})
    return {EVERYWHERE: "As everywhere"} | {repr(number): hours(number) for number in found}


def _value(number: float | None, otherwise: str) -> str:
    return otherwise if number is None else repr(number)


def _sources(settings: ChannelSettings, names: Mapping[str, str]) -> list[Block]:
    chosen = settings.sources or frozenset()
    offered = {one: f"{names.get(one, '(removed)')}" for one in sorted(chosen - names.keys())} | dict(names)
    if not offered:
        return []
    if len(chosen) > _OPTIONS or settings.sources == frozenset():
        # Chosen are more than Slack shows, or none, which here would mean all: both can be made on the command line alone.
        return [note(f"{len(chosen)} sources are searched. To change that: python -m bot channel.")]
    made = options(offered)
    initial = [one for one in made if one["value"] in chosen]
    element = {"type": "multi_static_select", "action_id": SOURCES, **_grouped(made)}
    if initial:
        element["initial_options"] = initial
    hint = "Where nothing is chosen, all are. Verified answers are searched everywhere."
    return [form_input(SOURCES, "Sources that are searched", element, hint=hint, optional=True)]


def _grouped(options: Sequence[Element]) -> dict[str, Any]:
    """A select takes a hundred options, or a hundred groups of as many."""
    if len(options) <= _OPTIONS:
        return {"options": [*options]}
    starts = range(0, len(options), _OPTIONS)[:_OPTIONS]
    groups = [options[start : start + _OPTIONS] for start in starts]
    return {
        "option_groups": [
            {"label": plain_text_object(f"{start + 1} to {start + len(group)}"), "options": [*group]}
            for start, group in zip(starts, groups, strict=True)
        ]
    }


def _people(settings: ChannelSettings) -> list[Block]:
    own = settings.people_channel
    offered = {
        EVERYWHERE: "As everywhere",
        NOBODY: "Nobody",
        CHOSEN: "The people of the channel below",
    }
    picked: Block = {
        "type": "conversations_select",
        "action_id": PEOPLE_CHANNEL,
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
    }
    if own:
        picked["initial_conversation"] = own
    now = CHOSEN if own else EVERYWHERE if own is None else NOBODY
    return [
        select(PEOPLE, "Asked what the documents don't say", offered, now),
        form_input(PEOPLE_CHANNEL, "Channel", picked, optional=True),
    ]


def place_of(view: dict[str, Any]) -> Place:
    """Of a submitted form."""
    return Place(**json.loads(view["private_metadata"]))


def filled_in(view: dict[str, Any], before: ChannelSettings) -> ChannelSettings:
    """The settings that a submitted form asks for; what it did not show is as `before`."""
    mode, language, people = (_chosen(view, name) for name in (MODE, LANGUAGE, PEOPLE))
    bar, number = _chosen(view, BAR), _chosen(view, HOURS)
    sources = before.sources
    if SOURCES in view["state"]["values"]:
        options = view["state"]["values"][SOURCES][SOURCES].get("selected_options") or ()
        sources = frozenset(str(option["value"]) for option in options) or None
    return replace(
        before,
        sources=sources,
        follow_ups=cast("FollowUps", mode) if mode in FOLLOW_UPS else None,
        auto_answer=None if bar == OFF else float(bar),
        language=cast("Language", language) if language in LANGUAGES else None,
        people_channel=_picked(view) if people == CHOSEN else "" if people == NOBODY else None,
        follow_up_hours=None if number == EVERYWHERE else float(number),
    )


def problems(view: dict[str, Any]) -> dict[str, str]:
    """What is wrong with a submitted form, a sentence at each input."""
    people, picked = _chosen(view, PEOPLE), _picked(view)
    if people == CHOSEN and not picked:
        return {PEOPLE_CHANNEL: CHOOSE_A_CHANNEL}
    if people != CHOSEN and picked and picked != place_of(view).people:
        return {PEOPLE: CHOSEN_FOR_NOTHING}
    return {}


def _chosen(view: dict[str, Any], name: str) -> str:
    return str(view["state"]["values"][name][name]["selected_option"]["value"])


def _picked(view: dict[str, Any]) -> str:
    return str(view["state"]["values"][PEOPLE_CHANNEL][PEOPLE_CHANNEL].get("selected_conversation") or "")


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
