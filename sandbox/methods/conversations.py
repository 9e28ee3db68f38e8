"""conversations.*: channels and what was said in them, as far as the calling app may see it."""

from collections.abc import Callable

from sandbox.calls import Call, Methods
from sandbox.channels import LIST_TYPES, Channel
from sandbox.errors import SlackError
from sandbox.limits import DISTRIBUTED_MESSAGES
from sandbox.messages import Message
from sandbox.pages import page
from sandbox.shapes import Json

_MOST_MESSAGES = 999
_MOST_LISTED = 1000


def info(call: Call) -> Json:
    """One channel.

    https://docs.slack.dev/reference/methods/conversations.info
    """
    channel = call.channel()
    shown = channel.to_slack(call.bot.id)
    if call.arguments.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def list_channels(call: Call) -> Json:
    """All channels the app can see.

    https://docs.slack.dev/reference/methods/conversations.list
    """
    return _listed(call, lambda channel: channel.visible_to(call.bot.id), usual="public_channel")


def of_user(call: Call) -> Json:
    """The channels a user is a member of.

    https://docs.slack.dev/reference/methods/users.conversations
    """
    user = call.workspace.user(call.arguments.text("user") or call.bot.id)

    def shared(channel: Channel) -> bool:
        return user.id in channel.members and channel.visible_to(call.bot.id)

    return _listed(call, shared, usual="public_channel")


def members(call: Call) -> Json:
    """Ids of the members.

    https://docs.slack.dev/reference/methods/conversations.members
    """
    channel = call.channel()
    limit = call.arguments.number("limit", default=100, maximum=_MOST_LISTED)
    ids, following = page(channel.members, key=str, cursor=call.arguments.text("cursor"), limit=limit)
    return {"members": ids, "response_metadata": {"next_cursor": following}}


def history(call: Call) -> Json:
    """Top-level messages, newest first.

    https://docs.slack.dev/reference/methods/conversations.history
    """
    channel = call.joined_channel()
    messages = [message for message in reversed(channel.top_level()) if _within(call, message)]
    return _messages(call, channel, messages, usual_limit=100) | {"pin_count": len(channel.pins)}


def replies(call: Call) -> Json:
    """A thread, oldest first.

    https://docs.slack.dev/reference/methods/conversations.replies

    Its head stands first on every page.
    """
    channel = call.joined_channel()
    ts = call.arguments.text("ts")
    if ts is None or ts not in channel.messages or channel.messages[ts].ephemeral_to:
        raise SlackError("thread_not_found")
    head, *rest = channel.thread(ts)
    answer = _messages(call, channel, [one for one in rest if _within(call, one)], usual_limit=1000)
    shown = channel.present(head, with_metadata=call.arguments.flag("include_all_metadata"))
    return answer | {"messages": [shown, *answer["messages"]]}


def open_direct(call: Call) -> Json:
    """A direct message with somebody.

    https://docs.slack.dev/reference/methods/conversations.open
    """
    known = call.arguments.text("channel")
    if known:
        channel, already_open = call.channel(), True
    else:
        users = [call.workspace.user(name) for name in call.arguments.names("users")]
        if not users:
            raise SlackError("users_list_not_supplied")
        if any(user.deleted for user in users):
            raise SlackError("user_disabled")
        if any(user.is_bot for user in users):
            raise SlackError("cannot_dm_bot")
        channel, already_open = call.workspace.direct([call.bot.id, *(user.id for user in users)])
    full = call.arguments.flag("return_im")
    shown = channel.to_slack(call.bot.id) if full else {"id": channel.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if already_open else {})


def join(call: Call) -> Json:
    """Become a member of a public channel.

    https://docs.slack.dev/reference/methods/conversations.join
    """
    channel = call.channel()
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    already = {"warning": "already_in_channel"} if call.bot.id in channel.members else {}
    call.platform.join(channel, call.bot)
    return {"channel": channel.to_slack(call.bot.id)} | already


def leave(call: Call) -> Json:
    """Stop being a member.

    https://docs.slack.dev/reference/methods/conversations.leave
    """
    channel = call.channel()
    if call.bot.id not in channel.members:
        return {"not_in_channel": True}
    call.platform.leave(channel, call.bot)
    return {}


def _listed(call: Call, wanted: Callable[[Channel], bool], *, usual: str) -> Json:
    types = call.arguments.names("types") or usual.split(",")
    if not set(types) <= set(LIST_TYPES.values()):
        raise SlackError("invalid_types")
    found = [
        channel
        for channel in call.workspace.channels.values()
        if LIST_TYPES[channel.kind] in types
        and wanted(channel)
        and not (channel.is_archived and call.arguments.flag("exclude_archived"))
    ]
    limit = call.arguments.number("limit", default=100, maximum=_MOST_LISTED)
    channels, following = page(
        found, key=lambda channel: channel.id, cursor=call.arguments.text("cursor"), limit=limit
    )
    shown = [
        channel.to_slack(call.bot.id)
        | ({"num_members": len(channel.members)} if channel.kind != "im" else {})
        for channel in channels
    ]
    return {"channels": shown, "response_metadata": {"next_cursor": following}}


def _messages(call: Call, channel: Channel, messages: list[Message], *, usual_limit: int) -> Json:
    """A page of messages; their metadata only if the call asks for it."""
    distributed = call.platform.settings.distributed_outside_marketplace
    most = DISTRIBUTED_MESSAGES if distributed else _MOST_MESSAGES
    limit = call.arguments.number("limit", default=min(usual_limit, most), maximum=most)
    some, following = page(
        messages, key=lambda message: message.ts, cursor=call.arguments.text("cursor"), limit=limit
    )
    with_metadata = call.arguments.flag("include_all_metadata")
    answer: Json = {
        "messages": [channel.present(message, with_metadata=with_metadata) for message in some],
        "has_more": bool(following),
    }
    return answer | ({"response_metadata": {"next_cursor": following}} if following else {})


def _within(call: Call, message: Message) -> bool:
    """Whether a message lies between `oldest` and `latest`; the ends count only with `inclusive`."""
    oldest, latest = call.arguments.text("oldest"), call.arguments.text("latest")
    if call.arguments.flag("inclusive") and message.ts in (oldest, latest):
        return True
    at = float(message.ts)
    return float(oldest or 0) < at and (latest is None or at < float(latest))


METHODS: Methods = {
    "conversations.info": info,
    "conversations.list": list_channels,
    "conversations.members": members,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.open": open_direct,
    "conversations.join": join,
    "conversations.leave": leave,
    "users.conversations": of_user,
}
