"""The same worker and beat as in distributed mode, as threads of the bot process, over the in-memory broker."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import celery.worker.state as worker_state
from celery import Celery
from celery.beat import Scheduler, Service

from workers.app import QUEUES

log = logging.getLogger(__name__)

_STOP_SECONDS = 15.0


@contextmanager
def embedded_worker(celery: Celery, *, threads: int) -> Iterator[None]:
    """Run a worker of `threads` threads and the schedule until the block ends; running jobs are finished first.

    One per process: the in-memory broker is shared by all Celery applications of a process.
    """
    worker = celery.WorkController(
        pool="threads",
        concurrency=threads,
        queues=list(QUEUES.values()),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    beat = Service(celery, scheduler_cls=Scheduler)
    running = [
        threading.Thread(target=worker.start, name="worker", daemon=True),
        threading.Thread(target=beat.start, kwargs={"embedded_process": False}, name="beat", daemon=True),
    ]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        beat.stop()
        worker_state.should_stop = 0
        for thread in running:
            thread.join(_STOP_SECONDS)
        worker_state.should_stop = None
