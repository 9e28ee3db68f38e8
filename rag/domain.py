"""The words of the field, one meaning each. Frozen values; no imports from the rest of the tree, no I/O."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Embedding = Sequence[float]
"""A dense vector of unit length; its length is the model's `dimensions`."""

PUBLIC = "public"
"""Reader key of everybody who can see an answer at all: members, guests, people of connected organisations."""

MEMBERS = "members"
"""Reader key of every full member of the workspace: not guests, not people of connected organisations."""

_POINTS = uuid.UUID("7c1f8f0e-3a55-4d0b-9a53-6d1f0c4b5a11")


def channel_readers(channel_id: str) -> str:
    """The reader key of everybody who is in the channel."""
    return f"channel:{channel_id}"


@dataclass(frozen=True, slots=True)
class Audience:
    """The people who will read an answer, as the reader keys that *all* of them hold.

    A chunk is readable when it belongs to the team and carries at least one of `readers`.
    """

    team_id: str
    readers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Document:
    """One original as people know it, as text: a page, a file, a thread.

    `id` is unique within its source; `text` is Markdown; `url` opens it, without a fragment.
    """

    team_id: str
    source_id: str
    id: str
    title: str
    url: str
    text: str
    readers: frozenset[str]
    updated_at: datetime | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """The slice of a document that is embedded and stored.

    `position` counts from 0 in the document's order, and down from -1 for summaries; `heading_path` runs from the outermost
    heading inwards; `url` lands on the slice (heading anchor, page or text fragment).
    """

    team_id: str
    source_id: str
    document_id: str
    position: int
    title: str
    heading_path: tuple[str, ...]
    text: str
    url: str
    readers: frozenset[str]
    updated_at: datetime | None = None
    author: str | None = None
    repeat: int = 0
    """How many chunks of the same document before this one have the same indexed text."""
    context: str = ""
    """What a model wrote to place the text within its document: found by, never shown."""
    leads_to: tuple[str, ...] = ()
    """Of a summary that a model wrote: the `point_id`s of the chunks it stands for, which are shown in its place."""
    review_at: datetime | None = None
    """Of an answer that `author` verified at `updated_at`: when they want to look at it again. None: nobody verified it."""

    @property
    def id(self) -> str:
        return f"{self.document_id}#{self.position}"

    @property
    def indexed_text(self) -> str:
        """What is embedded and matched: title, heading path, context, then the text itself."""
        headings = [heading for heading in self.heading_path if heading != self.title]
        return "\n".join(part for part in (self.title, " > ".join(headings), self.context, self.text) if part)

    @property
    def fingerprint(self) -> str:
        """Equal for chunks that would get the same embedding, whatever their place, link or readers."""
        return hashlib.sha256(self.indexed_text.encode()).hexdigest()[:32]

    @property
    def point_id(self) -> str:
        """The key in the index, a UUID: the same text in the same document keeps it when it moves."""
        name = "\n".join((self.team_id, self.source_id, self.document_id, self.fingerprint, str(self.repeat)))
        return str(uuid.uuid5(_POINTS, name))


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look, of all that an audience may read: every condition given must hold; None asks nothing.

    `path` is how the ids of the documents begin; of `since` and `until` both belong to the scope. A chunk without a date
    lies in no span of time, one without an author is nobody's. `point_ids` are single chunks.
    """

    source_ids: frozenset[str] | None = None
    authors: frozenset[str] | None = None
    path: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    point_ids: frozenset[str] | None = None

    def narrowed(self, other: "Scope") -> "Scope":
        """What lies in both. Paths of which neither leads to the other, like sources that have none in common, leave nothing."""
        paths = sorted((path for path in (self.path, other.path) if path is not None), key=len)
        apart = len(paths) > 1 and not paths[1].startswith(paths[0])
        sources = frozenset[str]() if apart else _common(self.source_ids, other.source_ids)
        return Scope(
            source_ids=sources,
            authors=_common(self.authors, other.authors),
            path=paths[-1] if paths else None,
            since=max(filter(None, (self.since, other.since)), default=None),
            until=min(filter(None, (self.until, other.until)), default=None),
            point_ids=_common(self.point_ids, other.point_ids),
        )


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Link:
    """Another place where the same text stands."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found for a question. `score` is higher = better and comparable within one search only;
    `similarity` is the cosine of question and chunk, None where it is not known. `rank` starts at 1.
    `also`: copies of it that were found as well, in other documents.
    """

    chunk: Chunk
    score: float
    rank: int
    similarity: float | None = None
    also: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation."""

    author: Literal["asker", "bot", "other"]
    text: str


Language = Literal["en", "de", "fr", "es"]
"""Those in which we say something ourselves."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the conversation before it (oldest first), who will read the answer, and where to look for it.

    `attached`: the chunks of files that came with it, in order; they are read for this question alone. `language` is that of
    the answer, as far as it is written; None: the question's.
    """

    text: str
    audience: Audience
    history: tuple[Turn, ...] = ()
    scope: Scope = EVERYWHERE
    attached: tuple[Chunk, ...] = ()
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered link under an answer. One per document; `url` lands on the passage cited first.

    `also`: documents that say the same. `unread_since`: since when its source could not be read; None where it could.
    `superseded`: it does not hold any more, by its own words or another page's. `review_at`: as of `Chunk`.
    """

    number: int
    document_id: str
    title: str
    heading_path: tuple[str, ...]
    url: str
    updated_at: datetime | None = None
    author: str | None = None
    quotes: tuple[str, ...] = ()
    also: tuple[Link, ...] = ()
    source_id: str = ""
    unread_since: datetime | None = None
    superseded: bool = False
    review_at: datetime | None = None


class Outcome(StrEnum):
    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    NEEDS_CLARIFICATION = "needs_clarification"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply: Markdown with `[n]` marks that match `citations`.

    For NOT_FOUND and NEEDS_CLARIFICATION, `citations` are the nearest pages, offered and not claimed. `confidence` is in
    0..1. `options`: what a question back, in `text`, lets one choose from.
    """

    text: str
    outcome: Outcome
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = field(default=(), repr=False)
    confidence: float = 0.0
    options: tuple[str, ...] = ()
