"""Whether the process of this container still does its work: it touches a file as it does."""

import time
from pathlib import Path

from rag.errors import ConfigError

_FRESH_SECONDS = 60.0


def healthy(heartbeat: Path | None) -> bool:
    """Whether the file was touched within the last minute. Raises ConfigError when no file is set."""
    if heartbeat is None:
        raise ConfigError("HEARTBEAT_FILE is missing; see .env.example.")
    return heartbeat.exists() and time.time() - heartbeat.stat().st_mtime < _FRESH_SECONDS
