"""JSON over HTTP, as the services that hold a team's pages speak it: rate limits obeyed, refusals told apart."""

import json
import time
from collections.abc import Mapping
from typing import Any

from ingestion.fetching import Fetcher, FetchRefused, Response
from rag.errors import ConfigError, SourceUnavailable

Json = dict[str, Any]

_TRIES = 5
_LONGEST_WAIT, _USUAL_WAIT = 60.0, 1.0  # seconds; for a longer pause the sync ends
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _BUSY, _FIRST_FAULT = 401, 403, 404, 429, 503, 500
_MOST_BYTES = 25_000_000


class NotThere(SourceUnavailable):
    """The service knows no such thing, or does not show it to us; which of the two, none of them says."""


class Rest:
    """One service. `setting` is what the operator must look at when it refuses us; `headers` authorise."""

    def __init__(self, fetcher: Fetcher, service: str, setting: str, headers: Mapping[str, str]) -> None:
        self._fetcher = fetcher
        self._service = service
        self._setting = setting
        self._headers = {"Accept": "application/json", **headers}

    def get(self, url: str) -> Json:
        """What is at `url`. Raises NotThere, SourceUnavailable, and ConfigError when the credentials are refused."""
        return self._call(url, None)

    def post(self, url: str, body: Json) -> Json:
        """The answer to a question too long for an address. Raises as `get` does."""
        return self._call(url, body)

    def _call(self, url: str, body: Json | None) -> Json:
        for _ in range(_TRIES):
            response = self._fetched(url, body)
            if response.status not in {_TOO_MANY, _BUSY}:
                return self._read(response)
            self._pause(response)
        raise SourceUnavailable(f"{self._service} asked to wait again and again")

    def _fetched(self, url: str, body: Json | None) -> Response:
        try:
            return self._fetcher.fetch(
                url,
                method="GET" if body is None else "POST",
                headers=self._headers,
                json=body,
                max_bytes=_MOST_BYTES,
            )
        except FetchRefused as error:
            raise ConfigError(f"{self._service} {error}; see FETCH_TRUSTED_HOSTS in .env.example.") from error

    def _pause(self, response: Response) -> None:
        asked = response.retry_after_seconds
        seconds = _USUAL_WAIT if asked is None else asked
        if seconds > _LONGEST_WAIT:
            message = f"{self._service} asks to wait for {seconds:.0f} seconds"
            raise SourceUnavailable(message, retry_after_seconds=seconds)
        time.sleep(seconds)

    def _read(self, response: Response) -> Json:
        status = response.status
        if status == _UNAUTHORISED:
            raise ConfigError(f"{self._service} does not accept the credentials; check {self._setting}.")
        if status in {_FORBIDDEN, _NOT_FOUND}:
            raise NotThere(f"{self._service} does not show this to the bot")
        if status >= _FIRST_FAULT:
            raise SourceUnavailable(f"{self._service} has a fault of its own right now ({status})")
        try:
            answer = json.loads(response.body)
        except ValueError:
            answer = None
        if status >= 300 or not isinstance(answer, dict):  # noqa: PLR2004 - success ends at 299
            raise SourceUnavailable(f"{self._service} answered what it does not usually answer ({status})")
        return answer
