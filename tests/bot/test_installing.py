"""Installing by a browser, through the bot's door and the sandbox: a token is kept, or a sentence with a status below 500 is told."""

import logging
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Engine

from bot.http_door import HttpDoor
from bot.installing import AGAIN, DONE, INSTALL, NOT_DONE, NOT_HERE, PATHS, REDIRECT, installing
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import Settings, SlackOAuthSettings, SlackSettings
from sandbox.server import SandboxServer
from tests.bot.serving import SECRET, served
from tests.sandbox.test_installs import second_workspace
from workers.tenancy.install_states import InstallStates
from workers.tenancy.installations import Installations
from workers.tenancy.sealing import Seal, new_key

KEY = new_key()
Answer = tuple[int, dict[str, str], str]


def settings_for(api_url: str, *, client_secret: str = "secret-footnote") -> Settings:  # noqa: S107 - the sandbox's
    return Settings(
        slack=SlackSettings(mode="http", client_id="client-footnote", bot_token=SecretStr(""), api_url=api_url, timeout_seconds=3),
        slack_oauth=SlackOAuthSettings(client_secret=SecretStr(client_secret), token_key=SecretStr(KEY)),
    )  # fmt: skip


class Lobby:
    """The door with nothing behind it but what installs; a browser that keeps its cookie."""

    def __init__(self, slack: SandboxServer, engine: Engine, settings: Settings | None = None) -> None:
        self.slack = slack
        self.store = Installations(engine, Seal(KEY))
        self.states = InstallStates(engine)
        way = installing(settings or settings_for(slack.api_url), self.store, self.states)
        self.door = HttpDoor(way, SECRET, open_to_all=dict.fromkeys(PATHS, way))
        self.port = 0
        self.cookie = ""

    def get(self, path: str, *, method: str = "GET", cookie: str | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, headers={"Cookie": self.cookie if cookie is None else cookie})
        response = connection.getresponse()
        answer = response.status, dict(response.getheaders()), response.read().decode()
        connection.close()
        return answer

    def begun(self) -> str:
        """The state of an installation that the browser has begun."""
        status, headers, _ = self.get(INSTALL)
        assert status == 302
        self.cookie = headers["Set-Cookie"].partition(";")[0]
        return parse_qs(urlsplit(headers["Location"]).query)["state"][0]

    def allowed(self, state: str, team: str = "T01FERNWAY") -> str:
        """The path that Slack sends the browser back to."""
        query = {
            "client_id": "client-footnote",
            "scope": "chat:write",
            "state": state,
            "team": team,
            "redirect_uri": f"https://bot.example.com{REDIRECT}",
        }
        connection = HTTPConnection(urlsplit(self.slack.url).netloc)
        connection.request("GET", f"/oauth/v2/authorize?{urlencode(query)}")
        location = connection.getresponse().getheader("Location") or ""
        connection.close()
        return f"{REDIRECT}?{urlsplit(location).query}"

    @property
    def teams(self) -> list[str]:
        return [one.team_id for one in self.store.all()]


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with SandboxServer(also=[second_workspace(tmp_path_factory.mktemp("seed"))]) as server:
        yield server


@pytest.fixture
def lobby(slack: SandboxServer, tmp_path: Path) -> Iterator[Lobby]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    lobby = Lobby(slack, engine)
    with served(lobby.door) as lobby.port:
        yield lobby
    engine.dispose()


def test_two_workspaces_install_it_each_with_its_own_token(lobby: Lobby) -> None:
    for team in ("T01FERNWAY", "T02BRIGHT"):
        status, headers, said = lobby.get(lobby.allowed(lobby.begun(), team))
        assert (status, DONE in said) == (200, True)
        assert "deleted" in headers["Set-Cookie"]
        assert headers["Referrer-Policy"] == "no-referrer"
    assert lobby.teams == ["T01FERNWAY", "T02BRIGHT"]
    first, second = lobby.store.all()
    assert (lobby.store.token(first), lobby.store.token(second)) == (
        "xoxb-sandbox-footnote",
        "xoxb-sandbox-bright",
    )
    assert second.workspace_url.endswith("/T02BRIGHT/")
    assert (second.bot_user_id, second.installed_by) == ("U01FOOTNOTE", "U01INES")


def test_slack_is_asked_for_what_the_manifest_asks_for_and_the_cookie_is_the_browsers_alone(
    lobby: Lobby,
) -> None:
    _, headers, _ = lobby.get(INSTALL)
    asked = urlsplit(headers["Location"])
    query = parse_qs(asked.query)
    assert f"{asked.scheme}://{asked.netloc}" == lobby.slack.url
    assert "chat:write" in query["scope"][0].split(",")
    assert "user_scope" not in query
    assert "Secure; HttpOnly" in headers["Set-Cookie"]
    assert len(query["state"][0]) >= 40


def test_a_state_that_was_used_installs_nothing_again(lobby: Lobby) -> None:
    state = lobby.begun()
    back = lobby.allowed(state)
    assert lobby.get(back)[0] == 200
    lobby.store.delete_all(enterprise_id=None, team_id="T01FERNWAY")
    status, _, said = lobby.get(lobby.allowed(state))
    assert (status, AGAIN in said) == (400, True)
    assert lobby.teams == []


def test_a_state_that_is_too_old_installs_nothing(lobby: Lobby) -> None:
    state = lobby.begun()
    lobby.states.consume(state)
    old = InstallStates(lobby.states._engine, seconds=-1).issue()
    lobby.cookie = lobby.cookie.replace(state, old)
    assert lobby.get(lobby.allowed(old))[0] == 400
    assert lobby.teams == []


def test_a_state_of_somebody_elses_browser_installs_nothing_and_stays_theirs(lobby: Lobby) -> None:
    theirs = lobby.begun()
    cookie = lobby.cookie
    back = lobby.allowed(theirs)
    for other in ("", "footnote-install=forged", lobby.cookie.replace(theirs, theirs[::-1])):
        assert lobby.get(back, cookie=other)[0] == 400
    assert lobby.teams == []
    assert lobby.get(back, cookie=cookie)[0] == 200


def test_a_state_that_was_never_issued_installs_nothing(lobby: Lobby) -> None:
    lobby.begun()
    forged = "A" * 43
    status, _, said = lobby.get(lobby.allowed(forged), cookie=f"footnote-install={forged}")
    assert (status, AGAIN in said) == (400, True)
    assert lobby.teams == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", AGAIN),
        ("state={state}", AGAIN),
        ("state={state}&code=forged", NOT_HERE),
        ("state={state}&code=", NOT_HERE),
        ("error=access_denied&state={state}", NOT_DONE),
        ("error=<script>alert(1)</script>", NOT_DONE),
        ("state={state}&state=another&code=forged", NOT_HERE),
        ("code=" + "x" * 5000, NOT_DONE),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(lobby: Lobby, query: str, said: str) -> None:
    status, headers, body = lobby.get(f"{REDIRECT}?{query.format(state=lobby.begun())}")
    assert status == 400
    assert said in body
    assert "script" not in body
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert lobby.teams == []


@given(query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=200))
def test_no_query_brings_it_to_an_error(shared_lobby: Lobby, query: str) -> None:
    status, _, said = shared_lobby.get(f"{REDIRECT}?{query}")
    assert status == 400
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def shared_lobby(slack: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lobby]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('data') / 'footnote.db'}")
    lobby = Lobby(slack, engine)
    with served(lobby.door) as lobby.port:
        yield lobby
    engine.dispose()


def test_only_get_and_only_these_paths(lobby: Lobby) -> None:
    assert lobby.get(INSTALL, method="POST")[0] == 405
    assert lobby.get(REDIRECT, method="HEAD")[0] == 405
    assert lobby.get("/slack/install/")[0] == 404
    assert lobby.get("/slack/events")[0] == 405


def test_a_slack_that_is_away_is_no_fault_of_who_installs(slack: SandboxServer, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    lobby = Lobby(slack, engine, settings_for("http://127.0.0.1:1/api/"))
    with served(lobby.door) as lobby.port:
        assert lobby.get(lobby.allowed(lobby.begun()))[0] == 503
    engine.dispose()


def test_a_wrong_client_secret_installs_nothing_and_no_secret_is_logged(
    slack: SandboxServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    lobby = Lobby(slack, engine, settings_for(slack.api_url, client_secret="wrong-secret"))
    with caplog.at_level(logging.INFO), served(lobby.door) as lobby.port:
        back = lobby.allowed(lobby.begun())
        assert lobby.get(back)[0] == 400
    engine.dispose()
    assert "bad_client_secret" in caplog.text
    for secret in ("wrong-secret", "xoxb", *re.findall(r"(?:code|state)=([^&]+)", back)):
        assert secret not in caplog.text


def test_without_a_client_secret_the_bot_does_not_start(slack: SandboxServer, tmp_path: Path) -> None:
    settings = settings_for(slack.api_url)
    lacking = Settings(
        slack=settings.slack, slack_oauth=SlackOAuthSettings(client_secret=None, token_key=SecretStr(KEY))
    )
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    with pytest.raises(ConfigError, match="SLACK_CLIENT_SECRET is missing"):
        installing(lacking, Installations(engine, Seal(KEY)), InstallStates(engine))
    engine.dispose()
