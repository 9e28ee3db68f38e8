"""Settings of channels as they are shown in the admin channel. Pure."""

from collections.abc import Mapping

from workers.admin.channel_words import Names, in_full, in_short
from workers.admin.source_words import sentence
from workers.channels import AS_EVERYWHERE, Changed, ChannelSettings
from workers.elements import (
    Block,
    Element,
    actions,
    bullets,
    button,
    channel_element,
    date_element,
    plain_text_object,
    rich_text,
    section,
    text_element,
)
from workers.rendering import Rendered

CHANGE = "channel_settings_change"
"""The button that opens the form; its value is the id of the channel."""

PICK = "channel_settings_pick"
"""The list to choose the channel from whose form is opened."""

_MOST = 40
_NONE_SET = "Every channel is as everywhere. To change one: settings #channel"
_HEAD = "Channels with settings of their own"


def all_settings(channels: Mapping[str, Changed], names: Names) -> Rendered:
    """All channels for which something is set, a line each."""
    if not channels:
        return sentence([text_element(_NONE_SET)])
    lines = [section(line(channel_id, one, names)) for channel_id, one in [*channels.items()][:_MOST]]
    more = f"and {len(channels) - _MOST} more. " if len(channels) > _MOST else ""
    head = section([text_element(_HEAD, {"bold": True})])
    foot = section([text_element(f"{more}To see one in full, or change it: settings #channel")])
    return Rendered(_HEAD, [rich_text([head, bullets(lines), foot])])


def line(channel_id: str, changed: Changed, names: Names) -> list[Element]:
    """One channel: what is not as everywhere, and since when."""
    when = [text_element("  ·  since "), date_element(changed.at)]
    return [channel_element(channel_id), text_element("  "), *in_short(changed.settings, names), *when]


def one_channel(channel_id: str, settings: ChannelSettings, names: Names) -> Rendered:
    """All that holds in a channel, with the button that changes it."""
    head = section(
        [
            text_element("Settings of "),
            channel_element(channel_id),
            text_element(", which is as everywhere" if settings == AS_EVERYWHERE else ":"),
        ]
    )
    lines = [section(row) for row in in_full(settings, names)]
    return Rendered(
        "Settings of a channel", [rich_text([head, bullets(lines)]), actions([change_button(channel_id)])]
    )


def change_button(channel_id: str) -> Element:
    return button(CHANGE, "Change", channel_id)


def picker() -> Element:
    """For the home tab, where nothing can be typed."""
    return {
        "type": "conversations_select",
        "action_id": PICK,
        "placeholder": plain_text_object("Change a channel"),
        "filter": {"include": ["public", "private"]},
    }


def reset(channel_id: str, *, changed: bool) -> Rendered:
    after = " is as everywhere again." if changed else " is as everywhere already."
    return sentence([channel_element(channel_id), text_element(after)])


def in_home(channels: Mapping[str, Changed], names: Names, *, most: int) -> list[Block]:
    """As `all_settings`, with a button each; two blocks a channel."""
    blocks: list[Block] = []
    for channel_id, one in [*channels.items()][:most]:
        blocks += [rich_text([section(line(channel_id, one, names))]), actions([change_button(channel_id)])]
    return blocks
