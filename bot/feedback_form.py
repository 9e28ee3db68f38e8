"""What somebody is asked who did not like an answer. Pure."""

from typing import Any

from workers.feedback import MOST_CHARS, REASONS

CALLBACK = "feedback_form"
REASON, COMMENT = "reason", "comment"


def feedback_form(question_id: str) -> dict[str, Any]:
    """The modal; its private metadata is the id of the question."""
    options = [{"text": _plain(words), "value": reason} for reason, words in REASONS.items()]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": question_id,
        "title": _plain("What was wrong?"),
        "submit": _plain("Send"),
        "close": _plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": REASON,
                "label": _plain("The answer"),
                "element": {"type": "radio_buttons", "action_id": REASON, "options": options},
            },
            {
                "type": "input",
                "block_id": COMMENT,
                "optional": True,
                "label": _plain("What would have been right?"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": COMMENT,
                    "multiline": True,
                    "max_length": MOST_CHARS,
                },
                "hint": _plain("The people who look after the documents read this."),
            },
        ],
    }


def filled_in(view: dict[str, Any]) -> tuple[str, str]:
    """Reason and comment of a submitted form."""
    values = view["state"]["values"]
    chosen = values[REASON][REASON].get("selected_option") or {}
    return str(chosen.get("value", "")), str(values[COMMENT][COMMENT].get("value") or "")


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
