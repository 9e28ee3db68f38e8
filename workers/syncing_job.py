"""One run (of a source, or of all of them) in this worker."""

import logging
import threading
import uuid

from ingestion.performing import perform
from ingestion.rebuilding import request_if_needed
from ingestion.syncing import Tools, request_removals
from rag.errors import Transient

log = logging.getLogger(__name__)

_PROMPT = frozenset({"readers", "remove"})


class SyncingJob:
    """Performs runs by id. Of those that take long one at a time in a process, so that questions find a free thread: `one` is held
    meanwhile, by whoever of several workspaces is at it. Where there are several, the index is rebuilt for all (`rebuilds`) by one.

    Changes of readers and removals are done at once, beside it: they must not wait for a rebuild.
    """

    def __init__(self, tools: Tools, *, one: "threading.Lock | None" = None, rebuilds: bool = True) -> None:
        self._tools = tools
        self._one = one or threading.Lock()
        if rebuilds:
            request_if_needed(tools)
        request_removals(tools)

    def run(self, run_id: str) -> None:
        """Perform the run, or leave it in the database for the next sweep when another one is going on here."""
        try:
            run = self._tools.runs.get(run_id)
            if run is not None and run.action in _PROMPT:
                self._perform(run_id)
            elif self._one.acquire(blocking=False):
                try:
                    self._perform(run_id)
                finally:
                    self._one.release()
        except Transient as error:
            log.warning("left to the sweep run=%s (%s)", run_id, error)

    def _perform(self, run_id: str) -> None:
        perform(run_id, owner=uuid.uuid4().hex, tools=self._tools)
