"""Whether a process still does its work: its heart beats as it does. A container's health check reads a file, /readyz asks within."""

import time
from pathlib import Path

from rag.errors import ConfigError, Transient

_FRESH_SECONDS = 60.0
_SILENT_SECONDS = 20.0
_TOUCH_SECONDS = 3.0


class Silent(Transient):
    """The heart does not beat."""


class Heartbeat:
    """Touches `file`, where there is one, every few seconds at most."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._last = float("-inf")
        self._touched = float("-inf")

    def beat(self) -> None:
        self._last = time.monotonic()
        if self._file is not None and self._last - self._touched >= _TOUCH_SECONDS:
            self._touched = self._last
            self._file.touch()

    def ping(self) -> None:
        """Raises Silent when it did not beat for twenty seconds, or never."""
        if time.monotonic() - self._last > _SILENT_SECONDS:
            raise Silent(f"silent for more than {_SILENT_SECONDS:.0f} s")


def healthy(heartbeat: Path | None) -> bool:
    """Whether the file was touched within the last minute. Raises ConfigError when no file is set."""
    if heartbeat is None:
        raise ConfigError("HEARTBEAT_FILE is missing; see .env.example.")
    return heartbeat.exists() and time.time() - heartbeat.stat().st_mtime < _FRESH_SECONDS
