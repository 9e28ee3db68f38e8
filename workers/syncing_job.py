"""One run (a sync or a removal of a source) in this worker."""

import logging
import threading
import uuid

from ingestion.catalogue import Catalogue
from ingestion.performing import perform
from ingestion.runs import Runs
from rag.errors import Transient
from rag.ports import Embedder, Index

log = logging.getLogger(__name__)


class SyncingJob:
    """Performs runs by id, one at a time in a process, so that questions always find a free thread."""

    def __init__(self, runs: Runs, catalogue: Catalogue, embedder: Embedder, index: Index) -> None:
        self._runs = runs
        self._catalogue = catalogue
        self._embedder = embedder
        self._index = index
        self._one = threading.Lock()

    def run(self, run_id: str) -> None:
        """Perform the run, or leave it in the database for the next sweep when another one is going on here."""
        if not self._one.acquire(blocking=False):
            return
        try:
            perform(
                run_id,
                owner=uuid.uuid4().hex,
                runs=self._runs,
                catalogue=self._catalogue,
                embedder=self._embedder,
                index=self._index,
            )
        except Transient as error:
            log.warning("left to the sweep run=%s (%s)", run_id, error)
        finally:
            self._one.release()
