"""The form of a channel's settings: what goes in comes out, whatever is set."""

from typing import Any

import pytest

from bot.admin.channel_form import (
    BAR,
    CHOOSE_A_CHANNEL,
    CHOSEN,
    CHOSEN_FOR_NOTHING,
    HOURS,
    LANGUAGE,
    MODE,
    OFF,
    PEOPLE,
    PEOPLE_CHANNEL,
    SOURCES,
    channel_form,
    filled_in,
    fingerprint,
    place_for,
    place_of,
    problems,
)
from sandbox.block_kit import check_view
from sandbox.forms import fill_in
from workers.channels import AS_EVERYWHERE, ChannelSettings

NAMES = {"s1": "wiki", "s2": "<!channel> " + "x" * 200}
SET = ChannelSettings(
    follow_ups="never",
    auto_answer=0.65,
    people_channel="C01PEOPLE",
    sources=frozenset({"s1"}),
    language="de",
    follow_up_hours=5.5,
)


def submitted(settings: ChannelSettings, names: dict[str, str] = NAMES, **entered: Any) -> dict[str, Any]:
    """The form as it comes back."""
    view = channel_form(place_for("C01GENERAL", settings), settings, names)
    assert check_view(view) == []
    return {**view, "state": {"values": fill_in(view["blocks"], entered)}}


@pytest.mark.parametrize(
    "settings",
    [
        AS_EVERYWHERE,
        SET,
        ChannelSettings(people_channel=""),
        ChannelSettings(sources=frozenset()),
        ChannelSettings(sources=frozenset({"removed", "s1"})),
        ChannelSettings(sources=frozenset(f"s{number}" for number in range(150))),
        ChannelSettings(auto_answer=1 / 3, follow_up_hours=720.0, follow_ups="always"),
    ],
)
def test_submitted_as_it_was_changes_nothing(settings: ChannelSettings) -> None:
    view = submitted(settings)
    assert problems(view) == {}
    assert filled_in(view, settings) == settings
    assert place_of(view).was == fingerprint(settings)


def test_everything_can_be_set_and_taken_back() -> None:
    chosen = {
        SOURCES: ["s1"],
        MODE: "never",
        BAR: "0.7",
        LANGUAGE: "fr",
        PEOPLE: CHOSEN,
        PEOPLE_CHANNEL: "C01PEOPLE",
        HOURS: "8.0",
    }
    assert filled_in(submitted(AS_EVERYWHERE, **chosen), AS_EVERYWHERE) == ChannelSettings(
        follow_ups="never",
        auto_answer=0.7,
        people_channel="C01PEOPLE",
        sources=frozenset({"s1"}),
        language="fr",
        follow_up_hours=8.0,
    )
    back = {SOURCES: [], MODE: "everywhere", BAR: OFF, LANGUAGE: "everywhere", PEOPLE: "everywhere"}
    view = submitted(SET, **back, **{HOURS: "everywhere"})
    assert filled_in(view, SET) == AS_EVERYWHERE


def test_what_contradicts_itself_is_said_at_its_input() -> None:
    assert problems(submitted(AS_EVERYWHERE, **{PEOPLE: CHOSEN})) == {PEOPLE_CHANNEL: CHOOSE_A_CHANNEL}
    found = problems(submitted(AS_EVERYWHERE, **{PEOPLE_CHANNEL: "C01PEOPLE"}))
    assert found == {PEOPLE: CHOSEN_FOR_NOTHING}


def test_more_sources_than_a_select_takes_are_in_groups() -> None:
    names = {f"s{number:03}": f"source {number}" for number in range(250)}
    view = submitted(AS_EVERYWHERE, names, **{SOURCES: ["s249"]})
    assert filled_in(view, AS_EVERYWHERE).sources == {"s249"}


def test_without_sources_there_is_nothing_to_choose() -> None:
    assert filled_in(submitted(AS_EVERYWHERE, {}), AS_EVERYWHERE) == AS_EVERYWHERE
