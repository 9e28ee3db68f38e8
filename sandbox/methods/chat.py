"""chat.*: messages posted, changed and taken away by apps. Streams are in streams.py."""

from sandbox.calls import Call, Methods
from sandbox.channels import Channel
from sandbox.content import UPDATED_TEXT_CHARACTERS, Content, read_content
from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.shapes import Json


def post_message(call: Call) -> Json:
    """Post to a channel or a thread.

    https://docs.slack.dev/reference/methods/chat.postMessage
    """
    channel = call.writable_channel()
    content = read_content(call.arguments)
    message = by_app(call, channel, content)
    if message.is_reply and call.arguments.flag("reply_broadcast"):
        message.subtype = "thread_broadcast"
    call.platform.post(message)
    shown = message.to_slack(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown} | _warnings(content)


def post_ephemeral(call: Call) -> Json:
    """Show something to one member only.

    https://docs.slack.dev/reference/methods/chat.postEphemeral
    """
    channel = call.writable_channel()
    user = call.workspace.user(call.arguments.required("user"))
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = by_app(call, channel, read_content(call.arguments))
    message.ephemeral_to = user.id
    call.platform.post(message)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Change an own message.

    https://docs.slack.dev/reference/methods/chat.update
    """
    message = own_message(call, error="cant_update_message")
    if message.stream and message.stream.state(call.platform.clock.now()) == "in_progress":
        raise SlackError("streaming_state_conflict")
    if len(call.arguments.text("text") or "") > UPDATED_TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    content = read_content(call.arguments)
    channel = call.workspace.channels[message.channel_id]
    before = channel.present(message)
    _rewrite(message, content)
    call.platform.edit(message, by=call.bot.id, before=before)
    shown = message.to_slack(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Call) -> Json:
    """Take an own message away.

    https://docs.slack.dev/reference/methods/chat.delete
    """
    message = own_message(call, error="cant_delete_message")
    call.platform.delete(message)
    return {"channel": message.channel_id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """The address of a message.

    https://docs.slack.dev/reference/methods/chat.getPermalink
    """
    channel = call.channel()
    message = channel.message(call.arguments.text("message_ts"))
    address = f"{call.platform.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else ""
    return {"channel": channel.id, "permalink": address + thread}


def by_app(call: Call, channel: Channel, content: Content) -> Message:
    """A new message of the calling app, not yet posted."""
    return Message(
        ts=call.platform.clock.ts(),
        channel_id=channel.id,
        user=call.bot.id,
        team_id=call.workspace.team_id,
        text=content.text,
        blocks=content.blocks or [],
        attachments=content.attachments or [],
        thread_ts=call.arguments.text("thread_ts"),
        bot_id=call.app.bot_id,
        app_id=call.app.id,
        bot_profile=call.app.profile(call.workspace.team_id),
        username=call.arguments.text("username"),
        subtype="bot_message" if call.arguments.text("username") else None,
        metadata=content.metadata or None,
        posting=content.posting,
    )


def own_message(call: Call, *, error: str) -> Message:
    """The app's own message that the call names. Raises message_not_found, or `error` for others'."""
    message = call.joined_channel().message(call.arguments.text("ts"))
    if message.bot_id != call.app.bot_id:
        raise SlackError(error)
    return message


def _rewrite(message: Message, content: Content) -> None:
    """New words; blocks and attachments go with the old ones, metadata stays unless given."""
    message.text = content.text
    message.blocks = content.blocks or []
    if content.attachments is not None:
        message.attachments = content.attachments
    if content.metadata is not None:
        message.metadata = content.metadata or None
    message.stream = message.stream_state = None


def _warnings(content: Content) -> Json:
    if not content.truncated:
        return {}
    return {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}


METHODS: Methods = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
