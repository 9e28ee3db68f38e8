"""About how many pages a place has, where that is cheap to tell, before anything of it is read."""

import logging
import tempfile
import uuid
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from ingestion.fetching import Fetcher
from ingestion.kinds import Proposal
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.sources import Means
from ingestion.sources.web import Web
from rag.errors import FootnoteError
from rag.settings import Settings

log = logging.getLogger(__name__)

_SECONDS = 4.0  # for each file that is fetched; somebody waits


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
