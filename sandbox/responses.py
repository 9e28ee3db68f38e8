"""What apps send to a response_url, or along with the acknowledgement of a command.

A new message, ephemeral unless `response_type` is in_channel; or, with `replace_original` or
`delete_original`, a change of the message that was clicked.
"""

from aiohttp import web

from sandbox.arguments import Arguments
from sandbox.content import Content, read_content
from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.platform import Platform
from sandbox.response_urls import ResponseUrl
from sandbox.web_api import read_arguments


class Responses:
    """Serves the response URLs."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One POST to a response_url: "ok", 404 when it is used up, 400 when Slack would not show it."""
        values = await read_arguments(request)
        noted = self._platform.journal.open("response_url", values, self._platform.clock.now())
        try:
            url = self._platform.response_urls.use(request.match_info["secret"], noted.at)
            respond(self._platform, url, Arguments(values))
        except SlackError as refusal:
            noted.error = refusal.name
            noted.status = 404 if refusal.name.endswith("_url") else 400
            return web.json_response({"ok": False, "error": refusal.name}, status=noted.status)
        noted.ok = True
        return web.Response(text="ok")


def respond(platform: Platform, url: ResponseUrl, arguments: Arguments) -> None:
    """Do what the app asks. Raises SlackError as chat.postMessage does."""
    channel = platform.workspace.channels[url.channel_id]
    original = channel.messages.get(url.message_ts or "")
    if arguments.flag("delete_original"):
        if original:
            platform.delete(original)
        return
    content = read_content(arguments)
    if arguments.flag("replace_original") and original:
        before = channel.present(original)
        original.text, original.blocks = content.text, content.blocks or []
        platform.edit(original, by=original.user, before=before)
        return
    platform.post(_message(platform, url, arguments, content))


def _message(platform: Platform, url: ResponseUrl, arguments: Arguments, content: Content) -> Message:
    app = platform.workspace.apps[url.app_id]
    in_channel = arguments.text("response_type") == "in_channel"
    return Message(
        ts=platform.clock.ts(),
        channel_id=url.channel_id,
        user=app.bot_user_id,
        team_id=platform.workspace.team_id,
        text=content.text,
        blocks=content.blocks or [],
        attachments=content.attachments or [],
        thread_ts=arguments.text("thread_ts"),
        bot_id=app.bot_id,
        app_id=app.id,
        bot_profile=app.profile(platform.workspace.team_id),
        metadata=content.metadata or None,
        ephemeral_to=None if in_channel else url.user,
        posting=content.posting,
    )
