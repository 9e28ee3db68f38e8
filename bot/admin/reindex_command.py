"""What is typed after `/reindex` → what is wanted. Pure."""

from dataclasses import dataclass
from typing import Literal

from bot.admin.commands import Command, Misunderstood, Sources, parse
from ingestion.registered import RegisteredSource

What = Literal["start", "status", "cancel"]

USAGE = (
    "/reindex reads all sources again, /reindex NAME one of them; with --full every document, though it did not change. "
    "/reindex status tells how far it is, /reindex cancel [NAME] stops it."
)

_WORDS: dict[str, What] = {"status": "status", "cancel": "cancel", "stop": "cancel"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`source` is None where all are meant."""

    what: What
    source: RegisteredSource | None = None
    full: bool = False


def wanted(text: str, sources: Sources) -> Wanted | str:
    """What is wanted, or the sentence that says what is wrong. A source called like a word of ours is meant in quotes."""
    word, _, rest = text.strip().partition(" ")
    what = _WORDS.get(word.lower(), "start")
    if what == "status":
        return USAGE if rest.strip() else Wanted("status")
    if word.lower() == "help":
        return USAGE
    found = parse(f"reindex {rest if what == 'cancel' else text}", sources, "")
    match found:
        case Command(action="reindex", source=source, full=full):
            return Wanted(what, source, full) if what == "start" or not full else USAGE
        case Misunderstood(sentence=sentence):
            return sentence
        case _:
            return USAGE
