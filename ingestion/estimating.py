"""About how much a place is, and what reading it would cost: pages where they are cheap to count, the rest by experience."""

import logging
import tempfile
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from ingestion.experience import experience
from ingestion.fetching import Fetcher
from ingestion.kinds import Proposal
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.sources import Means
from ingestion.sources.slack_files import KIND as SINGLE_FILE
from ingestion.sources.web import Web
from rag.errors import FootnoteError
from rag.settings import Settings

log = logging.getLogger(__name__)

_SECONDS = 4.0  # for each file that is fetched; somebody waits

A_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Estimate:
    """What reading a place would cost, going by `measured` documents that are indexed here; 0: nothing is, and nothing is known.

    Where `pages` is not known, `chunks` and `seconds` are those of a hundred. `is_alike`: measured with the same kind of source.
    """

    pages: int | None = None
    chunks: int | None = None
    seconds: float | None = None
    measured: int = 0
    is_alike: bool = False


def estimated(proposal: Proposal, settings: Settings, engine: Engine) -> Estimate:
    """As `estimated_pages`, with what so many pages would cost. Raises DatabaseUnavailable."""
    pages = estimated_pages(proposal, settings, engine)
    known = experience(engine, settings.storage.team_id, proposal.kind)
    if known is None:
        return Estimate(pages)
    number = A_HUNDRED if pages is None else pages
    pauses = number * settings.fetch.pause_seconds if proposal.kind == "web" else 0.0
    return Estimate(
        pages,
        chunks=round(number * known.chunks_per_document),
        seconds=max(number * known.seconds_per_document, pauses),
        measured=known.documents,
        is_alike=known.is_alike,
    )


def estimated_file(pages: int | None, chunks: int | None, settings: Settings, engine: Engine) -> Estimate:
    """Of a file that was looked into: its pages and chunks are counted, the time goes by what a chunk has taken here.

    Raises DatabaseUnavailable.
    """
    known = experience(engine, settings.storage.team_id, SINGLE_FILE)
    if known is None or known.seconds_per_chunk is None or chunks is None:
        return Estimate(pages, chunks)
    return Estimate(pages, chunks, chunks * known.seconds_per_chunk, known.documents, is_alike=known.is_alike)


def estimated_pages(proposal: Proposal, settings: Settings, engine: Engine) -> int | None:
    """How many pages a site's sitemap lists, of those that would be read; None where it has none, or cannot be asked now, and for other
    kinds. Fetches robots.txt and sitemaps, no page; takes some seconds. Never raises for what is wrong with the site.
    """
    if proposal.kind != "web":
        return None
    fetch = settings.fetch.model_copy(
        update={"timeout_seconds": min(_SECONDS, settings.fetch.timeout_seconds)}
    )
    probe = RegisteredSource("", "", proposal.name, proposal.kind, proposal.location, frozenset())
    memory = Memory(engine, uuid.uuid4().hex)
    try:
        with closing(Fetcher(fetch)) as fetcher, tempfile.TemporaryDirectory() as scratch:
            try:
                return Web(probe, Means(Settings(fetch=fetch), fetcher, memory, Path(scratch))).estimate()
            finally:
                memory.forget(memory.all())
    except FootnoteError as error:
        log.info("no estimate of a site (%s)", type(error).__name__)
        return None
