"""A file that is proposed as a source, looked into before anything of it is kept: read as documents of a source are, in a process
without network, within the same limits of size, time and memory. What was read is forgotten with the answer.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from ingestion.confined import ConfinedReader
from ingestion.fetching import Fetcher
from ingestion.reading import Reading
from ingestion.sources.slack_download import NotGiven, SlackDownload
from ingestion.sources.slack_files import OF_OTHERS, is_of_others
from rag.budget import estimated_tokens
from rag.errors import DocumentUnreadable
from rag.settings import Settings
from workers.attachments import described_by, reason_not_to_fetch


@dataclass(frozen=True, slots=True)
class Tokens:
    """How long texts are. `is_exact`: as the embedding model counts; else chunks cannot be counted beforehand."""

    counter: Callable[[str], int]
    most: int
    is_exact: bool


ESTIMATED = Tokens(estimated_tokens, 256, is_exact=False)
"""Where the model is in another process: files are read through all the same, for their titles and pages."""


@dataclass(frozen=True, slots=True)
class Looked:
    """`form`: what Slack calls its format; `pages`: with text, of an original that has pages; `chunks` where they can be counted."""

    name: str
    title: str
    form: str
    pages: int | None
    chunks: int | None


class FileLook:
    """`team_id` is Slack's own id of the workspace."""

    def __init__(self, client: WebClient, settings: Settings, tokens: Tokens, *, team_id: str) -> None:
        self._client = client
        self._settings = settings
        self._tokens = tokens
        self._team_id = team_id

    def __call__(self, file_id: str) -> Looked:
        """Takes some seconds. Raises DocumentUnreadable, whose text completes the sentence "this file …", and Transient."""
        described = described_by(self._client, file_id)
        if reason := reason_not_to_fetch(described):
            raise DocumentUnreadable(reason)
        if is_of_others(described, self._team_id):
            raise DocumentUnreadable(f"is one of the {OF_OTHERS}, which I do not read")
        name = str(described.get("name") or file_id)
        reading = self._read(described, name)
        chunks = len(reading.slices) if self._tokens.is_exact else None
        form = str(described.get("pretty_type") or described.get("filetype") or "")
        return Looked(name, reading.title, form, reading.pages, chunks)

    def _read(self, described: dict[str, Any], name: str) -> Reading:
        url = str(described.get("permalink") or described.get("url_private") or "")
        with (
            closing(Fetcher(self._settings.fetch)) as fetcher,
            closing(ConfinedReader(self._tokens.counter, self._tokens.most)) as reader,
        ):
            try:
                data = SlackDownload(self._settings.slack, self._settings.fetch, fetcher)(described)
            except NotGiven:
                raise DocumentUnreadable("was not given to me by Slack") from None
            return reader.read(data, name, url=url, media_type=described.get("mimetype"))
