"""Several workspaces behind one Web API, as with Slack: whose call it is, its token says."""

from collections.abc import Sequence

from aiohttp import web

from sandbox.installs import Installs
from sandbox.platform import Platform
from sandbox.web_api import WebApi, bearer, read_arguments


class Switchboard:
    """Puts calls through to the workspace of their token; what has none that is known goes to the first one."""

    def __init__(self, platforms: Sequence[Platform], installs: Installs) -> None:
        self._apis = [(platform, WebApi(platform, installs.access)) for platform in platforms]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request under /api/."""
        token = bearer(request) or str((await read_arguments(request)).get("token") or "")
        for platform, api in self._apis:
            if any(token in (app.bot_token, app.app_token) for app in platform.workspace.apps.values()):
                return await api.serve(request)
        return await self._apis[0][1].serve(request)
