"""What is set for a channel, as admins read of it in Slack. Pure."""

from collections.abc import Mapping
from typing import Any

from workers.channels import ChannelSettings, FollowUps
from workers.elements import Element, channel_element, shortened, text_element
from workers.languages import LANGUAGES

AS_EVERYWHERE = "as everywhere"
_NAMED, _NAME_CHARS = 10, 80

FOLLOW_UPS: Mapping[FollowUps, str] = {
    "never": "mentions only",
    "questions": "what the person who asked asks next in the thread",
    "always": "all that is said in the thread",
}
"""What is answered, in the words of admins."""

Names = Mapping[str, str]
"""Those of sources, by id."""


def sure_from(bar: float) -> str:
    """`0.6` → `60 %`."""
    return f"{bar * 100:.4g} %"


def hours(number: float) -> str:
    return f"{number:g} h" if number < 48 or number % 24 else f"{number / 24:g} days"  # noqa: PLR2004 - two days


def in_full(settings: ChannelSettings, names: Names) -> list[list[Element]]:
    """A line for each setting, those that are as everywhere too."""
    asked = "when nobody asked me: "
    bar = settings.auto_answer
    return [
        [text_element(f"searched: {_searched(settings, names)}")],
        [
            text_element(
                f"answered: {FOLLOW_UPS[settings.follow_ups] if settings.follow_ups else AS_EVERYWHERE}"
            )
        ],
        [
            text_element(
                asked + ("no answer" if bar is None else f"an answer that is at least {sure_from(bar)} sure")
            )
        ],
        [
            text_element(
                f"language: {LANGUAGES[settings.language] if settings.language else 'that of the question'}"
            )
        ],
        [text_element("asked when the documents don't know: "), *_people(settings)],
        [text_element(f"a thread is followed for: {_followed(settings)}")],
    ]


def in_short(settings: ChannelSettings, names: Names) -> list[Element]:
    """What is not as everywhere, in a line."""
    said: list[list[Element]] = []
    if settings.sources is not None:
        said.append([text_element(f"searches {_searched(settings, names)}")])
    if settings.follow_ups:
        said.append([text_element(f"answers {FOLLOW_UPS[settings.follow_ups]}")])
    if settings.auto_answer is not None:
        said.append([text_element(f"answers unasked from {sure_from(settings.auto_answer)}")])
    if settings.language:
        said.append([text_element(f"speaks {LANGUAGES[settings.language]}")])
    if settings.people_channel is not None:
        said.append([text_element("asks "), *_people(settings)])
    if settings.follow_up_hours:
        said.append([text_element(f"follows for {_followed(settings)}")])
    between = text_element("  ·  ")
    return [one for part in said for one in (between, *part)][1:] or [text_element(AS_EVERYWHERE)]


def state_of(settings: ChannelSettings, names: Names) -> dict[str, Any]:
    """For the audit, as JSON: sources by name."""
    return {
        "follow_ups": settings.follow_ups,
        "auto_answer": settings.auto_answer,
        "people_channel": settings.people_channel,
        "sources": None if settings.sources is None else _names(settings, names),
        "language": settings.language,
        "follow_up_hours": settings.follow_up_hours,
    }


def _names(settings: ChannelSettings, names: Names) -> list[str]:
    """A removed source is still named: while it is, nothing else is searched in its place."""
    return sorted(names.get(one, "(removed)") for one in settings.sources or ())


def _searched(settings: ChannelSettings, names: Names) -> str:
    if settings.sources is None:
        return "all sources"
    found = [shortened(name, _NAME_CHARS) for name in _names(settings, names)]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{', '.join(found[:_NAMED])}{more}" if found else "no source"


def _people(settings: ChannelSettings) -> list[Element]:
    if settings.people_channel:
        return [text_element("the people of "), channel_element(settings.people_channel)]
    return [text_element("nobody" if settings.people_channel == "" else AS_EVERYWHERE)]


def _followed(settings: ChannelSettings) -> str:
    return hours(settings.follow_up_hours) if settings.follow_up_hours else AS_EVERYWHERE
