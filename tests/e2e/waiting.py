"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable


def eventually(true: Callable[[], object], seconds: float = 20) -> None:
    """Return as soon as `true()` is. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.05)
