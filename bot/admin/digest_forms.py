"""The forms behind the buttons of the digest: those that there are, which come back to those who ask whether it is an admin's. Pure."""

import json
from typing import Any

from bot.admin.adding_form import adding_form
from bot.answer_form import answer_form
from workers.saving import Draft

SOURCE_FORM, ANSWER_FORM = "digest_source_form", "digest_answer_form"


def source_form(channel_id: str, ts: str) -> dict[str, Any]:
    """Its private metadata is the thread in which the place is proposed."""
    return {**adding_form(), "callback_id": SOURCE_FORM, "private_metadata": json.dumps([channel_id, ts])}


def thread_of(view: dict[str, Any]) -> tuple[str, str]:
    """Channel and message of the digest that a form was opened from."""
    channel_id, ts = json.loads(view["private_metadata"])
    return str(channel_id), str(ts)


def missing_answer_form(draft: Draft) -> dict[str, Any]:
    return {**answer_form(draft), "callback_id": ANSWER_FORM}
