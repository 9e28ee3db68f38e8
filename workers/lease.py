"""Keeps a claim alive while its job runs, so that a long answer is not taken over and a dead worker's soon is."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rag.errors import Transient

log = logging.getLogger(__name__)


@contextmanager
def kept(renew: Callable[[], bool], *, lease_seconds: float, budget_seconds: float) -> Iterator[None]:
    """Call `renew` three times a lease, from a thread of its own, until the block ends.

    It stops when the lease is lost, or after `budget_seconds`: a job that hangs is taken over in the end.
    """
    done = threading.Event()
    deadline = monotonic() + budget_seconds

    def keep() -> None:
        while not done.wait(lease_seconds / 3) and monotonic() < deadline:
            try:
                if not renew():
                    return
            except Transient as error:
                log.warning("lease not renewed: %s", error)

    thread = threading.Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
