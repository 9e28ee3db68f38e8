"""Response URLs: addresses that answer one command, click or shortcut; five uses in thirty minutes.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from dataclasses import dataclass
from uuid import uuid4

from sandbox.errors import SlackError


@dataclass
class ResponseUrl:
    """Where an answer goes. `message_ts` is the message that was clicked, if one was."""

    app_id: str
    channel_id: str
    user: str
    expires_at: float
    uses_left: int
    message_ts: str | None = None
    thread_ts: str | None = None


class ResponseUrls:
    """The response URLs handed out so far, by their secret part."""

    def __init__(self) -> None:
        self._urls: dict[str, ResponseUrl] = {}

    def new(self, url: ResponseUrl) -> str:
        """Remember it; the secret part of its address."""
        secret = uuid4().hex
        self._urls[secret] = url
        return secret

    def use(self, secret: str, now: float) -> ResponseUrl:
        """What an address stands for. Raises SlackError expired_url, used_url."""
        url = self._urls.get(secret)
        if url is None or now > url.expires_at:
            raise SlackError("expired_url")
        if url.uses_left <= 0:
            raise SlackError("used_url")
        url.uses_left -= 1
        return url
