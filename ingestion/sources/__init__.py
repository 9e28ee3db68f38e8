"""Where originals come from: one file per kind of source, one protocol for all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ingestion.registered import RegisteredSource
from rag.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Original:
    """One document as the source holds it, not yet read.

    `id` is unique within the source and stays when the content changes; `name` ends as a file of its format does;
    `media_type` is what the source itself says, if anything; `version` is cheap to tell and equal while the
    content is. `read` stops one byte after `parsing.MAX_BYTES`, so that the excess shows, and raises SourceUnavailable when it cannot right now.
    """

    id: str
    name: str
    url: str
    version: str
    read: Callable[[], bytes] = field(repr=False, compare=False)
    media_type: str | None = None
    updated_at: datetime | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is there and is no document for us. `reason` is equal for all that are skipped alike."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A part that could not be looked into: what lies under `prefix` is unknown and therefore left as it is."""

    prefix: str
    reason: str


class Source(Protocol):
    def originals(self) -> Iterator[Original | Skipped | Unlisted]:
        """All there is, listed as it is asked for and in the same order each time; no content is read.

        Raises SourceUnavailable when the source as a whole does not answer: nothing is deleted then.
        """

    def count(self) -> int | None:
        """How many originals will be listed, for a progress bar; None where only listing would tell."""


def open_source(registered: RegisteredSource) -> Source:
    """The source that was registered. Raises ConfigError for a kind that this version does not know."""
    from ingestion.sources.folder import Folder  # noqa: PLC0415  # each kind brings libraries of its own

    match registered.kind:
        case "folder":
            return Folder(registered.location, base_url=registered.options.get("base_url"))
        case kind:
            raise ConfigError(f"The source {registered.name} is of the unknown kind {kind}.")
