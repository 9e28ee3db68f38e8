"""Where originals come from: one file per kind of source, one protocol for all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ingestion.fetching import Fetcher
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.verified import Kept
from rag.errors import ConfigError
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Original:
    """One document as the source holds it, not yet read.

    `id` is unique within the source and stays when the content changes; `name` ends as a file of its format does;
    `media_type` is what the source itself says, if anything; `version` is cheap to tell and equal while the
    content is. `read` stops one byte after `parsing.MAX_BYTES`, so that the excess shows, and raises SourceUnavailable
    when it cannot right now. With `by_line`, `url#L10-L20` opens the document at these lines, as code hosts do.
    `review_at`: of an answer that a person verified, as of `rag.domain.Chunk`.
    """

    id: str
    name: str
    url: str
    version: str
    read: Callable[[], bytes] = field(repr=False, compare=False)
    media_type: str | None = None
    updated_at: datetime | None = None
    author: str | None = None
    by_line: bool = False
    review_at: datetime | None = None


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

        Raises SourceUnavailable when the source as a whole does not answer: nothing is deleted then. Raises SourceGone
        when we may no longer hold it: everything of it is deleted then.
        """

    def count(self) -> int | None:
        """How many originals will be listed, for a progress bar; None where only listing would tell."""


@dataclass(frozen=True, slots=True)
class Means:
    """What sources work with: settings (tokens, limits), the one way out to the network, what the source remembers
    of its last sync, a folder to work in that is emptied afterwards, and what people verified of the source, if it keeps such.
    """

    settings: Settings
    fetcher: Fetcher
    memory: Memory
    scratch: Path
    verified: Callable[[], Sequence[Kept]] = tuple


def open_source(registered: RegisteredSource, means: Means) -> Source:  # noqa: C901, PLR0911 - one for each kind
    """The source that was registered.

    Raises ConfigError for a kind that this version does not know, and where a setting that it needs is missing.
    """
    from ingestion.sources.folder import Folder  # noqa: PLC0415  # each kind brings libraries of its own

    match registered.kind:
        case "answers":
            from ingestion.sources.answers import Answers  # noqa: PLC0415

            return Answers(registered, means)
        case "folder":
            from ingestion.sources.selection import Selection  # noqa: PLC0415

            base_url, selection = registered.options.get("base_url"), Selection.of(registered.options)
            return Folder(registered.location, base_url=base_url, selection=selection)
        case "confluence":
            from ingestion.sources.confluence import ConfluencePages  # noqa: PLC0415

            return ConfluencePages(registered, means)
        case "git":
            from ingestion.sources.git import GitRepository  # noqa: PLC0415

            return GitRepository(registered, means)
        case "google_drive":
            from ingestion.sources.google_drive import GoogleDrive  # noqa: PLC0415

            return GoogleDrive(registered, means)
        case "notion":
            from ingestion.sources.notion import NotionPages  # noqa: PLC0415

            return NotionPages(registered, means)
        case "slack_channel":
            from ingestion.sources.slack_channel import SlackChannel  # noqa: PLC0415

            return SlackChannel(registered, means)
        case "slack_file":
            from ingestion.sources.slack_files import SlackFile  # noqa: PLC0415

            return SlackFile(registered, means)
        case "slack_files":
            from ingestion.sources.slack_files import SlackFiles  # noqa: PLC0415

            return SlackFiles(registered, means)
        case "web":
            from ingestion.sources.web import Web  # noqa: PLC0415  # same

            return Web(registered, means)
        case kind:
            raise ConfigError(f"The source {registered.name} is of the unknown kind {kind}.")
