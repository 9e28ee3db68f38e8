"""Arguments of a Web API call, whichever way they came: form, JSON, query; read one by one."""

import json
from typing import Any

from sandbox.errors import ArgumentError, SlackError
from sandbox.shapes import Json

_TRUE = (True, 1, "1", "true", "True")


class Arguments:
    """What a call was given. Numbers, flags and structures may come as text, as they do in forms."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def required(self, name: str) -> str:
        """A text that must be there. Raises ArgumentError."""
        value = self.text(name)
        if value is None:
            raise ArgumentError(f"missing required field: {name}")
        return value

    def text(self, name: str) -> str | None:
        """A text, or None where it is missing or empty."""
        value = self.values.get(name)
        return None if value is None or value == "" else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.values[name] in _TRUE if name in self.values else default

    def number(self, name: str, *, default: int, maximum: int) -> int:
        """A number from 1 to `maximum`; larger ones count as `maximum`. Raises SlackError invalid_limit."""
        try:
            value = int(self.values.get(name) or default)
        except (TypeError, ValueError):
            raise SlackError("invalid_limit") from None
        if value < 1:
            raise SlackError("invalid_limit")
        return min(value, maximum)

    def structure(self, name: str, *, error: str = "invalid_arguments") -> Any:
        """A JSON value, decoded if it came as text; None where it is missing. Raises SlackError `error`."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise SlackError(error) from None

    def names(self, name: str) -> list[str]:
        """A list of ids, given as a list or separated by commas."""
        value = self.values.get(name) or []
        parts = value.split(",") if isinstance(value, str) else [str(part) for part in value]
        return [part.strip() for part in parts if part.strip()]

    def only(self, *names: str) -> Json:
        """Those of the named arguments that were given."""
        return {name: self.values[name] for name in names if self.values.get(name) is not None}
