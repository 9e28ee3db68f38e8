"""One request after the other, as a guest: with pauses, and only for what is new.

A page that has not changed is answered by a few bytes (conditional requests, RFC 9110 §13).
"""

import time
from collections.abc import Mapping
from typing import Any

from ingestion.fetching import Fetcher, Response
from rag.settings import FetchSettings

NOT_MODIFIED = 304

_BUSY = frozenset({429, 503})
_LONGEST_PAUSE = 10.0  # seconds; what a site may ask for between two requests
_LONGEST_WAIT = 30.0  # seconds; what a busy site may ask for before it is asked again
_LONGEST_KEY = 400  # characters, of a validator


class Guest:
    """Asks one site, a request at a time."""

    def __init__(self, fetcher: Fetcher, settings: FetchSettings) -> None:
        self._fetcher = fetcher
        self._pause = settings.pause_seconds
        self._next_at = 0.0

    def slow_down(self, seconds: float) -> None:
        """Pause at least this long between two requests from now on, within reason."""
        self._pause = max(self._pause, min(seconds, _LONGEST_PAUSE))

    def ask(
        self, url: str, known: Mapping[str, Any] | None = None, *, max_bytes: int | None = None
    ) -> Response:
        """What the server says; 304 without content when `known`, the validators of an earlier response, still holds.

        A busy server that says when to come back is asked a second time then, and less often from there on.
        Raises SourceUnavailable and FetchRefused.
        """
        headers = _conditions(known or {})
        response = self._asked(url, headers, max_bytes)
        wait = response.retry_after_seconds
        if response.status in _BUSY and wait is not None and wait <= _LONGEST_WAIT:
            self.slow_down(2 * self._pause)
            self._next_at = time.monotonic() + wait
            response = self._asked(url, headers, max_bytes)
        return response

    def _asked(self, url: str, headers: Mapping[str, str], max_bytes: int | None) -> Response:
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        try:
            return self._fetcher.fetch(url, headers=headers, max_bytes=max_bytes)
        finally:
            self._next_at = time.monotonic() + self._pause


def validators(response: Response) -> dict[str, str]:
    """What to show the server next time, so that it sends the content only if it has changed."""
    return {
        name: value
        for name in ("etag", "last-modified")
        if (value := response.headers.get(name)) and len(value) <= _LONGEST_KEY
    }


def _conditions(known: Mapping[str, Any]) -> dict[str, str]:
    conditions = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("last-modified")}
    return {
        "Accept": "text/html,*/*;q=0.8",
        **{name: str(value) for name, value in conditions.items() if value},
    }
