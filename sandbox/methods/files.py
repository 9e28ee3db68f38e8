"""files.*: uploads in three steps (address, bytes, completion) and what is known of a file."""

from typing import Any

from sandbox.calls import Call, Methods
from sandbox.channels import Channel
from sandbox.content import Content
from sandbox.errors import ArgumentError, SlackError
from sandbox.files import UploadedFile
from sandbox.methods.chat import by_app
from sandbox.shapes import Json


def info(call: Call) -> Json:
    """One file.

    https://docs.slack.dev/reference/methods/files.info
    """
    file = call.workspace.files.get(call.arguments.text("file") or "")
    if file is None or not readable(call, file):
        raise SlackError("file_not_found")
    return {"file": file.to_slack(), "comments": [], "response_metadata": {"next_cursor": ""}}


def list_files(call: Call) -> Json:
    """The files that are shared in a channel, or all that the app may see, newest first, page by page.

    https://docs.slack.dev/reference/methods/files.list
    """
    channel = call.channel().id if call.arguments.text("channel") else None
    hidden = call.arguments.flag("show_files_hidden_by_limit")
    files = [
        file
        for file in reversed(call.workspace.files.values())
        if readable(call, file)
        and channel in (None, *file.shared_in)
        and (hidden or file.changed.get("mode") != "hidden_by_limit")
    ]
    count = call.arguments.number("count", default=100, maximum=1000)
    page = call.arguments.number("page", default=1, maximum=10**6)
    pages = max(1, -(-len(files) // count))
    return {
        "files": [file.to_slack() for file in files[(page - 1) * count : page * count]],
        "paging": {"count": count, "total": len(files), "page": page, "pages": pages},
    }


def get_upload_url(call: Call) -> Json:
    """Where to send the bytes.

    https://docs.slack.dev/reference/methods/files.getUploadURLExternal
    """
    name = call.arguments.required("filename")
    length = call.arguments.required("length")
    if not length.isdigit() or int(length) < 1:
        raise ArgumentError("must be a number above 0: length")
    file = UploadedFile(
        id=call.workspace.ids.new("F"),
        name=name,
        user=call.bot.id,
        team_id=call.workspace.team_id,
        created=int(call.platform.clock.now()),
        size=int(length),
        base_url=call.platform.base_url,
    )
    call.workspace.files[file.id] = file
    return {"upload_url": f"{call.platform.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """Share what was uploaded.

    https://docs.slack.dev/reference/methods/files.completeUploadExternal
    """
    given: Any = call.arguments.structure("files")
    if not isinstance(given, list) or not given:
        raise ArgumentError("missing required field: files")
    files = [_finished(call, entry) for entry in given]
    targets = [call.arguments.text("channel_id"), *call.arguments.names("channels")]
    for target in filter(None, targets):
        _share(call, call.workspace.channel_for(call.bot.id, target), files)
    return {"files": [file.to_slack() for file in files]}


def readable(call: Call, file: UploadedFile) -> bool:
    """Whether the app may read a file: its own, or shared where it is a member."""
    shared = (call.workspace.channels[channel] for channel in file.shared_in)
    return file.user == call.bot.id or any(call.bot.id in channel.members for channel in shared)


def _finished(call: Call, entry: Any) -> UploadedFile:
    file = call.workspace.files.get(str(entry.get("id")) if isinstance(entry, dict) else "")
    if file is None or file.content is None:
        raise SlackError("file_not_found")
    file.title = str(entry.get("title") or file.name)
    return file


def _share(call: Call, channel: Channel, files: list[UploadedFile]) -> None:
    if call.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    for file in files:
        file.shared_in.append(channel.id)
    content = Content(call.arguments.text("initial_comment") or "", None, None, None, {})
    message = by_app(call, channel, content)
    message.files = files
    call.platform.post(message)


METHODS: Methods = {
    "files.info": info,
    "files.list": list_files,
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
}
