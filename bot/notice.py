"""A modal that says something and can be closed. Pure."""

from typing import Any

from workers.elements import plain_text_object


def notice(title: str, text: str) -> dict[str, Any]:
    """`title`: up to 24 characters."""
    return {
        "type": "modal",
        "title": plain_text_object(title),
        "close": plain_text_object("Close"),
        "blocks": [{"type": "section", "text": plain_text_object(text)}],
    }
