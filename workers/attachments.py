"""The files that come with a question: fetched from Slack and read when it is answered, and kept nowhere.

They are read as documents of a source are: in a process without network, within the same limits of size, time and memory. What
cannot be read does not stop the answer; the asker is told.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from ingestion.confined import ConfinedReader
from ingestion.fetching import Fetcher
from ingestion.reading import Reader, Reading
from ingestion.sources.slack_answers import code_of
from ingestion.sources.slack_download import NotGiven, SlackDownload, unread
from rag.domain import Answer, Chunk
from rag.errors import DocumentUnreadable, ReplyImpossible
from rag.ports import Embedder
from rag.settings import Settings
from workers.asked import File, Incoming
from workers.elements import shortened
from workers.slack.errors import slack_errors

log = logging.getLogger(__name__)

ATTACHED = "attached"
"""The source of what came with a question: none that is kept."""

MOST_FILES = 5
TOO_MANY = f"I read the first {MOST_FILES} files only."

_NAME_CHARS = 80
_GONE = frozenset({"file_not_found", "file_deleted"})
_REFUSED = frozenset({"missing_scope", "access_denied", "not_allowed_token_type", "no_permission"})
_NOT_TEXT = {"image": "is an image", "video": "is a video", "audio": "is a sound recording"}


@dataclass(frozen=True, slots=True)
class Attached:
    """What a question's files say, and a sentence for each that could not be read."""

    chunks: tuple[Chunk, ...] = ()
    unread: tuple[str, ...] = ()

    def told(self, answer: Answer) -> Answer:
        """The answer, with what could not be read said before it."""
        if not self.unread:
            return answer
        return replace(answer, text=f"{' '.join(self.unread)}\n\n{answer.text}")


class Attachments(Protocol):
    def read(self, incoming: Incoming) -> Attached:
        """What the question's files say. Raises Transient where another try may help."""


class SlackAttachments:
    """`Attachments` by Slack's Web API; `reader` makes what reads documents, for one question."""

    def __init__(
        self,
        client: WebClient,
        settings: Settings,
        embedder: Embedder,
        *,
        reader: Callable[[Embedder], ConfinedReader] | None = None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._embedder = embedder
        self._reader = reader or _confined

    def read(self, incoming: Incoming) -> Attached:
        if not incoming.files:
            return Attached()
        chunks: list[Chunk] = []
        told: list[str] = []
        with (
            closing(Fetcher(self._settings.fetch)) as fetcher,
            closing(self._reader(self._embedder)) as reader,
        ):
            download = SlackDownload(self._settings.slack, self._settings.fetch, fetcher)
            for file in incoming.files[:MOST_FILES]:
                try:
                    chunks += self._chunks(file, incoming.team_id, download, reader)
                except DocumentUnreadable as error:
                    log.info("file of a question not read id=%s", file.id)
                    told.append(f"I could not read {_named(file)}: it {error}.")
        if len(incoming.files) > MOST_FILES:
            told.append(TOO_MANY)
        return Attached(tuple(chunks), tuple(told))

    def _chunks(self, file: File, team_id: str, download: SlackDownload, reader: Reader) -> Iterator[Chunk]:
        described = described_by(self._client, file.id)
        if reason := reason_not_to_fetch(described):
            raise DocumentUnreadable(reason)
        name = str(described.get("name") or file.name or file.id)
        try:
            data = download(described)
        except NotGiven:
            raise DocumentUnreadable("was not given to me by Slack") from None
        url = str(described.get("permalink") or described["url_private"])
        reading = reader.read(data, name, url=url, media_type=described.get("mimetype"))
        return _as_chunks(reading, described, name=name, url=url, team_id=team_id)


def described_by(client: WebClient, file_id: str) -> dict[str, Any]:
    """What Slack says of the file now: an event of a connected organisation has nothing but its id.

    Raises DocumentUnreadable, SlackUnavailable.
    """
    try:
        with slack_errors():
            try:
                answer: Any = client.files_info(file=file_id)
            except SlackApiError as error:
                if reason := _refusal(error):
                    raise DocumentUnreadable(reason) from error
                raise
    except ReplyImpossible as error:  # of this file, that is; the question may well be answered
        raise DocumentUnreadable("was not given to me by Slack") from error
    return dict(answer["file"])


def _confined(embedder: Embedder) -> ConfinedReader:
    return ConfinedReader(embedder.counter, embedder.max_tokens)


def _refusal(error: SlackApiError) -> str | None:
    """Why Slack will not describe the file, or None where it may do so later."""
    code = code_of(error.response)
    if code in _GONE:
        return "is no longer there, or is not shared where I am"
    return "was not given to me by Slack" if code in _REFUSED else None


def reason_not_to_fetch(described: dict[str, Any]) -> str | None:
    """Why the file is not even fetched, or None."""
    if reason := unread(described):
        return f"is one of the {reason}, which I do not read"
    return _NOT_TEXT.get(str(described.get("mimetype") or "").partition("/")[0])


def _as_chunks(
    reading: Reading, described: dict[str, Any], *, name: str, url: str, team_id: str
) -> Iterator[Chunk]:
    """The slices as chunks that nobody finds but who asks now: an index is searched by readers, and they have none."""
    for position, part in enumerate(reading.slices):
        yield Chunk(
            team_id=team_id,
            source_id=ATTACHED,
            document_id=str(described["id"]),
            position=position,
            title=name,
            heading_path=part.heading_path,
            text=part.text,
            url=url,
            readers=frozenset(),
            repeat=part.repeat,
        )


def _named(file: File) -> str:
    """The name as a word in code: nothing in it is markup, a mark or a link."""
    name = shortened(" ".join(file.name.replace("`", "'").split()), _NAME_CHARS)
    return f"`{name}`" if name else "a file"
