"""Sources synced by themselves: what is due is asked for, by whoever sweeps first."""

import logging

from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.errors import ConfigError

log = logging.getLogger(__name__)

REQUESTED_BY = "schedule"


class Schedule:
    """Asks for the syncs that are due. Any number of processes may, each source is asked for once an interval."""

    def __init__(self, catalogue: Catalogue, runs: Runs) -> None:
        self._catalogue = catalogue
        self._runs = runs

    def request_due(self) -> None:
        """Ask for a sync of every source that is due. Raises DatabaseUnavailable."""
        for source_id in self._catalogue.take_due():
            try:
                self._runs.request(source_id, "sync", REQUESTED_BY)
            except ConfigError:
                log.info("source %s was due and is gone", source_id)
