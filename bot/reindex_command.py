"""What is typed after `/reindex` → what is wanted. Pure.

`--full` comes as a dash of any length: keyboards make one of two.
"""

import re
from dataclasses import dataclass
from typing import Literal

from bot.admin_commands import Command, Misunderstood, Sources, parse
from ingestion.registered import RegisteredSource

What = Literal["start", "status", "cancel"]

USAGE = (
    "/reindex reads all sources again, /reindex NAME one of them; with --full every document, though it did not change. "
    "/reindex status tells how far it is, /reindex cancel [NAME] stops it."
)

_FULL = re.compile(r"(?:^|\s)(?:--?|[\u2010-\u2015\u2212])full(?=\s|$)", re.IGNORECASE)
_WORDS: dict[str, What] = {"status": "status", "cancel": "cancel", "stop": "cancel"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`source` is None where all are meant."""

    what: What
    source: RegisteredSource | None = None
    full: bool = False


def wanted(text: str, sources: Sources) -> Wanted | str:
    """What is wanted, or the sentence that says what is wrong. A source called like a word of ours is meant in quotes."""
    said = _FULL.sub(" ", text)
    full = said != text
    said = said.strip()
    word, _, rest = said.partition(" ")
    what = _WORDS.get(word.lower(), "start")
    if said.lower() == "help" or (full and what != "start") or (what == "status" and rest.strip()):
        return USAGE
    name = said if what == "start" else rest
    if what == "status":
        return Wanted("status")
    found = parse(f"reindex {name}", sources, "")
    match found:
        case Command(action="reindex", source=source):
            return Wanted(what, source, full)
        case Misunderstood(sentence=sentence):
            return sentence
        case _:
            return USAGE
