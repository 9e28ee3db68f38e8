"""An answer as it is shown where its question was asked. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rag.domain import Answer, Language
from workers.asked import Incoming
from workers.elements import note, shortened
from workers.languages import sayer
from workers.rendering import Rendered, defused, render

_NAMED, _TITLE_CHARS = 3, 100


def shown(
    question_id: str,
    incoming: Incoming,
    answer: Answer,
    *,
    people: bool = False,
    chosen: int | None = None,
    language: Language | None = None,
) -> Rendered:
    """The question stands above its answer where no message of the asker does: in private, and where it was shared. `language` is
    its channel's, where that has one.
    """
    shared = not incoming.thread_ts
    return render(
        answer,
        question_id=question_id,
        restated=incoming.text if incoming.is_private or shared else None,
        asker=incoming.user_id if shared else None,
        private=incoming.is_private,
        unasked=incoming.unasked,
        people=people,
        chosen=chosen,
        say=sayer(incoming.text, language),
    )


def aged(message: Rendered, noted: Mapping[str, Any]) -> Rendered:
    """The message with a line below that says what happened to its sources since; `noted` as `workers.aging` notes it."""
    at = datetime.fromisoformat(noted["at"])
    on = f"({at.day} {at:%b})"
    changed, gone = noted["changed"], noted["gone"]
    said = []
    if changed:
        has = "has" if len(changed) == 1 else "have"
        said.append(
            f"⚠ {_titles(changed)} {has} changed since this answer {on}. Ask again for the current text."
        )
    if gone:
        is_gone = "is" if len(gone) == 1 else "are"
        said.append(f"⚠ {_titles(gone)} {is_gone} not there any more {on}. Ask again for what holds now.")
    return replace(message, blocks=[*message.blocks, note(*said)])


def _titles(titles: Sequence[str]) -> str:
    named = [f"“{defused(shortened(' '.join(title.split()), _TITLE_CHARS))}”" for title in titles[:_NAMED]]
    if more := len(titles) - len(named):
        named.append(f"{more} more")
    *first, last = named
    return f"{', '.join(first)} and {last}" if first else last
