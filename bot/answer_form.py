"""The form in which somebody makes an answer of a message, and what is said about it. Pure."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.form_parts import form_input, modal, option, text_input
from bot.notice import notice
from workers.elements import Block, note
from workers.saving import MOST_CHARS, Draft, Place

CALLBACK = "answer_form"
QUESTION, ANSWER, OWNER, REVIEW, DELETE = "question", "answer", "owner", "review", "delete"

SAVED = "Saved. I answer with it as soon as I have read it, which takes some seconds."
DELETED = "Deleted. I answer with it no more."


@dataclass(frozen=True, slots=True)
class Filled:
    """What was submitted."""

    question: str
    answer: str
    owner: str
    review_on: date | None
    delete: bool

    def problems(self, today: date) -> dict[str, str]:
        """What is wrong with it, a sentence at each input; nothing is where it is to be deleted."""
        found = {
            QUESTION: "" if self.question else "Please write the question.",
            ANSWER: "" if self.answer else "Please write the answer.",
            OWNER: "" if self.owner else "Please choose a person.",
            REVIEW: "" if self.review_on and self.review_on > today else "Please choose a day to come.",
        }
        return {} if self.delete else {name: problem for name, problem in found.items() if problem}


def answer_form(draft: Draft) -> dict[str, Any]:
    """The modal, filled in with the draft; its private metadata is the message that it was made of."""
    place = draft.place
    where = json.dumps([place.channel_id, place.ts, place.thread_ts])
    blocks = [
        form_input(QUESTION, "Question", _text(QUESTION, draft.question)),
        form_input(ANSWER, "Answer", _text(ANSWER, draft.answer)),
        form_input(
            OWNER,
            "Who answers for it",
            {"type": "users_select", "action_id": OWNER, "initial_user": draft.owner},
            hint="Shown by name under the answer; nobody is notified.",
        ),
        form_input(
            REVIEW,
            "To be looked at again on",
            {"type": "datepicker", "action_id": REVIEW, "initial_date": draft.review_on.isoformat()},
        ),
        note(draft.read_by),
    ]
    if draft.is_saved:
        choice = {
            "type": "checkboxes",
            "action_id": DELETE,
            "options": [option(DELETE, "Delete this answer")],
        }
        blocks.append(form_input(DELETE, "Or", choice, optional=True))
    return modal("Save as answer", blocks, callback=CALLBACK, submit="Save", metadata=where)


def filled_in(view: dict[str, Any]) -> Filled:
    """A submitted form."""
    values = view["state"]["values"]
    day = values[REVIEW][REVIEW].get("selected_date")
    deleted = (values.get(DELETE) or {}).get(DELETE) or {}
    return Filled(
        question=str(values[QUESTION][QUESTION].get("value") or "").strip(),
        answer=str(values[ANSWER][ANSWER].get("value") or "").strip(),
        owner=str(values[OWNER][OWNER].get("selected_user") or ""),
        review_on=date.fromisoformat(day) if day else None,
        delete=bool(deleted.get("selected_options")),
    )


def place_of(view: dict[str, Any]) -> Place:
    """The message that a submitted form was made of."""
    return Place(*json.loads(view["private_metadata"]))


def told(text: str) -> dict[str, Any]:
    """What takes the form's place when it is done."""
    return notice("Save as answer", text)


def _text(name: str, initial: str) -> Block:
    return text_input(name, most_chars=MOST_CHARS, initial=initial, multiline=True)
