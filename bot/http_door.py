"""The door in front of Bolt where Slack's requests come by HTTP: signed, recent and small ones get in.

Whoever installs the app comes by a browser, which signs nothing: the two addresses for that lead elsewhere.

Everything else is told a status and nothing more. Bolt checks signatures, too, but answers some malformed headers with
500 and a trace. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from rag.errors import where

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

PATH = "/slack/events"
"""Of the Request URL: events, interactions and slash commands."""

MOST_BYTES = 1_000_000
_WINDOW_SECONDS = 5 * 60
_TELL_SECONDS = 60.0  # between two lines about who was not let in: anybody can knock
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_LENGTH = re.compile(r"[0-9]{1,12}")


class Refused(Exception):
    """Not let in: the status that is told, and the reason that is not."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class HttpDoor:
    """A WSGI application around another one. `open_to_all` are those that anybody reaches, by path; `now` in seconds since 1970."""

    def __init__(
        self,
        inside: "WSGIApplication",
        signing_secret: str,
        *,
        open_to_all: "Mapping[str, WSGIApplication] | None" = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._inside = inside
        self._open_to_all = dict(open_to_all or {})
        self._secret = signing_secret.encode()
        self._now = now
        self._told_at = float("-inf")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if anybodys := self._open_to_all.get(environ.get("PATH_INFO", "")):
            return anybodys(environ, start_response)
        try:
            body = self._admitted(environ)
        except Refused as refused:
            self._tell(refused)
            return _only(refused.status, start_response)
        known = {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        try:
            return self._inside(known, start_response)
        except Exception as error:  # noqa: BLE001 - what is wrong is told to the log, not to whoever asks
            # Bolt answers for its listeners itself; what escapes it is a body that it cannot read.
            log.warning("a signed request could not be read: %s", where(error))
            return _only(HTTPStatus.BAD_REQUEST, start_response)

    def _admitted(self, environ: "WSGIEnvironment") -> bytes:
        """The body of a request that Slack signed. Raises Refused."""
        if environ.get("PATH_INFO") != PATH:
            raise Refused(HTTPStatus.NOT_FOUND, "another path")
        if environ.get("REQUEST_METHOD") != "POST":
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "another method")
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
            raise Refused(HTTPStatus.UNAUTHORIZED, "no signature")
        if abs(self._now() - int(timestamp)) > _WINDOW_SECONDS:
            raise Refused(
                HTTPStatus.UNAUTHORIZED, "signed too long ago, or the clock of this machine is wrong"
            )
        body = _body(environ)
        if not hmac.compare_digest(signature, signed(self._secret, timestamp, body)):
            raise Refused(HTTPStatus.UNAUTHORIZED, "signed with another secret than SLACK_SIGNING_SECRET")
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Refused(HTTPStatus.BAD_REQUEST, "not UTF-8") from None
        return body

    def _tell(self, refused: Refused) -> None:
        now = self._now()
        if now - self._told_at >= _TELL_SECONDS:
            self._told_at = now
            log.warning(
                "a request was refused with %d (%s); no more of that for a minute", refused.status, refused
            )


def signed(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature that Slack gives a body at a time (digits: seconds since 1970)."""
    return "v0=" + hmac.new(secret, b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256).hexdigest()


def _body(environ: "WSGIEnvironment") -> bytes:
    """No more of it than is declared, and no more than may be. Raises Refused."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not _LENGTH.fullmatch(length):
        raise Refused(HTTPStatus.BAD_REQUEST, "no length")
    if int(length) > MOST_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _only(status: HTTPStatus, start_response: "StartResponse") -> Iterable[bytes]:
    headers = [("Content-Length", "0")]
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", "POST"))
    start_response(f"{status.value} {status.phrase}", headers)
    return []
