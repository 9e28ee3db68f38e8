"""Two workspaces in one sandbox: an app is installed in each as with Slack, and a token opens its own only."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.seed import DEFAULT
from sandbox.server import SandboxServer


def second_workspace(folder: Path) -> Path:
    """The default workspace once more, as another team's: the same ids of people and channels, another token."""
    seed = json.loads(DEFAULT.read_text())
    seed["team"] = {"id": "T02BRIGHT", "name": "Brightwell", "domain": "brightwell"}
    seed["apps"][0] |= {"bot_token": "xoxb-sandbox-bright", "app_token": "xapp-sandbox-bright"}
    path = folder / "bright.json"
    path.write_text(json.dumps(seed))
    return path


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with SandboxServer(also=[second_workspace(tmp_path_factory.mktemp("seed"))]) as server:
        yield server


def allowed(slack: SandboxServer, team_id: str, **more: str) -> dict[str, str]:
    """Where the browser is sent that was shown the page of a workspace, as its query."""
    query = {
        "client_id": "client-footnote",
        "scope": "chat:write",
        "state": "s",
        "team": team_id,
        "redirect_uri": "https://bot.example.com/slack/oauth_redirect",
    }
    connection = HTTPConnection(urlsplit(slack.url).netloc)
    connection.request("GET", f"/oauth/v2/authorize?{urlencode(query | more)}")
    response = connection.getresponse()
    location = response.getheader("Location") or response.read().decode()
    connection.close()
    if response.status != 302:
        return {"refused": location}
    assert location.startswith("https://bot.example.com/slack/oauth_redirect?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def token_for(slack: SandboxServer, code: str, *, secret: str = "secret-footnote") -> str:  # noqa: S107 - the sandbox's
    client = WebClient(base_url=slack.api_url, retry_handlers=[])
    granted = client.oauth_v2_access(client_id="client-footnote", client_secret=secret, code=code)
    return str(granted["access_token"])


def test_a_code_becomes_the_token_of_the_workspace_that_was_chosen_once(slack: SandboxServer) -> None:
    tokens = {}
    for team_id in ("T01FERNWAY", "T02BRIGHT"):
        came = allowed(slack, team_id)
        assert came["state"] == "s"
        tokens[team_id] = token_for(slack, came["code"])
        me = WebClient(base_url=slack.api_url, token=tokens[team_id]).auth_test()
        assert me["team_id"] == team_id
        with pytest.raises(SlackApiError, match="invalid_code"):
            token_for(slack, came["code"])
    assert len({*tokens.values()}) == 2


def test_a_wrong_secret_and_a_refusal_give_none(slack: SandboxServer) -> None:
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        token_for(slack, allowed(slack, "T02BRIGHT")["code"], secret="another")
    assert allowed(slack, "T02BRIGHT", deny="1")["error"] == "access_denied"
    assert allowed(slack, "T02BRIGHT", client_id="another") == {"refused": "invalid_client_id"}


def test_what_is_posted_with_a_token_stands_in_its_workspace_alone(slack: SandboxServer) -> None:
    WebClient(base_url=slack.api_url, token="xoxb-sandbox-bright").chat_postMessage(
        channel="C01GENERAL", text="only here"
    )
    assert "only here" in [message.text for message in slack.client_of("T02BRIGHT").channel("general")]
    assert "only here" not in [message.text for message in slack.client.channel("general")]


def test_who_comes_back_gets_another_token(slack: SandboxServer) -> None:
    slack.client_of("T02BRIGHT").uninstall()
    with pytest.raises(SlackApiError, match="account_inactive"):
        WebClient(base_url=slack.api_url, token="xoxb-sandbox-bright").auth_test()
    token = token_for(slack, allowed(slack, "T02BRIGHT")["code"])
    assert token != "xoxb-sandbox-bright"
    assert WebClient(base_url=slack.api_url, token=token).auth_test()["team_id"] == "T02BRIGHT"
