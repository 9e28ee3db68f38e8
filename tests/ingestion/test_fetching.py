"""A fetch reaches public addresses and trusted hosts and nothing else, and ends in time, whatever the other side does."""

import gzip
import os
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from evals.scripted_network import Names, Network, reply
from evals.ssrf import judge
from ingestion.fetching import Fetcher, FetchRefused, Response
from rag.errors import ConfigError, FootnoteError, SourceUnavailable
from rag.settings import FetchSettings
from tests.ingestion.site import Site, serving

SHARED = Path(os.environ.get("FOOTNOTE_SHARED", Path(__file__).parents[3] / "shared"))  # noqa: TID251 - data of the tests alone

PRIVATE = "is at an address that may not be fetched: it belongs to a private network"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


@pytest.fixture(scope="module")
def fetcher() -> Iterator[Fetcher]:
    """One that trusts this machine and waits for a second."""
    fetcher = Fetcher(FetchSettings(trusted_hosts="127.0.0.1", timeout_seconds=1))
    yield fetcher
    fetcher.close()


def scripted(
    network: Network, names: dict[str, list[list[str]]] | None = None, trusted_hosts: str = ""
) -> Fetcher:
    """A fetcher whose names and servers are a script."""
    return Fetcher(
        FetchSettings(trusted_hosts=trusted_hosts, timeout_seconds=1),
        resolver=Names(names or {}, network.hosts),
        network=network,
    )


# --- where it may go --------------------------------------------------------------------------------------------------


def test_of_the_lists_of_addresses_none_leaks_and_none_is_refused_wrongly() -> None:
    folder = SHARED / "security"
    if not folder.is_dir():
        pytest.skip("the lists of addresses are not here")
    verdicts = judge(folder)
    assert [verdict for verdict in verdicts if verdict.fault] == []
    assert Counter(verdict.category for verdict in verdicts)["loopback4"] >= 10


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "[::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fec0::1]",
        "224.0.0.1",
        "0.0.0.0",  # noqa: S104 - to be refused
    ],
)
def test_what_is_not_public_is_refused_as_literal_as_name_and_as_redirect(address: str) -> None:
    plain = address.strip("[]")
    network = Network({"http://a.example/": reply(302, headers={"Location": f"http://{address}/"})})
    fetcher = scripted(network, {"b.example": [[plain]], "c.example": [["93.184.215.14", plain]]})
    for url in (f"http://{address}/", "http://b.example/", "http://c.example/", "http://a.example/"):
        with pytest.raises(FetchRefused, match=PRIVATE):
            fetcher.fetch(url)
    assert network.connected == ["93.184.215.14"]


def test_a_name_is_asked_for_once_for_each_connection_and_held_to_its_answer() -> None:
    network = Network({"http://a.example/": reply(200, b"public")})
    fetcher = scripted(network, {"a.example": [["93.184.215.14"], ["127.0.0.1"]]})
    assert fetcher.fetch("http://a.example/").body == b"public"
    with pytest.raises(FetchRefused, match=PRIVATE):  # the connection was closed; a new one asks anew
        fetcher.fetch("http://a.example/")
    assert network.connected == ["93.184.215.14"]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.example/", "it does not begin with http:// or https://"),
        ("file:///etc/passwd", "it does not begin with http:// or https://"),
        ("a.example", "it does not begin with http:// or https://"),
        ("https://user:secret@a.example/", "it carries a user name or a password"),
        ("http://a.example:8080/", "only the ports 80 and 443 are"),
        ("http://a.example:22/", "only the ports 80 and 443 are"),
        ("http://a.example:99999/", "it is malformed"),
        ("http://a.example\r\nX: y/", "it is malformed"),
        ("http://[::1", "it is malformed"),
        ("http://2130706433/", ""),
        ("http:///a.example/", "it is malformed"),
    ],
)
def test_addresses_that_are_wrong_as_they_stand_are_refused_in_words(url: str, reason: str) -> None:
    network = Network()
    with pytest.raises(FetchRefused, match=f"is at an address that may not be fetched: {reason}"):
        scripted(network, {"a.example": [["93.184.215.14"]]}).fetch(url)
    assert network.connected == []


@pytest.mark.parametrize(
    ("trusted", "url", "reached"),
    [
        ("wiki.corp.example", "http://wiki.corp.example:8080/", True),
        ("WIKI.corp.example.", "http://wiki.corp.example:8080/", True),
        ("10.20.0.0/16", "http://wiki.corp.example:8080/", True),
        ("10.20.0.9", "http://10.20.0.9:8080/", True),
        ("fd00::/8", "http://[fd00::5]:8080/", True),
        ("10.20.0.9", "http://[::ffff:10.20.0.9]:8080/", True),
        ("corp.example", "http://wiki.corp.example:8080/", False),
        ("wiki.corp.example", "http://10.20.0.9:8080/", False),
        ("10.30.0.0/16", "http://wiki.corp.example:8080/", False),
        ("metadata.corp.example", "http://metadata.corp.example/", False),
        ("0.0.0.0/0, ::/0", "http://169.254.169.254/", False),
        ("169.254.0.0/16", "http://169.254.169.254/", False),
        ("fd00::/8", "http://[fd00:ec2::254]/", False),
        ("169.254.169.254", "http://169.254.169.254/", True),
    ],
)
def test_trust_goes_as_far_as_it_was_given(trusted: str, url: str, reached: bool) -> None:
    names = {"wiki.corp.example": [["10.20.0.9"]], "metadata.corp.example": [["169.254.169.254"]]}
    network = Network({url: reply(200, b"inside")})
    fetcher = scripted(network, names, trusted_hosts=trusted)
    if reached:
        assert fetcher.fetch(url).body == b"inside"
    else:
        with pytest.raises(FetchRefused, match=PRIVATE):
            fetcher.fetch(url)
        assert network.connected == []


def test_a_stranger_cannot_send_us_to_a_trusted_host_and_a_trusted_host_can() -> None:
    inside, here = "http://wiki.corp.example/page", "http://10.20.0.10/start"
    network = Network(
        {
            "https://a.example/": reply(302, headers={"Location": inside}),
            "https://b.example/": reply(302, headers={"Location": "https://a.example/"}),
            here: reply(302, headers={"Location": inside}),
            inside: reply(200, b"inside"),
        }
    )
    fetcher = scripted(network, {"wiki.corp.example": [["10.20.0.9"]]}, "wiki.corp.example,10.20.0.0/16")
    assert fetcher.fetch(inside).body == b"inside"  # a connection that could be used again
    for url in ("https://a.example/", "https://b.example/"):
        with pytest.raises(FetchRefused, match=PRIVATE):
            fetcher.fetch(url)
    assert fetcher.fetch(here).url == inside


@pytest.mark.parametrize(
    "trusted", ["10.20.0.0/99", "https://wiki.corp.example", "*.corp.example", "wiki:8080"]
)
def test_malformed_trust_is_said_when_starting(trusted: str) -> None:
    with pytest.raises(ConfigError, match="FETCH_TRUSTED_HOSTS is malformed"):
        Fetcher(FetchSettings(trusted_hosts=trusted))


def test_an_address_to_be_held_to_is_checked() -> None:
    names = {"a.example": [["93.184.215.14"]], "b.example": [["2606:4700::1"]], "c.example": [["10.0.0.1"]]}
    fetcher = scripted(Network(), names)
    assert fetcher.pinned("https://a.example/x.git") == "93.184.215.14"
    assert fetcher.pinned("https://b.example/x.git") == "[2606:4700::1]"
    for url in ("https://c.example/x.git", "ssh://git@a.example/x.git"):
        with pytest.raises(FetchRefused):
            fetcher.pinned(url)
    with pytest.raises(SourceUnavailable, match=r"d\.example cannot be found"):
        fetcher.pinned("https://d.example/x.git")


def test_proxies_of_the_environment_are_not_used(site: Site) -> None:
    site.put("/", "direct")
    code = (
        "from ingestion.fetching import Fetcher; from rag.settings import FetchSettings;"
        f"print(Fetcher(FetchSettings(trusted_hosts='127.0.0.1')).fetch('{site.url}/').body)"
    )
    environment = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "b'direct'", done.stderr


# --- what goes along --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "target", "kept"),
    [
        ("https://a.example/1", "https://a.example/2", True),
        ("http://a.example/1", "https://a.example/2", True),
        ("https://a.example/1", "http://a.example/2", False),
        ("https://a.example/1", "https://b.example/2", False),
        ("https://a.example/1", "https://sub.a.example/2", False),
    ],
)
def test_headers_go_to_the_first_origin_only(start: str, target: str, kept: bool) -> None:
    network = Network({start: reply(302, headers={"Location": target}), target: reply(200)})
    assert scripted(network).fetch(start, headers={"Authorization": "secret"}).url == target
    assert network.requests == [(start, "secret"), (target, "secret" if kept else "")]


def test_headers_do_not_come_back_with_a_redirect() -> None:
    """Where a stranger sends us, it is the stranger's wish and not ours."""
    network = Network(
        {
            "https://a.example/1": reply(302, headers={"Location": "https://b.example/"}),
            "https://b.example/": reply(302, headers={"Location": "https://a.example/2"}),
            "https://a.example/2": reply(200),
        }
    )
    scripted(network).fetch("https://a.example/1", headers={"Authorization": "secret"})
    assert [secret for _, secret in network.requests] == ["secret", "", ""]


def test_cookies_are_not_kept(site: Site, fetcher: Fetcher) -> None:
    site.put("/", "x", Set_Cookie="session=1; Path=/")
    fetcher.fetch(f"{site.url}/")
    fetcher.fetch(f"{site.url}/")
    assert "cookie" not in site.asked[-1].headers


def test_json_is_posted_and_not_carried_elsewhere(site: Site, fetcher: Fetcher) -> None:
    site.put("/search", '{"ok": true}')
    site.redirect("/moved", "/search", 307)
    response = fetcher.fetch(f"{site.url}/search", method="POST", json={"a": [1]}, headers={"X-Version": "2"})
    assert (response.status, response.body) == (200, b'{"ok": true}')
    assert site.asked[0].headers["content-type"] == "application/json"
    assert site.asked[0].headers["x-version"] == "2"
    assert fetcher.fetch(f"{site.url}/moved", method="POST", json={}).status == 307


def test_the_reply_is_given_whatever_its_status(site: Site, fetcher: Fetcher) -> None:
    site.put("/", "gone", status=410, X_Some="1")
    response = fetcher.fetch(f"{site.url}/#part")
    assert (response.url, response.status, response.body) == (f"{site.url}/", 410, b"gone")
    assert response.headers["x-some"] == "1"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_when_to_come_back_is_understood(value: str, seconds: float | None) -> None:
    found = Response("http://a.example/", 429, {"retry-after": value}, b"").retry_after_seconds
    assert found == (seconds if seconds is None else pytest.approx(seconds, abs=60))


def test_a_date_to_come_back_at_is_understood() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    found = Response("http://a.example/", 429, {"retry-after": at}, b"").retry_after_seconds
    assert found == pytest.approx(600, abs=60)


# --- how much and how long --------------------------------------------------------------------------------------------


def test_redirects_end_after_five(site: Site, fetcher: Fetcher) -> None:
    for number in range(8):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.put("/8", "there")
    assert fetcher.fetch(f"{site.url}/3").body == b"there"
    for path in ("/2", "/0"):
        with pytest.raises(FetchRefused, match="redirects more than five times"):
            fetcher.fetch(site.url + path)
    site.redirect("/loop", "/loop")
    with pytest.raises(FetchRefused, match="redirects more than five times"):
        fetcher.fetch(f"{site.url}/loop")


def send(request: BaseHTTPRequestHandler, *pieces: bytes, pause: float = 0, **headers: str) -> None:
    request.send_response(200)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Connection", "close")
    request.end_headers()
    request.close_connection = True
    for piece in pieces:
        request.wfile.write(piece)
        time.sleep(pause)


def test_a_server_that_drips_is_left_in_time(site: Site, fetcher: Fetcher) -> None:
    def dripping_head(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            request.wfile.write(f"X-{number}: x\r\n".encode())
            time.sleep(0.1)

    site.pages["/body"] = lambda request: send(request, *[b"x"] * 100, pause=0.1)
    site.pages["/head"] = dripping_head
    site.pages["/silent"] = lambda _: time.sleep(2)
    for path in ("/body", "/head", "/silent"):
        started = time.monotonic()
        with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1 did not answer within 1 seconds"):
            fetcher.fetch(site.url + path)
        assert time.monotonic() - started < 1.8


def test_the_time_of_all_redirects_counts_together(site: Site, fetcher: Fetcher) -> None:
    def slowly(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.4)
        send(request, Location="/slow")

    site.pages["/slow"] = slowly
    site.redirect("/", "/slow")

    def redirecting(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.4)
        request.send_response(302)
        request.send_header("Location", "/slow")
        request.send_header("Content-Length", "0")
        request.end_headers()

    site.pages["/slow"] = redirecting
    started = time.monotonic()
    with pytest.raises(SourceUnavailable, match="did not answer"):
        fetcher.fetch(f"{site.url}/slow")
    assert time.monotonic() - started < 1.8


BOMB = gzip.compress(bytes(20_000_000))


@pytest.mark.parametrize(
    ("pieces", "headers"),
    [
        pytest.param([b"x" * 1001], {"Content_Length": "1001"}, id="declared"),
        pytest.param([b"x" * 600] * 2, {}, id="undeclared"),
        pytest.param([BOMB], {"Content_Encoding": "gzip"}, id="bomb"),
        pytest.param([gzip.compress(b"x" * 600)] * 2, {"Content_Encoding": "gzip"}, id="members"),
        pytest.param([gzip.compress(b"")] * 500, {"Content_Encoding": "gzip"}, id="nothing, forever"),
    ],
)
def test_what_is_too_large_is_refused(
    site: Site, fetcher: Fetcher, pieces: list[bytes], headers: dict[str, str]
) -> None:
    site.pages["/"] = lambda request: send(request, *pieces, **headers)
    with pytest.raises(FetchRefused, match=r"is larger than 0\.001 MB"):
        fetcher.fetch(f"{site.url}/", max_bytes=1000)


def test_the_usual_limit_is_that_of_the_settings(site: Site) -> None:
    site.pages["/"] = lambda request: send(request, b"x", Content_Length=str(10**10))
    small = Fetcher(FetchSettings(trusted_hosts="127.0.0.1", max_megabytes=25))
    with pytest.raises(FetchRefused, match="is larger than 25 MB"):
        small.fetch(f"{site.url}/")
    small.close()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        pytest.param(gzip.compress(b"words"), "gzip", id="gzip"),
        pytest.param(gzip.compress(b"wo") + gzip.compress(b"rds"), "gzip", id="two members"),
        pytest.param(zlib.compress(b"words"), "deflate", id="deflate"),
        pytest.param(b"words", "identity", id="plain"),
        pytest.param(b"", "gzip", id="empty"),
    ],
)
def test_what_is_compressed_is_made_whole(site: Site, fetcher: Fetcher, body: bytes, encoding: str) -> None:
    site.put("/", body, Content_Encoding=encoding)
    assert fetcher.fetch(f"{site.url}/").body == (b"words" if body else b"")


def test_an_encoding_that_was_not_asked_for_is_refused(site: Site, fetcher: Fetcher) -> None:
    site.put("/", b"x", Content_Encoding="br")
    with pytest.raises(FetchRefused, match="encoding"):
        fetcher.fetch(f"{site.url}/")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(gzip.compress(b"words")[:-9], {"Content_Encoding": "gzip"}, id="gzip cut short"),
        pytest.param(b"not gzip", {"Content_Encoding": "gzip"}, id="no gzip"),
        pytest.param(b"too little", {"Content_Length": "1000"}, id="cut short"),
        pytest.param(b"zz\r\nnothing", {"Transfer_Encoding": "chunked"}, id="broken chunks"),
    ],
)
def test_a_damaged_reply_may_be_whole_another_time(
    site: Site, fetcher: Fetcher, body: bytes, headers: dict[str, str]
) -> None:
    site.pages["/"] = lambda request: send(request, body, **headers)
    with pytest.raises(SourceUnavailable, match="could not be reached, or broke off"):
        fetcher.fetch(f"{site.url}/")


VENDOR_ERRORS = sorted(
    name
    for name in httpcore2.__all__
    if isinstance(kind := getattr(httpcore2, name), type)
    and issubclass(kind, Exception)
    and name != "ConnectionNotAvailable"  # the pool's own: it tries again
)


@pytest.mark.parametrize("name", VENDOR_ERRORS)
def test_no_error_of_the_library_escapes(name: str) -> None:
    class Failing(Network):
        def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore2.NetworkStream:
            raise getattr(httpcore2, name)("with details")

    with pytest.raises(FootnoteError) as caught:
        scripted(Failing(), {"a.example": [["93.184.215.14"]]}).fetch("http://a.example/")
    assert "details" not in str(caught.value)
