"""Installing an app with OAuth: the page that asks whether to (which here says yes at once), and the code that becomes a token.

Source: https://docs.slack.dev/authentication/installing-with-oauth
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import urlencode, urlsplit, urlunsplit

from aiohttp import web

from sandbox.apps import App
from sandbox.errors import SlackError
from sandbox.platform import Platform
from sandbox.shapes import Json

_REDIRECT_PATH = "/slack/oauth_redirect"
_CODE_SECONDS = 600.0


@dataclass(frozen=True)
class Grant:
    """What a code stands for, until it is used or too old."""

    app_id: str
    user_id: str
    scopes: str
    expires_at: float


class Installs:
    """The codes of all workspaces of a sandbox: an app has one client id and one secret in all of them."""

    def __init__(self, platforms: Sequence[Platform]) -> None:
        self._platforms = platforms
        self._grants: dict[str, tuple[Platform, Grant]] = {}

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """As if somebody pressed Allow: `team` is the workspace, `user` who it was (its first person), `deny` that they did not."""
        query = request.query
        platform = self._chosen(query.get("team"))
        app = _app(platform, query.get("client_id", ""))
        if app is None:
            return web.Response(status=400, text="invalid_client_id")
        address = query.get("redirect_uri") or _redirect_url(platform, app)
        if not address:
            return web.Response(status=400, text="bad_redirect_uri")
        if "deny" in query:
            return _sent_to(address, {"error": "access_denied", "state": query.get("state", "")})
        people = (
            one for one in platform.workspace.users.values() if not one.bot_id and one.id != "USLACKBOT"
        )
        user = platform.workspace.user(query["user"]) if "user" in query else next(people)
        code = f"{platform.workspace.team_id}.{token_hex(16)}"
        expires_at = platform.clock.now() + _CODE_SECONDS
        self._grants[code] = (platform, Grant(app.id, user.id, query.get("scope", ""), expires_at))
        return _sent_to(address, {"code": code, "state": query.get("state", "")})

    def access(self, code: str | None, client_id: str, client_secret: str) -> Json:
        """What oauth.v2.access answers. Raises SlackError."""
        platform, grant = self._grants.pop(code or "", (None, None))
        if platform is None or grant is None:
            raise SlackError("invalid_code")
        app = platform.workspace.apps[grant.app_id]
        if app.client_id != client_id:
            raise SlackError("invalid_client_id")
        if app.client_secret != client_secret:
            raise SlackError("bad_client_secret")
        if platform.clock.now() > grant.expires_at:
            raise SlackError("code_expired")
        if not app.is_installed:  # what it had before stays worthless
            app.bot_token = f"{app.bot_token}-again"
            app.is_installed = True
        team = platform.workspace
        return {
            "app_id": app.id,
            "authed_user": {"id": grant.user_id},
            "scope": grant.scopes,
            "token_type": "bot",
            "access_token": app.bot_token,
            "bot_user_id": app.bot_user_id,
            "team": {"id": team.team_id, "name": team.team_name},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _chosen(self, team_id: str | None) -> Platform:
        named = (one for one in self._platforms if one.workspace.team_id == team_id)
        return next(named, self._platforms[0])


Access = Callable[[str | None, str, str], Json]


def basic(header: str) -> tuple[str, str]:
    """Client id and secret of an Authorization header; empty where there are none."""
    kind, _, said = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        client_id, _, secret = base64.b64decode(said, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _app(platform: Platform, client_id: str) -> App | None:
    return next((app for app in platform.workspace.apps.values() if app.client_id == client_id), None)


def _redirect_url(platform: Platform, app: App) -> str:
    """The one that the app's settings name: beside its Request URL, where it has one."""
    known = platform.deliveries.request_urls.get(app.id)
    if known is None:
        return ""
    return urlunsplit((*urlsplit(known.url)[:2], _REDIRECT_PATH, "", ""))


def _sent_to(address: str, query: dict[str, str]) -> web.Response:
    joint = "&" if "?" in address else "?"
    return web.Response(status=302, headers={"Location": f"{address}{joint}{urlencode(query)}"})
