"""File bytes: uploaded to the address of files.getUploadURLExternal, downloaded with a bearer token.

Without a right token Slack does not say 401: it sends to its login page, which is HTML with status 200.
"""

from aiohttp import web

from sandbox.arguments import Arguments
from sandbox.calls import Call
from sandbox.files import UploadedFile
from sandbox.methods.files import readable
from sandbox.platform import Platform
from sandbox.web_api import bearer

_LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"


class Downloads:
    """Takes and gives the bytes of files."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file, plain or as a multipart form."""
        file = self._platform.workspace.files.get(request.match_info["file"])
        if file is None:
            return web.Response(status=404, text="unknown upload")
        content = await _body(request)
        if len(content) != file.size:
            return web.Response(status=400, text=f"expected {file.size} bytes, got {len(content)}")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file, for an app that may read it."""
        file = self._platform.workspace.files.get(request.match_info["file"].partition("-")[2])
        if file is None or file.content is None or not self._allowed(request, file):
            raise web.HTTPFound("/login?redir=%2Ffiles-pri")
        if file.redirect:
            raise web.HTTPFound(file.redirect)
        return web.Response(body=file.content, content_type=file.mimetype)

    async def login(self, _: web.Request) -> web.StreamResponse:
        """The page that a download without a token ends at."""
        return web.Response(text=_LOGIN_PAGE, content_type="text/html")

    def _allowed(self, request: web.Request, file: UploadedFile) -> bool:
        token = bearer(request)
        apps = self._platform.workspace.apps.values()
        calls = (Call(self._platform, app, Arguments({})) for app in apps if app.bot_token == token)
        return any(readable(call, file) and call.app.may("files:read") for call in calls)


async def _body(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    form = await request.post()
    for field in form.values():
        if isinstance(field, web.FileField):
            return field.file.read()
    return b""
