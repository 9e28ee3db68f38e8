"""Pages of a list, with cursors as Slack makes them: opaque, and refused when they are not its own."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from sandbox.errors import SlackError

Item = TypeVar("Item")


def page(
    items: Sequence[Item], *, key: Callable[[Item], str], cursor: str | None, limit: int
) -> tuple[list[Item], str]:
    """At most `limit` items from the cursor on, and the cursor of the next page ("" after the last).

    Raises SlackError invalid_cursor.
    """
    start = 0
    if cursor:
        keys = [key(item) for item in items]
        wanted = _decode(cursor)
        if wanted not in keys:
            raise SlackError("invalid_cursor")
        start = keys.index(wanted)
    following = items[start + limit : start + limit + 1]
    return list(items[start : start + limit]), _encode(key(following[0])) if following else ""


def _encode(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()


def _decode(cursor: str) -> str:
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if not text.startswith("next:"):
        raise SlackError("invalid_cursor")
    return text.removeprefix("next:")
