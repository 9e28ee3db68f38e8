"""What people see: channels, threads, modals, home tabs; and how to wait until it changes."""

import base64

from sandbox.arguments import Arguments
from sandbox.channels import Channel
from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.people import User
from sandbox.platform import Platform
from sandbox.shapes import Json
from sandbox.verbs import Verbs

_LONGEST_WAIT_SECONDS = 60.0


async def messages(platform: Platform, arguments: Arguments) -> Json:
    """A channel, or one thread of it: channel, [thread_ts], [as_user]; oldest first.

    Without `as_user` everything is shown, ephemeral messages too; with it what that person sees.
    """
    viewer = _viewer(platform, arguments)
    channel = platform.workspace.channel(arguments.required("channel"))
    if viewer and not can_read(channel, viewer):
        raise SlackError("channel_not_found")
    found = _thread(channel, arguments.text("thread_ts")) if arguments.text("thread_ts") else _top(channel)
    seen = [one for one in found if viewer is None or one.ephemeral_to in (None, viewer.id)]
    status = _status(platform, channel, arguments.text("thread_ts") or "")
    shown = [_shown(platform, channel, one) for one in seen]
    return {"version": platform.bell.version, "messages": shown, "status": status}


async def wait(platform: Platform, arguments: Arguments) -> Json:
    """Answer once something has changed since version `after`, or after `timeout` seconds.

    Anything, or something in a channel or a thread: [channel], [thread_ts].
    """
    after = int(arguments.text("after") or 0)
    timeout = min(float(arguments.text("timeout") or 10), _LONGEST_WAIT_SECONDS)
    place = None
    if arguments.text("channel"):
        channel = platform.workspace.channel(arguments.required("channel"))
        place = (channel.id, arguments.text("thread_ts") or "")
    return {"version": await platform.bell.wait(after, timeout, place)}


async def workspace(platform: Platform, arguments: Arguments) -> Json:
    """Who and what is there: [as_user] limits the channels to what that person finds.

    `newest` of a channel is who wrote last in it, and when, so that a page can mark what nobody has read.
    """
    team, viewer = platform.workspace, _viewer(platform, arguments)
    channels = [one for one in team.channels.values() if viewer is None or can_read(one, viewer)]
    return {
        "version": platform.bell.version,
        "team": {"id": team.team_id, "name": team.team_name, "domain": team.domain},
        "users": [user.to_slack() for user in team.users.values()],
        "apps": [
            {"id": app.id, "name": app.name, "bot_user_id": app.bot_user_id} | app.menus
            for app in team.apps.values()
        ],
        "channels": [
            one.to_slack(viewer.id if viewer else "")
            | {"kind": one.kind, "members": one.members, "newest": _newest(one)}
            for one in channels
        ],
        "usergroups": [{"id": one.id, "handle": one.handle} for one in team.usergroups.values()],
        "suggested_prompts": team.suggested_prompts,
        "sessions": [
            {"channel": channel, "thread_ts": thread} | state
            for (channel, thread), state in team.sessions.items()
        ],
    }


async def views(platform: Platform, arguments: Arguments) -> Json:
    """What a person has open: user; the modals, uppermost last, and the home tabs."""
    user = platform.workspace.user(arguments.required("user"))
    modals = [view.to_slack() for view in platform.workspace.views.values() if view.user == user.id]
    homes = [view.to_slack() for (_, owner), view in platform.workspace.homes.items() if owner == user.id]
    return {"version": platform.bell.version, "modals": modals, "homes": homes}


async def file(platform: Platform, arguments: Arguments) -> Json:
    """A file, for a person who reads a channel that it was shared in: as_user, file; its content in base64."""
    viewer = platform.workspace.user(arguments.required("as_user"))
    found = platform.workspace.files.get(arguments.required("file"))
    shared_in = [platform.workspace.channels[channel] for channel in found.shared_in] if found else []
    if found is None or found.content is None or not any(can_read(channel, viewer) for channel in shared_in):
        raise SlackError("file_not_found")
    content = base64.b64encode(found.content).decode("ascii")
    return {"name": found.name, "mimetype": found.mimetype, "content": content}


def can_read(channel: Channel, user: User) -> bool:
    """Members read; public channels are open to the team's own people who are no guests."""
    if user.id in channel.members:
        return True
    return channel.kind == "public" and not user.is_restricted and user.team_id == channel.team_id


def _viewer(platform: Platform, arguments: Arguments) -> User | None:
    name = arguments.text("as_user")
    return platform.workspace.user(name) if name else None


def _top(channel: Channel) -> list[Message]:
    return [one for one in channel.messages.values() if not one.is_reply or one.subtype == "thread_broadcast"]


def _newest(channel: Channel) -> Json | None:
    shown = channel.top_level()
    return {"ts": shown[-1].ts, "user": shown[-1].user} if shown else None


def _thread(channel: Channel, ts: str | None) -> list[Message]:
    head = channel.messages.get(ts or "")
    return [*([head] if head else []), *channel.replies.get(ts or "", [])]


def _status(platform: Platform, channel: Channel, thread_ts: str) -> Json | None:
    """What an app says that it is doing in a thread."""
    status = platform.statuses.get((channel.id, thread_ts))
    return status if status and status["until"] >= platform.clock.now() else None


def _shown(platform: Platform, channel: Channel, message: Message) -> Json:
    if message.stream:
        message.stream_state = message.stream.state(platform.clock.now())
    shown = channel.present(message, with_metadata=True)
    author = platform.workspace.users.get(message.user)
    return shown | {
        "channel": channel.id,
        "ephemeral_to": message.ephemeral_to,
        "posting": message.posting,
        "thread_status": (_status(platform, channel, message.ts) or {}).get("status"),
        "user_name": message.username or (author.name if author else message.user),
    }


VERBS: Verbs = {"messages": messages, "wait": wait, "workspace": workspace, "views": views, "file": file}
