"""What people do that needs no answer at once: write, edit, delete, react, join, leave, upload."""

import base64
from uuid import uuid4

from sandbox import events
from sandbox.apps import App
from sandbox.arguments import Arguments
from sandbox.channels import Channel
from sandbox.composer import Composer
from sandbox.errors import SlackError
from sandbox.files import UploadedFile
from sandbox.messages import Message
from sandbox.people import User
from sandbox.platform import Platform
from sandbox.shapes import Json
from sandbox.verbs import Verbs


async def post(platform: Platform, arguments: Arguments) -> Json:
    """Write in a channel: user, channel, text, [thread_ts], [broadcast]."""
    user, channel = person(platform, arguments), joined_channel(platform, arguments)
    message = written_by(platform, user, channel, arguments)
    if message.is_reply and arguments.flag("broadcast"):
        message.subtype = "thread_broadcast"
    platform.post(message)
    return {"channel": channel.id, "ts": message.ts}


async def backfill(platform: Platform, arguments: Arguments) -> Json:
    """Put messages into the past, of which nobody is told: channel, messages (each: user, text, ts, [thread_ts], [bot])."""
    channel = platform.workspace.channel(arguments.required("channel"))
    composer = Composer(platform.workspace)
    messages = []
    for given in arguments.structure("messages"):
        user = platform.workspace.user(given["user"])
        text, blocks = composer.compose(given["text"])
        messages.append(
            Message(
                ts=given["ts"],
                channel_id=channel.id,
                user=user.id,
                team_id=user.team_id,
                text=text,
                blocks=blocks,
                thread_ts=given.get("thread_ts"),
                bot_id=user.bot_id,
                app_id=user.app_id,
            )
        )
    channel.add_earlier(messages)
    platform.bell.ring()
    return {"messages": len(messages)}


async def direct(platform: Platform, arguments: Arguments) -> Json:
    """Write to an app directly: user, text, [thread_ts], [app]."""
    user, app = person(platform, arguments), named_app(platform, arguments)
    channel, _ = platform.workspace.direct([app.bot_user_id, user.id])
    message = platform.post(written_by(platform, user, channel, arguments))
    return {"channel": channel.id, "ts": message.ts}


async def open_direct(platform: Platform, arguments: Arguments) -> Json:
    """The conversation of some people and bots: users."""
    users = [platform.workspace.user(name).id for name in arguments.names("users")]
    return {"channel": platform.workspace.direct(users)[0].id}


async def edit(platform: Platform, arguments: Arguments) -> Json:
    """Change an own message: user, channel, ts, text."""
    user, message = person(platform, arguments), own_message(platform, arguments)
    before = platform.workspace.channels[message.channel_id].present(message)
    message.text, message.blocks = Composer(platform.workspace).compose(arguments.required("text"))
    platform.edit(message, by=user.id, before=before)
    return {"ts": message.ts}


async def delete(platform: Platform, arguments: Arguments) -> Json:
    """Delete an own message; an admin any: user, channel, ts."""
    message = own_message(platform, arguments)
    platform.delete(message)
    return {"ts": message.ts}


async def react(platform: Platform, arguments: Arguments) -> Json:
    """React to a message: user, channel, ts, name, [remove]."""
    message = joined_channel(platform, arguments).message(arguments.required("ts"))
    name = arguments.required("name").strip(":")
    platform.react(message, user=person(platform, arguments), name=name, remove=arguments.flag("remove"))
    return {}


async def join(platform: Platform, arguments: Arguments) -> Json:
    """Become a member, or be invited: user, channel."""
    platform.join(platform.workspace.channel(arguments.required("channel")), member(platform, arguments))
    return {}


async def leave(platform: Platform, arguments: Arguments) -> Json:
    """Stop being a member, or be removed: user, channel."""
    platform.leave(platform.workspace.channel(arguments.required("channel")), member(platform, arguments))
    return {}


async def open_home(platform: Platform, arguments: Arguments) -> Json:
    """Look at an app's home or messages tab: user, [tab], [app]; the home view, if there is one."""
    user, app = person(platform, arguments), named_app(platform, arguments)
    channel, _ = platform.workspace.direct([app.bot_user_id, user.id])
    home = platform.workspace.homes.get((app.id, user.id))
    view = home.to_slack() if home else None
    tab = arguments.text("tab") or "home"
    event = events.home_opened(user, tab=tab, channel=channel.id, view=view, ts=platform.clock.ts())
    platform.tell_app(app, event)
    return {"channel": channel.id, "view": view}


async def stop(platform: Platform, arguments: Arguments) -> Json:
    """Press Stop while the app answers in a thread: user, channel, thread_ts."""
    user, channel = person(platform, arguments), joined_channel(platform, arguments)
    thread_ts, now = arguments.required("thread_ts"), platform.clock.now()
    streaming = {
        message.ts: message.stream
        for message in channel.messages.values()
        if message.thread == thread_ts and message.stream and message.stream.state(now) == "in_progress"
    }
    for stream in streaming.values():
        stream.stopped_by_user = True
    event = events.session_stopped(
        channel, user=user, thread_ts=thread_ts, streaming=list(streaming), ts=platform.clock.ts()
    )
    platform.tell(channel, event)
    return {"streaming": list(streaming)}


async def upload(platform: Platform, arguments: Arguments) -> Json:
    """Share a file: user, channel, name, content (base64), [text], [thread_ts]."""
    user, channel = person(platform, arguments), joined_channel(platform, arguments)
    content = base64.b64decode(arguments.required("content"))
    file = UploadedFile(
        id=platform.workspace.ids.new("F"),
        name=arguments.required("name"),
        user=user.id,
        team_id=user.team_id,
        created=int(platform.clock.now()),
        size=len(content),
        base_url=platform.base_url,
        content=content,
        shared_in=[channel.id],
    )
    platform.workspace.files[file.id] = file
    message = written_by(platform, user, channel, arguments)
    message.files, message.subtype = [file], "file_share"
    platform.post(message)
    platform.tell(channel, events.file_shared(file.id, user=user, channel=channel, ts=platform.clock.ts()))
    return {"channel": channel.id, "ts": message.ts, "file": file.id}


async def change_file(platform: Platform, arguments: Arguments) -> Json:
    """Change a file: file, [content (base64)], [redirect], [fields] of its description; the apps that see it hear of it."""
    file = platform.workspace.files[arguments.required("file")]
    if content := arguments.text("content"):
        file.content = base64.b64decode(content)
        file.size = len(file.content)
        file.changed = file.changed | {"timestamp": int(platform.clock.now()) + 1}
    file.redirect = arguments.text("redirect") or file.redirect
    file.changed = file.changed | (arguments.structure("fields") or {})
    _tell_of_file(platform, "file_change", file)
    return {"file": file.to_slack()}


async def delete_file(platform: Platform, arguments: Arguments) -> Json:
    """Delete a file: file."""
    file = platform.workspace.files.pop(arguments.required("file"))
    _tell_of_file(platform, "file_deleted", file)
    return {}


def _tell_of_file(platform: Platform, kind: str, file: UploadedFile) -> None:
    channels = [platform.workspace.channels[channel] for channel in file.shared_in]
    apps = {app.id: app for channel in channels for app in platform.workspace.apps_in(channel)}
    for app in apps.values():
        platform.tell_app(app, events.file_event(kind, file.id, ts=platform.clock.ts()))


def member(platform: Platform, arguments: Arguments) -> User:
    """The user that the call names, person or bot."""
    return platform.workspace.user(arguments.required("user"))


def person(platform: Platform, arguments: Arguments) -> User:
    """The person who acts. Raises SlackError account_inactive for somebody who has left."""
    user = member(platform, arguments)
    if user.deleted:
        raise SlackError("account_inactive")
    return user


def named_app(platform: Platform, arguments: Arguments) -> App:
    """The app that the call names, by name or id; the first one if it names none."""
    wanted = arguments.text("app")
    for app in platform.workspace.apps.values():
        if wanted in (None, app.id, app.name, app.bot_user_id):
            return app
    raise SlackError("app_not_found")


def joined_channel(platform: Platform, arguments: Arguments) -> Channel:
    """The channel that the call names, where the person is a member. Raises not_in_channel, is_archived."""
    user = person(platform, arguments)
    channel = platform.workspace.channel_for(user.id, arguments.required("channel"))
    if user.id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def own_message(platform: Platform, arguments: Arguments) -> Message:
    """The message that the call names, if it is the person's own to change."""
    user = person(platform, arguments)
    message = joined_channel(platform, arguments).message(arguments.required("ts"))
    if message.user != user.id and not user.is_admin:
        raise SlackError("cant_update_message")
    return message


def written_by(platform: Platform, user: User, channel: Channel, arguments: Arguments) -> Message:
    """A message as Slack's client sends it, not yet posted."""
    text, blocks = Composer(platform.workspace).compose(arguments.text("text") or "")
    return Message(
        ts=platform.clock.ts(),
        channel_id=channel.id,
        user=user.id,
        team_id=user.team_id,
        text=text,
        blocks=blocks,
        thread_ts=arguments.text("thread_ts"),
        client_msg_id=str(uuid4()),
    )


VERBS: Verbs = {
    "post": post,
    "backfill": backfill,
    "direct": direct,
    "open_direct": open_direct,
    "edit": edit,
    "delete": delete,
    "react": react,
    "join": join,
    "leave": leave,
    "open_home": open_home,
    "stop": stop,
    "upload": upload,
    "change_file": change_file,
    "delete_file": delete_file,
}
