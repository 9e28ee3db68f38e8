"""reactions.* and pins.*: small marks on messages."""

from sandbox.calls import Call, Methods
from sandbox.errors import SlackError
from sandbox.shapes import Json


def add_reaction(call: Call) -> Json:
    """React to a message.

    https://docs.slack.dev/reference/methods/reactions.add
    """
    return _react(call, remove=False)


def remove_reaction(call: Call) -> Json:
    """Take a reaction back.

    https://docs.slack.dev/reference/methods/reactions.remove
    """
    return _react(call, remove=True)


def add_pin(call: Call) -> Json:
    """Pin a message.

    https://docs.slack.dev/reference/methods/pins.add
    """
    channel = call.joined_channel()
    message = channel.message(call.arguments.text("timestamp"))
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins.append(message.ts)
    return {}


def list_pins(call: Call) -> Json:
    """What is pinned.

    https://docs.slack.dev/reference/methods/pins.list
    """
    channel = call.joined_channel()
    pinned = [
        {"type": "message", "channel": channel.id, "message": channel.present(channel.messages[ts])}
        for ts in channel.pins
        if ts in channel.messages
    ]
    return {"items": pinned}


def _react(call: Call, *, remove: bool) -> Json:
    message = call.joined_channel().message(call.arguments.text("timestamp"))
    name = call.arguments.text("name")
    if not name:
        raise SlackError("invalid_name")
    call.platform.react(message, user=call.bot, name=name.strip(":"), remove=remove)
    return {}


METHODS: Methods = {
    "reactions.add": add_reaction,
    "reactions.remove": remove_reaction,
    "pins.add": add_pin,
    "pins.list": list_pins,
}
