"""A process that starts before its services waits for them."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from rag.errors import Transient

log = logging.getLogger(__name__)

_RETRY_SECONDS = 3.0

Part = TypeVar("Part")


def when_possible(build: Callable[[], Part], stop: threading.Event) -> Part:
    """What `build` returns, as soon as it raises no Transient; tried every few seconds.

    Raises SystemExit when `stop` is set meanwhile.
    """
    while not stop.is_set():
        try:
            return build()
        except Transient as error:
            log.warning("waiting: %s", error)
        stop.wait(_RETRY_SECONDS)
    raise SystemExit(0)
