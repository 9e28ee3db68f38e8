"""HTTP mode: envelopes posted to an app's Request URL, signed as Slack signs them.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack, https://docs.slack.dev/apis/events-api
"""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.errors import SlackError
from sandbox.shapes import Json


@dataclass(frozen=True)
class RequestUrl:
    """Where an app wants its events, interactions and commands, and the secret they are signed with."""

    url: str
    signing_secret: str

    async def post(
        self, kind: str, payload: Json, *, retry: int, timeout_seconds: float
    ) -> tuple[bool, Json | None]:
        """Whether the app acknowledged, and what it said with it."""
        body, content_type = _written(kind, payload)
        headers = self.headers(body) | {"Content-Type": content_type}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        status, said = await self._sent(body, headers, timeout_seconds)
        return status == HTTPStatus.OK, _read(said)

    async def verify(self, timeout_seconds: float) -> None:
        """Send a challenge. Raises SlackError url_verification_failed when it does not come back."""
        challenge = secrets.token_hex(16)
        body, content_type = _written("events_api", {"type": "url_verification", "challenge": challenge})
        headers = self.headers(body) | {"Content-Type": content_type}
        status, said = await self._sent(body, headers, timeout_seconds)
        if status != HTTPStatus.OK or challenge not in said:
            raise SlackError("url_verification_failed", status=status)

    def headers(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """Timestamp and signature."""
        timestamp = str(int(time.time() if at is None else at))
        signed = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    async def _sent(self, body: bytes, headers: dict[str, str], timeout_seconds: float) -> tuple[int, str]:
        """Status and text; 0 when nobody answers in time."""
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=timeout_seconds)) as session,
                session.post(self.url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return response.status, await response.text()
        except (ClientError, TimeoutError, OSError):
            return 0, ""


def _written(kind: str, payload: Json) -> tuple[bytes, str]:
    """Body and content type: events as JSON, a command as a form, interactions as JSON in a form."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _read(said: str) -> Json | None:
    try:
        answer = json.loads(said)
    except ValueError:
        return {"text": said} if said else None
    return answer if isinstance(answer, dict) else None
