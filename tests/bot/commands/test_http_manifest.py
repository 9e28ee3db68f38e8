"""The manifest for HTTP mode differs from the one for sockets in where Slack sends to, and in nothing else."""

import json
from pathlib import Path

import pytest

from bot.commands.http_manifest import with_request_url
from rag.errors import ConfigError

MANIFEST = json.loads((Path(__file__).parent.parent.parent.parent / "manifest.json").read_text())
URL = "https://bot.example.com/slack/events"


@pytest.mark.parametrize("given", ["https://bot.example.com", "https://bot.example.com/", URL])
def test_the_request_url_stands_wherever_slack_sends_to(given: str) -> None:
    changed = with_request_url(MANIFEST, given)
    settings = changed["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"].pop("request_url") == URL
    assert settings["interactivity"].pop("request_url") == URL
    assert {command.pop("url") for command in changed["features"]["slash_commands"]} == {URL}
    redirect = "https://bot.example.com/slack/oauth_redirect"
    assert changed["oauth_config"].pop("redirect_urls") == [redirect]
    settings["socket_mode_enabled"] = True
    assert changed == MANIFEST


def test_an_address_that_slack_would_refuse_is_refused() -> None:
    with pytest.raises(ConfigError, match="https"):
        with_request_url(MANIFEST, "http://bot.example.com")
