"""Rate limits: Slack's tiers per method, and one message a second and channel.

A tier is the number of calls a minute. Source: https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from dataclasses import dataclass

from sandbox.shapes import Json

_PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}  # 5 stands for "special": generous

TIERS = {
    "apps.connections.open": 1,
    "chat.startStream": 2,
    "chat.stopStream": 2,
    "conversations.list": 2,
    "files.completeUploadExternal": 4,
    "files.getUploadURLExternal": 4,
    "files.info": 4,
    "users.list": 2,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "pins.add": 2,
    "pins.list": 2,
    "reactions.remove": 2,
    "chat.postEphemeral": 4,
    "chat.appendStream": 4,
    "assistant.threads.setTitle": 4,
    "assistant.threads.setSuggestedPrompts": 4,
    "conversations.members": 4,
    "users.info": 4,
    "views.open": 4,
    "views.push": 4,
    "views.update": 4,
    "views.publish": 4,
    "api.test": 4,
    "assistant.threads.setStatus": 5,
    "auth.test": 5,
    "chat.getPermalink": 5,
}
_USUAL_TIER = 3

HISTORY = ("conversations.history", "conversations.replies")
DISTRIBUTED_MESSAGES = 15
"""Messages in a page, of one page a minute, for apps distributed outside of the Marketplace."""


@dataclass
class _Bucket:
    capacity: float
    per_second: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """0 if a call may pass, otherwise the seconds until one may."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_second


class Limits:
    """Token buckets, one per app and method; per channel too for chat.postMessage."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def retry_after(
        self, app_id: str, method: str, arguments: Json, now: float, *, distributed: bool = False
    ) -> int:
        """0 if the call may pass, otherwise the whole seconds for the Retry-After header."""
        key: tuple[str, ...] = (app_id, method)
        slowed = distributed and method in HISTORY
        tier = _PER_MINUTE[1 if slowed else TIERS.get(method, _USUAL_TIER)]
        capacity, per_second = float(tier), tier / 60
        if method == "chat.postMessage":
            key, capacity, per_second = (*key, str(arguments.get("channel"))), 1.0, 1.0
        bucket = self._buckets.setdefault(key, _Bucket(capacity, per_second, capacity, now))
        return math.ceil(bucket.take(now))
