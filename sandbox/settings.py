"""What can be set from outside while the sandbox runs; durations in seconds."""

from dataclasses import dataclass, fields, replace
from typing import Any

from sandbox.errors import ArgumentError


@dataclass(frozen=True)
class Settings:
    """How patient, how strict and how fast this stand-in for Slack is.

    Slack redelivers an event at once, after 1 minute and after 5 minutes. Nobody wants to wait that long
    for a test, so the default here is 0, 2 and 5 seconds after the acknowledgement was due.

    `distributed_outside_marketplace`: apps get 15 messages of history a minute, as those that are sold without being in
    Slack's Marketplace do since May 2025.
    """

    ack_timeout_seconds: float = 3.0
    retry_delays_seconds: tuple[float, ...] = (0.0, 2.0, 5.0)
    stream_seconds: float = 300.0
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    status_seconds: float = 120.0
    drain_seconds: float = 10.0
    rate_limits: bool = False
    distributed_outside_marketplace: bool = False

    def changed(self, changes: dict[str, Any]) -> "Settings":
        """These settings with some replaced. Raises ArgumentError for a name that is none of them."""
        known = {field.name for field in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ArgumentError(f"no setting named {unknown[0]}; there are {', '.join(sorted(known))}")
        if "retry_delays_seconds" in changes:
            changes = {**changes, "retry_delays_seconds": tuple(changes["retry_delays_seconds"])}
        return replace(self, **changes)
