"""Several workspaces behind one Request URL: what Slack signed is handed to the application of the workspace that it is of.

Each workspace has a Bolt application of its own, with listeners over its own tenant, token and admin channel, built when it is first
needed. So no listener has to ask whose an event is, and none has another workspace's anything at hand.
"""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.internals import extract_team_id, parse_body
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.app import Identity, build_app
from bot.http_door import PATH, HttpDoor
from bot.installing import PATHS, installing
from bot.listeners import Listeners
from bot.listeners.settling import Settling
from rag.errors import DatabaseUnavailable
from rag.settings import Settings
from workers.admin.audit import Audit
from workers.admin.once import Once
from workers.slack.client import slack_client
from workers.slack.shared_pace import Paces
from workers.slack_changes import SlackChanges
from workers.tenancy.install_states import InstallStates
from workers.tenancy.installations import Installations, Installed
from workers.tenancy.sealing import Seal
from workers.tenancy.uninstalling import Uninstalling
from workers.tenancy.workspaces import Workspaces

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hosted:
    """What is other for a workspace that is one of several."""

    team_id: str
    uninstall: Callable[[str], object]
    settling: Settling


ListenersOf = Callable[[Settings, WebClient, Identity, Hosted], tuple[Listeners, SlackChanges]]
"""By the workspace's settings, a client with its token, and who we are there."""


@dataclass(frozen=True, slots=True)
class _Served:
    application: "WSGIApplication"
    changes: SlackChanges


class Hosting:
    """All workspaces of an installation. Raises ConfigError where a setting is missing."""

    def __init__(self, settings: Settings, engine: Engine, paces: Paces, listeners_of: ListenersOf) -> None:
        seal = Seal(settings.slack_oauth.token_key.get_secret_value())
        self._settings = settings
        self._engine = engine
        self._paces = paces
        self._listeners_of = listeners_of
        self._secret = settings.slack_http.signing_secret.get_secret_value()
        self._installations = Installations(engine, seal)
        self._uninstalling = Uninstalling(engine, self._installations)
        self._workspaces = Workspaces(settings, self._installations, self._serve)

    def door(self) -> HttpDoor:
        """What is served: applications for what Slack signed, and two pages for whoever installs us."""
        way = installing(self._settings, self._installations, InstallStates(self._engine))
        inside = ByWorkspace(self._application_of, _nobodys(self._secret))
        return HttpDoor(inside, self._secret, open_to_all=dict.fromkeys(PATHS, way))

    def follow(self) -> None:
        """See `SlackChanges.follow`, for each workspace. Raises DatabaseUnavailable."""
        for served in self._workspaces.all():
            served.changes.follow()

    def _application_of(self, team_id: str) -> "WSGIApplication | None":
        served = self._workspaces.of(team_id)
        return served.application if served else None

    def _serve(self, own: Settings, installed: Installed) -> _Served:
        team_id = installed.team_id
        client = slack_client(own.slack, self._paces.of(team_id), hurry=True)
        identity = Identity(team_id, installed.bot_id, installed.bot_user_id, installed.workspace_url)
        once, audit = Once(self._engine, team_id), Audit(self._engine, team_id)
        settling = Settling(team_id, self._installations, once, audit)
        hosted = Hosted(team_id, self._uninstalling.uninstall, settling)
        listeners, changes = self._listeners_of(own, client, identity, hosted)
        app = build_app(client, identity, listeners, signing_secret=self._secret)
        return _Served(SlackRequestHandler(app, path=PATH), changes)


class ByWorkspace:
    """A WSGI application for signed requests. What is of no workspace at all goes to `nobodys`; what is of one that does not have us
    (any more) is acknowledged and forgotten: Slack would send it again, and nobody could be answered.
    """

    def __init__(
        self, application_of: "Callable[[str], WSGIApplication | None]", nobodys: "WSGIApplication"
    ) -> None:
        self._application_of = application_of
        self._nobodys = nobodys

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        known = {**environ, "wsgi.input": BytesIO(body)}
        team_id = team_of(body.decode(), environ.get("CONTENT_TYPE"))
        if team_id is None:
            return self._nobodys(known, start_response)
        try:
            application = self._application_of(team_id)
        except DatabaseUnavailable as error:
            log.warning("event not taken in, Slack will send it again (%s)", type(error).__name__)
            return _told(HTTPStatus.SERVICE_UNAVAILABLE, start_response)
        if application is None:
            log.info("an event of workspace %s, which is not served", team_id[:64])
            return _told(HTTPStatus.OK, start_response)
        return application(known, start_response)


def team_of(body: str, content_type: str | None) -> str | None:
    """Slack's id of the workspace that a request is for, found where Bolt finds it. Raises ValueError where nothing can be read."""
    try:
        payload: Any = parse_body(body, content_type)
    except json.JSONDecodeError:
        raise ValueError("a body that is no JSON") from None
    if not isinstance(payload, dict):
        raise TypeError("a body that is no object")
    team_id = extract_team_id(payload)
    return team_id if isinstance(team_id, str) and team_id else None


def _nobodys(signing_secret: str) -> "WSGIApplication":
    """Answers what Slack asks before there is any workspace: whether the address is ours."""
    nobody = AuthorizeResult(enterprise_id=None, team_id=None)
    app = App(authorize=lambda: nobody, process_before_response=True, signing_secret=signing_secret)
    app.logger.setLevel(logging.CRITICAL)
    handler: WSGIApplication = SlackRequestHandler(app, path=PATH)
    return handler


def _told(status: HTTPStatus, start_response: "StartResponse") -> Iterable[bytes]:
    start_response(f"{status.value} {status.phrase}", [("Content-Length", "0")])
    return []
