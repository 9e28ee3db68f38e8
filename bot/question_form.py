"""A form to ask from anywhere. Pure."""

from typing import Any

from workers.elements import plain_text_object

CALLBACK = "question_form"
QUESTION = "question"


def question_form() -> dict[str, Any]:
    """The modal of the global shortcut."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain_text_object("Ask the documents"),
        "submit": plain_text_object("Ask"),
        "close": plain_text_object("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": QUESTION,
                "label": plain_text_object("Your question"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": QUESTION,
                    "multiline": True,
                    "max_length": 3000,
                    "placeholder": plain_text_object("How many days of leave do I have?"),
                },
                "hint": plain_text_object("I answer in our direct messages, where only you read it."),
            }
        ],
    }


def asked_in(view: dict[str, Any]) -> str:
    """What was written into the form."""
    return str(view["state"]["values"][QUESTION][QUESTION].get("value") or "").strip()
