"""What is reported to admins, in words. Pure; what others wrote is text and never markup."""

from collections.abc import Sequence
from datetime import datetime

from ingestion.catalogue import Failing, SourceStatus
from ingestion.kinds import in_words
from workers.admin.source_words import plain_words
from workers.elements import (
    Element,
    bullets,
    date_element,
    link_element,
    rich_text,
    section,
    shortened,
    text_element,
)
from workers.rendering import Rendered, age
from workers.reporting.usage import OldPage

SHOWN = 10
"""Documents in one report; of more the number is told."""

_NAME_CHARS, _REASON_CHARS = 80, 200


def failed(status: SourceStatus, error: str) -> Rendered:
    """A source that cannot be read."""
    name = status.source.name
    said = [
        *_named(name, " could not be read: "),
        text_element(_sentence(shortened(error, _REASON_CHARS))),
        *_meanwhile(status.synced_at),
    ]
    return _paragraph([*said, text_element(f" To try again now: reindex {shortened(name, _NAME_CHARS)}")])


def works_again(status: SourceStatus, at: datetime) -> Rendered:
    return _paragraph([*_named(status.source.name, " works again: it was read "), date_element(at)])


def all_read(name: str) -> Rendered:
    return _paragraph(_named(name, " works again: all its documents can be read"))


def stale(status: SourceStatus) -> Rendered:
    """A source that was not read when it was due."""
    name = shortened(status.source.name, _NAME_CHARS)
    read = [text_element("not read yet")]
    if status.synced_at:
        read = [text_element("last read "), date_element(status.synced_at)]
    rest = f", and it is to be synced {in_words(status.source.every_seconds)}. Answers from it may be out of date. How it stands: show {name}"
    return _paragraph([*_named(name, " is late: "), *read, text_element(rest)])


def unreadable(name: str, documents: Sequence[Failing]) -> Rendered:
    """Documents of a source that stay unread until something is done about them, told of for the first time."""
    count = "a document" if len(documents) == 1 else f"{len(documents):,} documents"
    head = [text_element(f"I could not read {count} of "), text_element(name, {"bold": True})]
    rows = [
        [
            text_element(shortened(one.title or one.id, _NAME_CHARS), {"bold": True}),
            text_element(f" {shortened(one.reason, _REASON_CHARS)}"),
        ]
        for one in documents[:SHOWN]
    ]
    return _listed(head, rows, f"and {len(documents) - SHOWN:,} more: show {name}", len(documents))


def old_pages(pages: Sequence[OldPage], at: datetime) -> Rendered:
    """Pages that many answers rest on, though nobody has changed them for long; ages are as of `at`."""
    head = [text_element("Many answers rest on pages that nobody has changed for long. Do they still hold?")]
    rows = [
        [
            link_element(page.url, shortened(page.title or page.url, _NAME_CHARS)),
            text_element(f"  ·  changed {age(page.updated_at, at)}  ·  {page.answers} answers this month"),
        ]
        for page in pages[:SHOWN]
    ]
    return _listed(head, rows, f"and {len(pages) - SHOWN:,} more", len(pages))


def _meanwhile(synced_at: datetime | None) -> list[Element]:
    if synced_at is None:
        return [text_element(" Nothing of it was read so far.")]
    return [
        text_element(" I answer from what I read "),
        date_element(synced_at),
        text_element(" until then."),
    ]


def _named(name: str, rest: str) -> list[Element]:
    return [text_element(shortened(name, _NAME_CHARS), {"bold": True}), text_element(rest)]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _paragraph(elements: list[Element]) -> Rendered:
    return Rendered(plain_words(elements), [rich_text([section(elements)])])


def _listed(head: list[Element], rows: Sequence[list[Element]], more: str, count: int) -> Rendered:
    below = [section([text_element(more)])] if count > SHOWN else []
    blocks = rich_text([section(head), bullets([section(row) for row in rows]), *below])
    return Rendered(plain_words(head), [blocks])
