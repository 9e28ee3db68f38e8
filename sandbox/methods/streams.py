"""chat.startStream, appendStream, stopStream: a message that grows while people read it."""

from typing import Any

from sandbox.block_kit import MESSAGE_BLOCKS, check_blocks
from sandbox.calls import Call, Methods
from sandbox.channels import Channel
from sandbox.content import Content, check_markdown, read_blocks, read_metadata, refuse
from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.methods.chat import by_app
from sandbox.shapes import Json
from sandbox.streams import Stream


def start(call: Call) -> Json:
    """Begin a stream.

    https://docs.slack.dev/reference/methods/chat.startStream
    """
    channel = call.writable_channel()
    _check_recipient(call, channel)
    call.arguments.required("thread_ts")
    stream = Stream(ends_at=call.platform.clock.now() + call.platform.settings.stream_seconds)
    stream.append(*_additions(call))
    message = by_app(call, channel, Content(stream.text, stream.to_blocks(), None, None, {}))
    message.stream, message.stream_state = stream, "in_progress"
    call.platform.post(message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    """Let a stream grow.

    https://docs.slack.dev/reference/methods/chat.appendStream
    """
    message, stream = _streaming(call)
    if stream.stopped_by_user:
        raise SlackError("stopped_by_user")
    markdown, chunks = _additions(call)
    if not markdown and not chunks:
        raise SlackError("no_text")
    stream.append(markdown, chunks)
    _show(call, message, stream)
    return {"channel": message.channel_id, "ts": message.ts}


def stop(call: Call) -> Json:
    """End a stream, with blocks below it.

    https://docs.slack.dev/reference/methods/chat.stopStream
    """
    message, stream = _streaming(call)
    blocks = read_blocks(call.arguments)
    metadata = read_metadata(call.arguments)
    stream.append(*_additions(call))
    stream.blocks += blocks or []
    stream.completed = True
    message.metadata = metadata or message.metadata
    _show(call, message, stream)
    return {
        "channel": message.channel_id,
        "ts": message.ts,
        "message": message.to_slack(with_metadata=True),
    }


def _check_recipient(call: Call, channel: Channel) -> None:
    """In a channel Slack wants to know for whom the answer is; in a direct message it knows."""
    if channel.kind == "im":
        return
    for name in ("recipient_user_id", "recipient_team_id"):
        if call.arguments.text(name) is None:
            raise SlackError(f"missing_{name}")
    call.workspace.user(call.arguments.required("recipient_user_id"))


def _streaming(call: Call) -> tuple[Message, Stream]:
    """The app's own message that still streams. Raises message_not_in_streaming_state and the like."""
    message = call.joined_channel().message(call.arguments.text("ts"))
    if message.bot_id != call.app.bot_id:
        raise SlackError("message_not_owned_by_app")
    stream = message.stream
    ended = stream is not None and stream.state(call.platform.clock.now()) != "in_progress"
    if stream is None or (ended and not stream.stopped_by_user) or stream.completed:
        raise SlackError("message_not_in_streaming_state")
    return message, stream


def _additions(call: Call) -> tuple[str | None, list[Json]]:
    markdown = call.arguments.text("markdown_text")
    check_markdown(markdown or "")
    chunks: Any = call.arguments.structure("chunks", error="invalid_chunks")
    if chunks is not None and not isinstance(chunks, list):
        raise SlackError("invalid_chunks")
    for chunk in chunks or []:
        check_markdown(str(chunk.get("text", "")) if isinstance(chunk, dict) else "")
    _check_added_blocks(chunks or [])
    return markdown, chunks or []


def _check_added_blocks(chunks: list[Json]) -> None:
    added = [block for chunk in chunks if isinstance(chunk, dict) for block in chunk.get("blocks") or []]
    if len(added) > MESSAGE_BLOCKS:
        raise SlackError("msg_blocks_too_many")
    refuse(check_blocks(added))


def _show(call: Call, message: Message, stream: Stream) -> None:
    before = call.workspace.channels[message.channel_id].present(message)
    message.text, message.blocks = stream.text, stream.to_blocks()
    message.stream_state = stream.state(call.platform.clock.now())
    call.platform.changed(message, before=before)


METHODS: Methods = {"chat.startStream": start, "chat.appendStream": append, "chat.stopStream": stop}
