"""The server: all of the sandbox on one loopback port, in the foreground or in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.client import Sandbox
from sandbox.control import Control
from sandbox.downloads import Downloads
from sandbox.installs import Installs
from sandbox.platform import Platform
from sandbox.responses import Responses
from sandbox.seed import DEFAULT
from sandbox.settings import Settings
from sandbox.site import Site
from sandbox.switchboard import Switchboard

HOST = "127.0.0.1"
_STATIC = Path(__file__).with_name("static")
_FILES = {path.name: path for path in _STATIC.iterdir()}
_LARGEST_BODY_BYTES = 64 * 1024 * 1024


def build(platform: Platform, site: Path | None = None, *, also: Sequence[Platform] = ()) -> web.Application:
    """The routes of the sandbox. Further workspaces stand below their team's id; calls of all come in under /api/."""
    installs = Installs([platform, *also])
    app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
    app.router.add_route("*", "/api/{method}", Switchboard([platform, *also], installs).serve)
    app.router.add_get("/oauth/v2/authorize", installs.authorize)
    for other in also:
        app.add_subapp(f"/{other.workspace.team_id}", _workspace(other))
    return _workspace(platform, app, site)


def _workspace(
    platform: Platform, app: web.Application | None = None, site: Path | None = None
) -> web.Application:
    """The routes of one workspace."""
    app = app or web.Application(client_max_size=_LARGEST_BODY_BYTES)
    downloads = Downloads(platform)
    app.router.add_get("/link", platform.deliveries.hub.serve)
    app.router.add_route("*", "/control/{verb}", Control(platform).serve)
    app.router.add_post("/response/{secret}", Responses(platform).serve)
    app.router.add_post("/upload/v1/{file}", downloads.upload)
    app.router.add_get("/files-pri/{file}/{name:.*}", downloads.download)
    app.router.add_get("/login", downloads.login)
    app.router.add_get("/", _page)
    app.router.add_get("/archives/{place:.*}", _page)
    app.router.add_get("/files/{place:.*}", _page)
    app.router.add_get("/static/{name}", _part)
    if site is not None:
        app.router.add_get("/site/{path:.*}", Site(site).serve)
    return app


@asynccontextmanager
async def running(
    platform: Platform, *, port: int, site: Path | None = None, also: Sequence[Platform] = ()
) -> AsyncIterator[str]:
    """Serve on a port (0: any free one) while the block runs; gives the base URL.

    Raises OSError if the port is taken.
    """
    runner = web.AppRunner(build(platform, site, also=also), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        platform.base_url = f"http://{HOST}:{runner.addresses[0][1]}"
        for other in also:
            other.base_url = f"{platform.base_url}/{other.workspace.team_id}"
        yield platform.base_url
    finally:
        for one in (platform, *also):
            await one.deliveries.close()
        await runner.cleanup()


class SandboxServer:
    """A sandbox in a thread of its own, for tests: `with SandboxServer() as sandbox: sandbox.api_url`."""

    def __init__(
        self,
        *,
        port: int = 0,
        workspace: Path = DEFAULT,
        also: Sequence[Path] = (),
        manifest: Path | None = None,
        site: Path | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.platform = Platform(workspace=workspace, manifest=manifest, settings=settings)
        self.also = [Platform(workspace=one, manifest=manifest, settings=settings) for one in also]
        self._port = port
        self._site = site
        self._ready: Future[str] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="sandbox", daemon=True
        )

    @property
    def url(self) -> str:
        return self._ready.result(timeout=10)

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL, or WebClient(base_url=…), is to be."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        return next(iter(self.platform.workspace.apps.values())).bot_token

    @property
    def app_token(self) -> str:
        return next(iter(self.platform.workspace.apps.values())).app_token

    @property
    def client(self) -> Sandbox:
        """A client of its control API."""
        return Sandbox(self.url)

    def client_of(self, team_id: str) -> Sandbox:
        """A client of a further workspace."""
        return Sandbox(f"{self.url}/{team_id}")

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result(timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=10)

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with running(self.platform, port=self._port, site=self._site, also=self.also) as url:
                self._ready.set_result(url)
                await self._stopping.wait()
        except OSError as error:
            self._ready.set_exception(error)


async def _page(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(_FILES["index.html"])


async def _part(request: web.Request) -> web.StreamResponse:
    """A style or a script of the page. The page of a program that was just updated must not run old scripts."""
    path = _FILES.get(request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})
