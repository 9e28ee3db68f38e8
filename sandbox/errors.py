"""SlackError: a refusal with the name Slack gives it.

The Web API turns it into `{"ok": false, "error": NAME}` with HTTP 200, the control API into HTTP 400.
"""

from typing import Any


class SlackError(Exception):
    """Refuse with Slack's own error name; `details` are further fields of the response."""

    def __init__(self, name: str, **details: Any) -> None:
        super().__init__(name)
        self.name = name
        self.details = details


class ArgumentError(SlackError):
    """`invalid_arguments`, saying which argument and why, as Slack does in `response_metadata`."""

    def __init__(self, *problems: str) -> None:
        messages = [f"[ERROR] {problem}" for problem in problems]
        super().__init__("invalid_arguments", response_metadata={"messages": messages})
