"""A Google service account: known by its key file, let in for an hour at a time by a token.

The key signs a statement of who asks for what, Google answers with the token. The key itself goes nowhere, and the
statement only to Google, or to the host that GOOGLE_API_URL names: a key file that somebody planted leads to no other.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

import json
import time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import jwt
from pydantic import BaseModel, SecretStr, ValidationError

from ingestion.fetching import Fetcher, FetchRefused, Response
from rag.errors import ConfigError, SourceUnavailable
from rag.settings import GoogleSettings

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TOKEN_HOSTS = frozenset({"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"})
_LIFETIME, _MARGIN = (
    3600,
    300,
)  # seconds: what is asked for, and how long before its end a token is not used any more
_MOST_BYTES = 100_000
_OK, _REFUSALS = 200, frozenset({400, 401, 403})
_SETTING = "GOOGLE_CREDENTIALS_FILE"


class _Key(BaseModel, frozen=True):
    """What is needed of a key file."""

    type: Literal["service_account"]
    client_email: str
    private_key_id: str
    private_key: SecretStr
    token_uri: str


class ServiceAccount:
    """One account and what it may do (`scope`). Raises ConfigError where the key file is missing or none."""

    def __init__(self, settings: GoogleSettings, scope: str, fetcher: Fetcher) -> None:
        self._key = _read(settings.credentials_file)
        self._scope = scope
        self._fetcher = fetcher
        self._token, self._ends = "", 0.0
        if not _is_googles(self._key.token_uri, settings.api_url):
            raise ConfigError(f"{_SETTING} names an address for tokens (token_uri) that is not Google's.")

    @property
    def email(self) -> str:
        """With whom folders are shared."""
        return self._key.client_email

    def token(self) -> str:
        """A token that is good for some minutes at least. Raises ConfigError when Google refuses the key, and
        SourceUnavailable.
        """
        if time.monotonic() >= self._ends:
            given = _given(self._asked())
            self._token = str(given["access_token"])
            self._ends = time.monotonic() + float(given.get("expires_in", _LIFETIME)) - _MARGIN
        return self._token

    def forget_token(self) -> None:
        """Ask for another one the next time."""
        self._ends = 0.0

    def _asked(self) -> Response:
        asked = {"grant_type": _GRANT, "assertion": self._statement()}
        try:
            return self._fetcher.fetch(self._key.token_uri, method="POST", form=asked, max_bytes=_MOST_BYTES)
        except FetchRefused as error:
            raise ConfigError(f"Google {error}; see FETCH_TRUSTED_HOSTS in .env.example.") from error

    def _statement(self) -> str:
        now = int(time.time())
        key = self._key
        claims = {
            "iss": key.client_email,
            "scope": self._scope,
            "aud": key.token_uri,
            "iat": now,
            "exp": now + _LIFETIME,
        }
        try:
            return jwt.encode(
                claims,
                key.private_key.get_secret_value(),
                algorithm="RS256",
                headers={"kid": key.private_key_id},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise ConfigError(f"{_SETTING} holds a private key that cannot be used.") from None


def _read(path: Path | None) -> _Key:
    if path is None:
        raise ConfigError(f"{_SETTING} is missing; see .env.example.")
    try:
        return _Key.model_validate_json(path.read_bytes())
    except OSError as error:
        why = (error.strerror or "unknown error").lower()
        raise ConfigError(f"{_SETTING} names a file that cannot be read: {why}.") from None
    except ValidationError:  # which would show what is in the file
        raise ConfigError(f"{_SETTING} does not name the key file (JSON) of a service account.") from None


def _is_googles(token_uri: str, api_url: str) -> bool:
    try:
        there, api = urlsplit(token_uri), urlsplit(api_url)
    except ValueError:  # half a bracket
        return False
    if (there.scheme, there.netloc) == (api.scheme, api.netloc):
        return True
    return there.scheme == "https" and there.netloc in _TOKEN_HOSTS


def _given(response: Response) -> dict[str, Any]:
    """What Google says to a request for a token, if it gives one."""
    if response.status in _REFUSALS:
        raise ConfigError(
            f"Google does not accept the key of the service account; check {_SETTING} and this machine's clock."
        )
    try:
        answer = json.loads(response.body)
    except ValueError:
        answer = None
    if response.status == _OK and isinstance(answer, dict) and answer.get("access_token"):
        return answer
    raise SourceUnavailable(
        f"Google gave no token ({response.status})", retry_after_seconds=response.retry_after_seconds
    )
