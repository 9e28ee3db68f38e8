"""A form to ask from anywhere. Pure."""

from typing import Any

CALLBACK = "question_form"
QUESTION = "question"


def question_form() -> dict[str, Any]:
    """The modal of the global shortcut."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": _plain("Ask the documents"),
        "submit": _plain("Ask"),
        "close": _plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": QUESTION,
                "label": _plain("Your question"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": QUESTION,
                    "multiline": True,
                    "max_length": 3000,
                    "placeholder": _plain("How many days of leave do I have?"),
                },
                "hint": _plain("I answer in our direct messages, where only you read it."),
            }
        ],
    }


def asked_in(view: dict[str, Any]) -> str:
    """What was written into the form."""
    return str(view["state"]["values"][QUESTION][QUESTION].get("value") or "").strip()


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
