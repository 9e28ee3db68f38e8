"""`test "question" as @person`: what an admin wants to see found, and for whom. Pure."""

import re
from dataclasses import dataclass

from bot.admin.words import PICK_A_CHANNEL, channel_of, unquoted
from workers.rendering import plain_mentions

_FOR = re.compile(
    r"(.*\S)\s+(?:(?:as|for)\s+(<@[^<>]*>|@\S+|me|myself)|in\s+(<#[^<>]*>|channel:\w+|#\S+))", re.IGNORECASE | re.DOTALL
)  # fmt: skip
_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^<>]*)?>")

PICK_A_PERSON = "I can't tell who {} is: type @ and choose them from the list that Slack offers."
ONE_OF_THEM = "Either as one person or in one channel, not both."


@dataclass(frozen=True, slots=True)
class ToTry:
    """`reader_id`: a person or a channel; empty: who asks."""

    question: str
    reader_id: str = ""


def to_try(text: str) -> ToTry | str | None:
    """What follows the command; a sentence where it is not known who is meant, None where nothing is asked."""
    found = _FOR.fullmatch(text)
    asked = found[1] if found else text
    if found and _FOR.fullmatch(asked):
        return ONE_OF_THEM
    question = unquoted(plain_mentions(unquoted(asked)))
    if not re.search(r"\w", question):
        return None
    reader = _reader(found[2] or found[3]) if found else ""
    if reader is None:
        return (PICK_A_PERSON if found and found[2] else PICK_A_CHANNEL).format(text.rsplit(maxsplit=1)[-1])
    return ToTry(question, reader)


def _reader(text: str) -> str | None:
    if text.lower() in {"me", "myself"}:
        return ""
    person = _PERSON.fullmatch(text)
    return person[1] if person else channel_of(text)
