"""A form to ask from anywhere. Pure."""

from typing import Any

from bot.form_parts import form_input, modal, text_input

CALLBACK = "question_form"
QUESTION = "question"


def question_form() -> dict[str, Any]:
    """The modal of the global shortcut."""
    question = text_input(
        QUESTION, most_chars=3000, placeholder="How many days of leave do I have?", multiline=True
    )
    hint = "I answer in our direct messages, where only you read it."
    blocks = [form_input(QUESTION, "Your question", question, hint=hint)]
    return modal("Ask the documents", blocks, callback=CALLBACK, submit="Ask")


def asked_in(view: dict[str, Any]) -> str:
    """What was written into the form."""
    return str(view["state"]["values"][QUESTION][QUESTION].get("value") or "").strip()
