"""The app's manifest for HTTP mode: manifest.json with the Request URL in the three places that want it, and where browsers come
back to that install it. Pure.
"""

from copy import deepcopy
from typing import Any

from bot.http_door import PATH
from bot.installing import REDIRECT
from rag.errors import ConfigError


def with_request_url(manifest: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Another manifest, for a bot that Slack reaches at `base_url` (https://bot.example.com).

    Raises ConfigError for an address that Slack would refuse.
    """
    if not base_url.startswith("https://"):
        raise ConfigError(
            "Slack sends to https addresses only: python -m bot manifest https://bot.example.com"
        )
    url = base_url.rstrip("/").removesuffix(PATH) + PATH
    changed = deepcopy(manifest)
    settings = changed["settings"]
    settings["socket_mode_enabled"] = False
    changed["oauth_config"]["redirect_urls"] = [url.removesuffix(PATH) + REDIRECT]
    settings["event_subscriptions"]["request_url"] = url
    settings["interactivity"]["request_url"] = url
    for command in changed["features"]["slash_commands"]:
        command["url"] = url
    return changed
