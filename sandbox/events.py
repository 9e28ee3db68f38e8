"""The shapes of events, with every field Slack sends. Pure: what happened in, payload out.

Source: https://docs.slack.dev/apis/events-api and the event pages it lists.
"""

from typing import Any

from sandbox.apps import App
from sandbox.channels import EVENT_TYPES, Channel
from sandbox.messages import Message
from sandbox.people import User
from sandbox.shapes import Json

# Which subscription of a manifest an event needs; messages depend on the kind of channel.
_MESSAGE_SUBSCRIPTIONS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


def subscription(event: Json) -> str:
    """The name under which a manifest subscribes an event: "message.channels", "app_mention"."""
    if event["type"] == "message":
        return _MESSAGE_SUBSCRIPTIONS[event["channel_type"]]
    return str(event["type"])


def callback(event: Json, *, app: App, team_id: str, event_id: str, time: float, ext_shared: bool) -> Json:
    """The envelope's payload, `event_callback`, around an event for one app."""
    authorization = {
        "enterprise_id": None,
        "team_id": team_id,
        "user_id": app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "sandbox-verification-token",
        "team_id": team_id,
        "context_team_id": team_id,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(time),
        "authorizations": [authorization],
        "is_ext_shared_channel": ext_shared,
        "event_context": f"4-{event_id}",
    }


def message_posted(message: Message, channel: Channel, author: User) -> Json:
    """`message`, with or without a subtype (file_share, thread_broadcast, bot_message …)."""
    event = channel.present(message) | {
        "channel": channel.id,
        "channel_type": EVENT_TYPES[channel.kind],
        "event_ts": message.ts,
    }
    for summary in (
        "reply_count",
        "reply_users_count",
        "latest_reply",
        "reply_users",
        "is_locked",
        "subscribed",
    ):
        event.pop(summary, None)
    if channel.is_ext_shared and message.files:
        event["files"] = [file.to_stub() for file in message.files]
    if author.team_id != channel.team_id:
        event |= _stranger(author)
    return event


def app_mentioned(posted: Json) -> Json:
    """`app_mention` for a message event: the same message without its channel type."""
    return {name: value for name, value in posted.items() if name != "channel_type"} | {"type": "app_mention"}


def message_changed(channel: Channel, *, message: Json, previous: Json, ts: str) -> Json:
    """`message` with subtype message_changed, after chat.update or an edit."""
    return _hidden(channel, "message_changed", ts) | {"message": message, "previous_message": previous}


def message_deleted(channel: Channel, *, previous: Json, ts: str) -> Json:
    """`message` with subtype message_deleted."""
    return _hidden(channel, "message_deleted", ts) | {
        "previous_message": previous,
        "deleted_ts": previous["ts"],
    }


def membership(kind: str, channel: Channel, user: User, ts: str) -> Json:
    """`member_joined_channel` or `member_left_channel`."""
    letter = {"public": "C", "private": "G"}.get(channel.kind, "D")
    return {
        "type": kind,
        "user": user.id,
        "channel": channel.id,
        "channel_type": letter,
        "team": user.team_id,
        "event_ts": ts,
    }


def reaction(kind: str, message: Message, *, user: User, name: str, ts: str) -> Json:
    """`reaction_added` or `reaction_removed`."""
    return {
        "type": kind,
        "user": user.id,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel_id, "ts": message.ts},
        "item_user": message.user,
        "event_ts": ts,
    }


def home_opened(user: User, *, tab: str, channel: str, view: Json | None, ts: str) -> Json:
    """`app_home_opened`; tab is "home" or "messages"."""
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel, "tab": tab, "event_ts": ts}
    if tab == "home" and view:
        event["view"] = view
    return event


def channel_event(kind: str, channel: Channel, *, user: User, ts: str) -> Json:
    """`channel_archive`, `channel_rename`, `channel_shared` … and their `group_` counterparts."""
    described: Any = channel.id
    if kind.endswith("_rename"):
        described = {"id": channel.id, "name": channel.name, "created": channel.created}
    return {"type": kind, "channel": described, "user": user.id, "event_ts": ts}


def left(channel: Channel, *, actor: str, ts: str) -> Json:
    """`channel_left` or `group_left`: the app itself is no longer in the channel."""
    kind = "group_left" if channel.kind == "private" else "channel_left"
    return {"type": kind, "channel": channel.id, "actor_id": actor, "event_ts": ts}


def channel_deleted(channel: Channel, *, actor: str, ts: str) -> Json:
    """`channel_deleted` or `group_deleted`."""
    kind = "group_deleted" if channel.kind == "private" else "channel_deleted"
    return {"type": kind, "channel": channel.id, "actor_id": actor, "event_ts": ts}


def app_uninstalled(*, ts: str) -> Json:
    """`app_uninstalled`, the last but one that an app hears."""
    return {"type": "app_uninstalled", "event_ts": ts}


def tokens_revoked(bot_user_id: str, *, ts: str) -> Json:
    """`tokens_revoked`, of the bot."""
    return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot_user_id]}, "event_ts": ts}


def file_event(kind: str, file_id: str, *, ts: str) -> Json:
    """`file_change` and `file_deleted`: only the id."""
    event: Json = {"type": kind, "file_id": file_id, "event_ts": ts}
    return event if kind == "file_deleted" else event | {"file": {"id": file_id}}


def file_shared(file_id: str, *, user: User, channel: Channel, ts: str) -> Json:
    """`file_shared`: only ids; files.info tells the rest."""
    return {
        "type": "file_shared",
        "file_id": file_id,
        "user_id": user.id,
        "file": {"id": file_id},
        "channel_id": channel.id,
        "event_ts": ts,
    }


def session_stopped(channel: Channel, *, user: User, thread_ts: str, streaming: list[str], ts: str) -> Json:
    """`agent_session_stopped`: somebody pressed Stop while the app was answering."""
    return {
        "type": "agent_session_stopped",
        "channel": channel.id,
        "user": user.id,
        "thread_ts": thread_ts,
        "streaming_message_ts": streaming,
        "event_ts": ts,
    }


def user_changed(user: User, *, ts: str) -> Json:
    """`user_change`, after somebody became a guest, left, or was renamed."""
    return {"type": "user_change", "user": user.to_slack(), "cache_ts": int(float(ts)), "event_ts": ts}


def _hidden(channel: Channel, subtype: str, ts: str) -> Json:
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": EVENT_TYPES[channel.kind],
        "ts": ts,
        "event_ts": ts,
    }


def _stranger(author: User) -> Json:
    return {
        "team": author.team_id,
        "user_team": author.team_id,
        "source_team": author.team_id,
        "user_profile": author.profile_in_events(),
    }
