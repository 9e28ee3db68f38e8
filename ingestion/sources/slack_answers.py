"""What stands in Slack's answers. Pure.

https://docs.slack.dev/apis/web-api/#responses
"""

from collections.abc import Mapping
from typing import Any

SOMEBODY = "somebody"
"""Whose name is not to be had."""


def code_of(response: Any) -> str:
    """Slack's word for what was wrong; empty where it answered with something else than JSON, such as a proxy's page."""
    return str(response.get("error") or "") if hasattr(response, "get") else ""


def status_of(response: Any) -> int:
    """The HTTP status; 0 where there is none."""
    return int(getattr(response, "status_code", 0) or 0)


def cursor_of(page: Any) -> str:
    """Where the next page begins; empty where this was the last."""
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")


def name_of(user: Mapping[str, Any]) -> str:
    """How a person of `users.info` is called, on one line."""
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return " ".join(next((str(name) for name in names if name), SOMEBODY).split())
