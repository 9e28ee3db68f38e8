"""What somebody is asked who did not like an answer. Pure."""

from typing import Any

from bot.form_parts import form_input, modal, options, text_input
from workers.feedback import MOST_CHARS, REASONS

CALLBACK = "feedback_form"
REASON, COMMENT = "reason", "comment"


def feedback_form(question_id: str) -> dict[str, Any]:
    """The modal; its private metadata is the id of the question."""
    reasons = {"type": "radio_buttons", "action_id": REASON, "options": options(REASONS)}
    comment = text_input(COMMENT, most_chars=MOST_CHARS, multiline=True)
    hint = "The people who look after the documents read this."
    blocks = [
        form_input(REASON, "The answer", reasons),
        form_input(COMMENT, "What would have been right?", comment, hint=hint, optional=True),
    ]
    return modal("What was wrong?", blocks, callback=CALLBACK, submit="Send", metadata=question_id)


def filled_in(view: dict[str, Any]) -> tuple[str, str]:
    """Reason and comment of a submitted form."""
    values = view["state"]["values"]
    chosen = values[REASON][REASON].get("selected_option") or {}
    return str(chosen.get("value", "")), str(values[COMMENT][COMMENT].get("value") or "")
