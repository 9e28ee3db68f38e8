"""The one way out to the network.

    guarding     which addresses may be connected to
    connecting   connections that lead only there, and end in time
    inflating    compressed bytes made whole, within a limit

Addresses, names and redirects come from strangers: hence http and https only, ports 80 and 443 only, no private
address, every redirect checked like the first address, no proxy or password of the environment, no cookies.
"""

import json as json_format
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal
from urllib.parse import urlencode

import httpcore2
import httpx2
from ssrfguard import Resolver

from ingestion.fetching.connecting import TRUSTED, Deadline, GuardedBackend
from ingestion.fetching.guarding import FetchRefused, Guard
from ingestion.fetching.inflating import Damaged, TooLarge, inflated, within
from rag.errors import SourceUnavailable
from rag.settings import FetchSettings

__all__ = ["FetchRefused", "Fetcher", "Response"]

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ENCODINGS = {"": False, "identity": False, "gzip": True, "x-gzip": True, "deflate": True}
"""Content encodings that are understood, and whether there is something to inflate."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server said in the end. `url` is where the redirects led, without fragment; header names are in lower
    case, of a header that comes twice the values stand side by side with commas.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server asks to be left alone, if it does."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdecimal():
            return float(value)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class Fetcher:
    """Fetches over HTTP within limits of size, time and redirects, from public addresses and trusted hosts only.

    May be used by several threads. `resolver` stands in for `socket.getaddrinfo`, `network` for the opening of
    sockets: what they are given and what they give is checked all the same. For a program that opens its own
    connections, `pinned` gives the address that it must be held to:
    `git -c http.curloptResolve={host}:{port}:{pinned} -c http.followRedirects=false …`.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolver: Resolver = socket.getaddrinfo,
        network: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self._deadline = Deadline()
        self._guard = Guard(settings.trusted_hosts, resolver=resolver)
        network = network or httpcore2.SyncBackend()
        # A public page must not be able to send us to a trusted host: it is trusted with our questions, not theirs.
        strangers = Guard(resolver=resolver)
        self._client, self._strangers_client = (
            _client(GuardedBackend(guard, network, self._deadline), settings)
            for guard in (self._guard, strangers)
        )

    def fetch(
        self,
        url: str,
        *,
        method: Literal["GET", "POST"] = "GET",
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """One response, whatever its status. Redirects are followed for GET, at most five.

        `headers` go to the origin of `url` only (by http or https), not where it redirects to, and not back again. `max_bytes`
        counts what comes out of compression; the setting's limit unless given. The time of all hops counts together.
        A redirect from https to http is followed: it takes no header of ours along, and pages are public either way.

        Raises SourceUnavailable when nobody answers in time, FetchRefused when the address is not one that we may
        connect to or the reply is larger than `max_bytes`.
        """
        limit = max_bytes if max_bytes is not None else int(self._settings.max_megabytes * 1_000_000)
        sent = dict(headers or {})
        content = None
        if json is not None:
            content = json_format.dumps(json).encode()
            sent = {"Content-Type": "application/json", **sent}
        elif form is not None:
            content = urlencode(form).encode()
            sent = {"Content-Type": "application/x-www-form-urlencoded", **sent}
        host = self._guard.check(url).host
        with self._deadline.within(self._settings.timeout_seconds), self._translated(host):
            return self._follow(method, url, sent, content, limit)

    def pinned(self, url: str) -> str:
        """The address that the host of `url` has now, checked; IPv6 in brackets.

        Raises FetchRefused when we may not connect to it and SourceUnavailable when the host is not found.
        """
        target = self._guard.check(url)
        address = str(self._guard.addresses(target.host, target.port)[0].ip)
        return f"[{address}]" if ":" in address else address

    def close(self) -> None:
        self._client.close()
        self._strangers_client.close()

    def _follow(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, limit: int
    ) -> Response:
        client = self._client
        for _ in range(_MOST_REDIRECTS + 1):
            with client.stream(method, url, headers=headers, content=content) as reply:
                location = reply.headers.get("location")
                if method != "GET" or reply.status_code not in _REDIRECTS or not location:
                    return _response(reply, limit)
                target = reply.url.join(location)
                if not reply.extensions["network_stream"].get_extra_info(TRUSTED):
                    client = self._strangers_client
            if not _is_same_site(reply.url, target):
                headers = {}
            url = str(target)
            self._guard.check(url)
        raise FetchRefused("redirects more than five times")

    @contextmanager
    def _translated(self, host: str) -> Iterator[None]:
        """Vendor errors as ours."""
        try:
            yield
        except httpx2.TimeoutException as error:
            seconds = f"{self._settings.timeout_seconds:g}"
            raise SourceUnavailable(f"{host} did not answer within {seconds} seconds") from error
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError) as error:
            raise FetchRefused("is at an address that may not be fetched: it is malformed") from error
        except (httpx2.HTTPError, Damaged) as error:
            raise SourceUnavailable(f"{host} could not be reached, or broke off") from error


class _Transport(httpx2.HTTPTransport):
    """httpx's own, with connections of ours: its pool takes a backend, it does not pass one on."""

    def __init__(self, backend: GuardedBackend) -> None:
        super().__init__(verify=_certificates(), trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_certificates(),
            max_keepalive_connections=4,
            keepalive_expiry=30.0,
            network_backend=backend,
        )


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities that this machine trusts. To read them takes longer than most fetches."""
    return httpx2.create_ssl_context(trust_env=False)


def _client(backend: GuardedBackend, settings: FetchSettings) -> httpx2.Client:
    return httpx2.Client(
        transport=_Transport(backend),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(settings.timeout_seconds, connect=min(10.0, settings.timeout_seconds)),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": settings.user_agent, "Accept-Encoding": "gzip, deflate"},
    )


def _response(reply: httpx2.Response, limit: int) -> Response:
    """The reply, read. Raises FetchRefused when it is larger than `limit` bytes, and Damaged."""
    compressed = _ENCODINGS.get(reply.headers.get("content-encoding", "").strip().lower())
    if compressed is None:
        raise FetchRefused("is sent in an encoding that was not asked for")
    try:
        raw = _raw(reply, limit)
        body = inflated(raw, limit) if compressed else within(raw, limit)
    except TooLarge:
        raise FetchRefused(f"is larger than {limit / 1_000_000:g} MB") from None
    url = str(reply.url.copy_with(fragment=None))
    return Response(url, reply.status_code, {name.lower(): it for name, it in reply.headers.items()}, body)


def _raw(reply: httpx2.Response, limit: int) -> Iterator[bytes]:
    """The bytes as they come. Raises TooLarge for what says so beforehand, and for what inflates to nothing forever."""
    declared = reply.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge
    received = 0
    for piece in reply.iter_raw():
        received += len(piece)
        if received > limit:
            raise TooLarge
        yield piece


def _is_same_site(here: httpx2.URL, there: httpx2.URL) -> bool:
    """Whether they are of one origin, or the second is the first made secure."""
    origins = [(url.scheme, url.host, url.port) for url in (here, there)]
    return origins[0] == origins[1] or origins == [("http", here.host, None), ("https", here.host, None)]
