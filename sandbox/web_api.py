"""The Web API: a call comes in under /api/{method}, is checked, done, noted, and answered.

To add a method, write a function `(Call) -> Json` in one of methods/ and a line in its METHODS. It
raises SlackError(NAME) to refuse; the answer gets `"ok": true` here.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from aiohttp import web

from sandbox.apps import App
from sandbox.arguments import Arguments
from sandbox.calls import Call, Method
from sandbox.errors import SlackError
from sandbox.faults import Fault
from sandbox.installs import Access, Installs, basic
from sandbox.journal import ApiCall
from sandbox.limits import HISTORY
from sandbox.methods import assistant, chat, conversations, files, reactions, streams, users, views
from sandbox.platform import Platform
from sandbox.scopes import scope_needed
from sandbox.shapes import Json

_FAMILIES: tuple[ModuleType, ...] = (assistant, chat, conversations, files, reactions, streams, users, views)
_BROKEN = ("reset", "drop_reply")


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON with an HTTP status, or nothing at all where `body` is None."""

    body: Json | None
    status: int = 200
    retry_after_seconds: int | None = None


class WebApi:
    """Answers calls of apps, the way Slack does and the way it fails."""

    def __init__(self, platform: Platform, access: Access | None = None) -> None:
        self._platform = platform
        self._access = access or Installs([platform]).access
        self._methods: Mapping[str, Method] = {
            name: method for family in _FAMILIES for name, method in family.METHODS.items()
        }

    @property
    def method_names(self) -> list[str]:
        return sorted([*self._methods, "apps.connections.open", "oauth.v2.access"])

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One HTTP request under /api/."""
        method = request.match_info["method"]
        arguments = Arguments(await read_arguments(request))
        token = bearer(request) or arguments.text("token")
        began = self._platform.clock.now()
        noted = self._platform.journal.open(method, arguments.values, began)
        strikes = self._platform.faults.striking(method)
        await asyncio.sleep(sum(fault.seconds for fault in strikes if fault.kind == "delay"))
        fault = next((fault for fault in strikes if fault.kind != "delay"), None)
        if method == "oauth.v2.access" and not token:
            token = request.headers.get("Authorization", "")
        answer = self._answer(method, arguments, token, fault, noted)
        noted.seconds = self._platform.clock.now() - began
        return self._reply(request, answer, fault, noted)

    def _answer(
        self, method: str, arguments: Arguments, token: str | None, fault: Fault | None, noted: ApiCall
    ) -> Answer:
        if fault and fault.kind not in ("drop_reply", "garbage"):
            return _instead(fault)
        try:
            return self._permitted(method, arguments, token, noted)
        except SlackError as refusal:
            return Answer({"ok": False, "error": refusal.name} | refusal.details)

    def _permitted(self, method: str, arguments: Arguments, token: str | None, noted: ApiCall) -> Answer:
        """Check the token, the rate and the scope, then do it."""
        if method not in self.method_names:
            raise SlackError("unknown_method", req_method=method)
        if method == "oauth.v2.access":
            return Answer({"ok": True} | self._access(arguments.text("code"), *basic(token or "")))
        app = self._caller(method, token)
        noted.app_id = app.id
        if wait := self._wait_needed(app, method, arguments):
            return Answer({"ok": False, "error": "ratelimited"}, 429, wait)
        if method == "apps.connections.open":
            return Answer({"ok": True, "url": self._socket_address(app)})
        call = Call(self._platform, app, arguments)
        if missing := scope_needed(call, method):
            raise SlackError("missing_scope", needed=missing, provided=",".join(sorted(app.scopes or ())))
        return Answer({"ok": True} | self._methods[method](call))

    def _caller(self, method: str, token: str | None) -> App:
        if not token:
            raise SlackError("not_authed")
        for app in self._platform.workspace.apps.values():
            if token in (app.bot_token, app.app_token):
                wanted = app.app_token if method == "apps.connections.open" else app.bot_token
                if token != wanted:
                    raise SlackError("not_allowed_token_type")
                if not app.is_installed:
                    raise SlackError("account_inactive")
                return app
        raise SlackError("invalid_auth")

    def _wait_needed(self, app: App, method: str, arguments: Arguments) -> int:
        settings, now = self._platform.settings, self._platform.clock.now()
        distributed = settings.distributed_outside_marketplace
        if not (settings.rate_limits or (distributed and method in HISTORY)):
            return 0
        return self._platform.limits.retry_after(
            app.id, method, arguments.values, now, distributed=distributed
        )

    def _socket_address(self, app: App) -> str:
        socket_base = self._platform.base_url.replace("http", "ws", 1)
        return f"{socket_base}/link?ticket={self._platform.deliveries.hub.ticket(app.id)}"

    def _reply(
        self, request: web.Request, answer: Answer, fault: Fault | None, noted: ApiCall
    ) -> web.StreamResponse:
        noted.status = answer.status
        noted.ok = bool(answer.body and answer.body["ok"])
        noted.error = answer.body.get("error") if answer.body else None
        if fault and fault.kind in _BROKEN:
            noted.replied = False
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault and fault.kind == "garbage":
            return web.Response(text="<html>upstream connect error</html>", content_type="text/html")
        headers = self._scopes_of(noted.app_id)
        if answer.retry_after_seconds:
            headers["Retry-After"] = str(answer.retry_after_seconds)
        if answer.body is None:
            return web.Response(status=answer.status, text="server error", headers=headers)
        return web.json_response(answer.body, status=answer.status, headers=headers)

    def _scopes_of(self, app_id: str | None) -> dict[str, str]:
        """Slack tells with every answer what the token may; an app without a manifest may everything."""
        app = self._platform.workspace.apps.get(app_id or "")
        return {"X-OAuth-Scopes": ",".join(sorted(app.scopes))} if app and app.scopes is not None else {}


async def read_arguments(request: web.Request) -> Json:
    """The arguments of a request: its query and its body, form or JSON."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except json.JSONDecodeError:
            body = {}
        return arguments | (body if isinstance(body, dict) else {})
    form = await request.post()
    return arguments | {name: value for name, value in form.items() if isinstance(value, str)}


def bearer(request: web.Request) -> str | None:
    """The token of the Authorization header."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def _instead(fault: Fault) -> Answer:
    """What a fault answers in the place of the method."""
    if fault.kind == "error":
        return Answer({"ok": False, "error": fault.error})
    if fault.kind == "rate_limited":
        return Answer({"ok": False, "error": "ratelimited"}, 429, max(1, round(fault.seconds)))
    if fault.kind == "http":
        return Answer(None, fault.status)
    return Answer(None)
