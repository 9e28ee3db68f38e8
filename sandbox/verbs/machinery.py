"""The levers: what was called and delivered, faults, settings, and changes to the workspace itself."""

from dataclasses import asdict, fields
from typing import Any

from sandbox import events
from sandbox.arguments import Arguments
from sandbox.errors import ArgumentError
from sandbox.faults import Fault
from sandbox.http_mode import RequestUrl
from sandbox.platform import Platform
from sandbox.seed import add_app, add_channel, add_user
from sandbox.shapes import Json
from sandbox.verbs import Verbs
from sandbox.verbs.acting import named_app

_USER_FLAGS = (
    "is_admin",
    "is_restricted",
    "is_ultra_restricted",
    "is_stranger",
    "deleted",
    "team_id",
    "real_name",
)
_CHANNEL_FIELDS = ("kind", "name", "is_archived", "is_ext_shared", "connected_team_ids", "topic", "purpose")


async def calls(platform: Platform, arguments: Arguments) -> Json:
    """The calls the apps made: [method]."""
    return {"calls": platform.journal.calls(arguments.text("method"))}


async def deliveries(platform: Platform, arguments: Arguments) -> Json:
    """Every envelope, with its attempts and when it was acknowledged: [type], such as "app_mention"."""
    wanted = arguments.text("type")
    shown = [envelope.to_json() for envelope in platform.deliveries.envelopes]
    named = [
        one for one in shown if wanted in (None, one["type"], one["payload"].get("event", {}).get("type"))
    ]
    return {"version": platform.bell.version, "deliveries": named}


async def fault(platform: Platform, arguments: Arguments) -> Json:
    """Switch a fault on: kind, [method], [count] (null: always), and more.

    More: [probability], [seed], [seconds], [error], [status]; faults.py says what they mean.
    """
    known = {field.name for field in fields(Fault) if field.init and field.name != "struck"}
    unknown = sorted(set(arguments.values) - known)
    if unknown or "kind" not in arguments.values:
        raise ArgumentError(f"a fault takes {', '.join(sorted(known))}")
    platform.faults.add(Fault(**arguments.values))
    return {"faults": platform.faults.to_json()}


async def faults(platform: Platform, _: Arguments) -> Json:
    """Those switched on, with how often each has struck."""
    return {"faults": platform.faults.to_json()}


async def clear_faults(platform: Platform, _: Arguments) -> Json:
    """Switch all faults off, those of delivery too."""
    platform.faults.clear()
    platform.deliveries.duplicates = platform.deliveries.refused_acks = 0
    return {}


async def settings(platform: Platform, arguments: Arguments) -> Json:
    """Read the settings, or change those that are given; settings.py lists them."""
    platform.settings = platform.settings.changed(arguments.values)
    return {"settings": asdict(platform.settings)}


async def disconnect(platform: Platform, arguments: Arguments) -> Json:
    """End the sockets: reason "warning", "refresh_requested" or "abrupt"."""
    reason = arguments.text("reason") or "refresh_requested"
    drain = platform.settings.drain_seconds
    return {"disconnected": await platform.deliveries.hub.disconnect(reason, drain)}


async def sockets(platform: Platform, _: Arguments) -> Json:
    """How many sockets each app has open."""
    hub = platform.deliveries.hub
    return {"sockets": {app.name: len(hub.connections(app.id)) for app in platform.workspace.apps.values()}}


async def request_url(platform: Platform, arguments: Arguments) -> Json:
    """Deliver to an app by HTTP: url, signing_secret, [app]; it must give a challenge back first."""
    app = named_app(platform, arguments)
    url = RequestUrl(arguments.required("url"), arguments.required("signing_secret"))
    await url.verify(platform.settings.ack_timeout_seconds)
    platform.deliveries.request_urls[app.id] = url
    return {}


async def duplicate(platform: Platform, arguments: Arguments) -> Json:
    """Deliver the next `count` events twice, the second time with the retry header or not: [with_header]."""
    platform.deliveries.duplicates = arguments.number("count", default=1, maximum=10_000)
    platform.deliveries.duplicates_with_header = arguments.flag("with_header", default=True)
    return {}


async def refuse_acks(platform: Platform, arguments: Arguments) -> Json:
    """Overlook the next `count` acknowledgements."""
    platform.deliveries.refused_acks = arguments.number("count", default=1, maximum=10_000)
    return {}


async def reset(platform: Platform, _: Arguments) -> Json:
    """Begin again with the workspace as it was at the start; sockets stay open."""
    await platform.reset()
    return {"version": platform.bell.version}


async def create_user(platform: Platform, arguments: Arguments) -> Json:
    """Let a person in: name, and whatever else a workspace file may say of one."""
    user = add_user(platform.workspace, _plain(arguments))
    platform.bell.ring()
    return {"user": user.id}


async def create_channel(platform: Platform, arguments: Arguments) -> Json:
    """Create a channel: name, [kind], [members], [is_ext_shared] and so on."""
    channel = add_channel(platform.workspace, _plain(arguments))
    platform.bell.ring()
    return {"channel": channel.id}


async def create_app(platform: Platform, arguments: Arguments) -> Json:
    """Install another app: name."""
    app = add_app(platform.workspace, _plain(arguments))
    platform.bell.ring()
    return {
        "app": app.id,
        "bot_user_id": app.bot_user_id,
        "bot_token": app.bot_token,
        "app_token": app.app_token,
    }


async def change_user(platform: Platform, arguments: Arguments) -> Json:
    """Make somebody a guest, an admin, deleted …: user, and the flags."""
    user = platform.workspace.user(arguments.required("user"))
    _assign(user, arguments, _USER_FLAGS, "user")
    for app in platform.workspace.apps.values():
        platform.tell_app(app, events.user_changed(user, ts=platform.clock.ts()))
    platform.bell.ring()
    return {"user": user.to_slack()}


async def change_channel(platform: Platform, arguments: Arguments) -> Json:
    """Archive, rename, share or make private: channel, and the fields."""
    channel = platform.workspace.channel(arguments.required("channel"))
    before = (channel.is_archived, channel.name, channel.is_ext_shared)
    was_public = channel.kind == "public"
    _assign(channel, arguments, _CHANNEL_FIELDS, "channel")
    prefix = "group" if channel.kind == "private" else "channel"
    happened = [
        f"{prefix}_{'archive' if channel.is_archived else 'unarchive'}"
        if channel.is_archived != before[0]
        else "",
        f"{prefix}_rename" if channel.name != before[1] else "",
        f"channel_{'shared' if channel.is_ext_shared else 'unshared'}"
        if channel.is_ext_shared != before[2]
        else "",
    ]
    user = platform.workspace.users.get(channel.creator) or platform.workspace.users["USLACKBOT"]
    for kind in filter(None, happened):
        platform.tell(channel, events.channel_event(kind, channel, user=user, ts=platform.clock.ts()))
    if was_public and channel.kind == "private":
        platform.convert_to_private(channel, by=user)
    if channel.is_archived and not before[0]:
        platform.archive(channel, by=user)
    platform.bell.ring()
    return {"channel": channel.to_slack("")}


async def delete_channel(platform: Platform, arguments: Arguments) -> Json:
    """Delete a channel: channel."""
    channel = platform.workspace.channel(arguments.required("channel"))
    platform.delete_channel(channel, by=platform.workspace.users["USLACKBOT"])
    return {}


async def uninstall(platform: Platform, arguments: Arguments) -> Json:
    """Take an app out of the workspace: [app], by name or id."""
    platform.uninstall(named_app(platform, arguments))
    return {}


def _assign(target: Any, arguments: Arguments, allowed: tuple[str, ...], named: str) -> None:
    """Set the fields that were given. Raises ArgumentError for others."""
    for name, value in arguments.values.items():
        if name == named:
            continue
        if name not in allowed:
            raise ArgumentError(f"cannot change {name}; can change {', '.join(allowed)}")
        setattr(target, name, value)


def _plain(arguments: Arguments) -> Json:
    return {name: value for name, value in arguments.values.items() if value is not None}


VERBS: Verbs = {
    "calls": calls,
    "deliveries": deliveries,
    "fault": fault,
    "faults": faults,
    "clear_faults": clear_faults,
    "settings": settings,
    "disconnect": disconnect,
    "sockets": sockets,
    "request_url": request_url,
    "duplicate": duplicate,
    "refuse_acks": refuse_acks,
    "reset": reset,
    "add_user": create_user,
    "add_channel": create_channel,
    "add_app": create_app,
    "change_user": change_user,
    "change_channel": change_channel,
    "delete_channel": delete_channel,
    "uninstall": uninstall,
}
