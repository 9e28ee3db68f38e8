"""One original read: bytes → text, secrets out of it → slices that the embedding model takes whole. Pure.

It runs where a hostile file can do no harm (see `ingestion.confined`): what comes back is JSON, and names neither
team nor readers, so that a reader that was taken over cannot choose them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, Field

from ingestion.chunking import chunks_of
from ingestion.formats import Parsed, rewritten
from ingestion.masking import mask
from ingestion.parsing import parse
from rag.domain import Document
from rag.errors import DocumentUnreadable

_PAGE = "page="  # begins the fragment of a page, as of PDF


class ReadingCutShort(DocumentUnreadable):
    """Reading was ended from outside, which may have been the machine's fault: worth another try."""


class Slice(BaseModel, frozen=True):
    """What reading says of a chunk; the rest is known without it. See `rag.domain.Chunk`."""

    title: str
    heading_path: tuple[str, ...]
    text: str
    url: str
    repeat: int


class Reading(BaseModel, frozen=True):
    """What an original says: its slices in order. `masked` counts the secrets taken out, by kind; `pages` those that hold text, of
    an original that has pages.
    """

    title: str
    slices: tuple[Slice, ...]
    updated_at: datetime | None = None
    author: str | None = None
    masked: dict[str, int] = Field(default_factory=dict)
    pages: int | None = None


class Reader(Protocol):
    def read(
        self, data: bytes, name: str, *, url: str, media_type: str | None = None, by_line: bool = False
    ) -> Reading:
        """An original of these bytes; the arguments are as in `ingestion.sources.Original`.

        Raises DocumentUnreadable: DocumentEmpty where there is nothing to read, ReadingCutShort where another try may
        help. Its text completes the sentence "this document …".
        """


def read(
    data: bytes,
    name: str,
    *,
    url: str,
    media_type: str | None = None,
    by_line: bool = False,
    count_tokens: Callable[[str], int],
    max_tokens: int,
) -> Reading:
    """As `Reader.read`, here and now; the last two arguments are the embedding model's."""
    parsed, masked = _without_secrets(parse(data, name, media_type))
    document = Document("", "", "", title=parsed.title, url=url, text=parsed.text, readers=frozenset())
    chunks = chunks_of(
        document,
        markup=parsed.markup,
        anchors=parsed.anchors,
        by_line=by_line,
        count_tokens=count_tokens,
        max_tokens=max_tokens,
    )
    slices = tuple(
        Slice(
            title=chunk.title,
            heading_path=chunk.heading_path,
            text=chunk.text,
            url=chunk.url,
            repeat=chunk.repeat,
        )
        for chunk in chunks
    )
    return Reading(
        title=parsed.title,
        slices=slices,
        updated_at=parsed.updated_at,
        author=parsed.author,
        masked=masked,
        pages=sum(anchor.fragment.startswith(_PAGE) for anchor in parsed.anchors) or None,
    )


def _without_secrets(parsed: Parsed) -> tuple[Parsed, Counter[str]]:
    title, counts = mask(parsed.title)

    def without(text: str) -> str:
        masked, found = mask(text)
        counts.update(found)
        return masked

    return replace(rewritten(parsed, without), title=title), counts
