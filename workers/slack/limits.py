"""Slack's rate limits: which calls are counted together, and how many of them pass. Pure.

A tier is so many calls a minute of one method in one workspace, "while allowing for occasional bursts of more". A third of a minute's
calls may come at once, so that a question never waits for its own calls; the others follow evenly.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from collections.abc import Mapping
from typing import Any

from workers.slack.pacing import Lane

_TIERS = {
    2: (
        "chat.startStream", "chat.stopStream", "conversations.list", "pins.add", "reactions.remove", "usergroups.list",
        "usergroups.users.list", "users.list",
    ),
    3: (
        "chat.delete", "chat.update", "conversations.history", "conversations.info", "conversations.join", "conversations.open",
        "conversations.replies", "files.list", "reactions.add", "team.info", "users.conversations", "users.lookupByEmail",
    ),
    4: (
        "assistant.threads.setStatus", "assistant.threads.setSuggestedPrompts", "assistant.threads.setTitle", "chat.appendStream",
        "chat.postEphemeral", "conversations.members", "files.completeUploadExternal", "files.getUploadURLExternal", "files.info",
        "users.info", "views.open", "views.publish", "views.push", "views.update",
    ),
}  # fmt: skip
_PER_MINUTE = {2: 20, 3: 50, 4: 100}

_POST = "chat.postMessage"
_POST_SECONDS = 1.1  # Slack counts one a second as they arrive, and the way there is not equally long for all
_POSTS_PER_MINUTE = 300  # "several hundred" in a workspace

DISPENSABLE = frozenset({"assistant.threads.setStatus", "chat.appendStream", "chat.startStream"})
"""Calls that an answer can do without: there is room at once, or they are not made."""


def _tier(method: str, per_minute: int) -> Lane:
    return Lane(method, 60 / per_minute, burst=per_minute // 3)


_LANES = {method: _tier(method, _PER_MINUTE[tier]) for tier, methods in _TIERS.items() for method in methods}
_LANES[_POST] = _tier(_POST, _POSTS_PER_MINUTE)


def lane_of(method: str) -> Lane:
    """The lane of all calls of a method. What Slack's documentation does not say of a method, its Retry-After does."""
    return _LANES.get(method) or Lane(method)


def lanes_of(method: str, arguments: Mapping[str, Any]) -> tuple[Lane, ...]:
    """The lanes that a call has to pass, the narrowest first."""
    if method == _POST:
        return Lane(f"{_POST}:{arguments.get('channel')}", _POST_SECONDS), lane_of(method)
    return (lane_of(method),)
