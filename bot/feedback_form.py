"""What somebody is asked who did not like an answer. Pure."""

from typing import Any

from workers.elements import plain_text_object
from workers.feedback import MOST_CHARS, REASONS

CALLBACK = "feedback_form"
REASON, COMMENT = "reason", "comment"


def feedback_form(question_id: str) -> dict[str, Any]:
    """The modal; its private metadata is the id of the question."""
    options = [{"text": plain_text_object(words), "value": reason} for reason, words in REASONS.items()]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": question_id,
        "title": plain_text_object("What was wrong?"),
        "submit": plain_text_object("Send"),
        "close": plain_text_object("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": REASON,
                "label": plain_text_object("The answer"),
                "element": {"type": "radio_buttons", "action_id": REASON, "options": options},
            },
            {
                "type": "input",
                "block_id": COMMENT,
                "optional": True,
                "label": plain_text_object("What would have been right?"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": COMMENT,
                    "multiline": True,
                    "max_length": MOST_CHARS,
                },
                "hint": plain_text_object("The people who look after the documents read this."),
            },
        ],
    }


def filled_in(view: dict[str, Any]) -> tuple[str, str]:
    """Reason and comment of a submitted form."""
    values = view["state"]["values"]
    chosen = values[REASON][REASON].get("selected_option") or {}
    return str(chosen.get("value", "")), str(values[COMMENT][COMMENT].get("value") or "")
