"""A web source lists what belongs to it, each page once, asks only for what is new, and deletes nothing on a bad day."""

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from ingestion import pipeline
from ingestion.fetching import Fetcher
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.report import SyncReport
from ingestion.sources import Means, Original, Skipped, Unlisted, open_source
from ingestion.sources.web import Web
from rag.database import open_database
from rag.errors import ConfigError, SourceUnavailable
from rag.settings import FetchSettings, Settings
from tests.ingestion.fakes import Workbench
from tests.ingestion.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


@pytest.fixture(scope="module")
def web_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('web') / 'memory.db'}")
    yield engine
    engine.dispose()


class Bench:
    """Opens the same source again and again, as syncs do."""

    def __init__(self, site: Site, engine: Engine, scratch: Path) -> None:
        self.site = site
        self._memory = Memory(engine, uuid4().hex)
        self._scratch = scratch

    @contextmanager
    def opened(self, location: str, *, timeout: float = 5, **options: str) -> Iterator[Web]:
        fetch = FetchSettings(trusted_hosts="127.0.0.1", pause_seconds=0, timeout_seconds=timeout)
        fetcher = Fetcher(fetch)
        means = Means(Settings(fetch=fetch), fetcher, self._memory, self._scratch)
        address = location if "://" in location else self.site.url + location
        registered = RegisteredSource("s1", "T1", "docs", "web", address, frozenset(), options)
        try:
            web = open_source(registered, means)
            assert isinstance(web, Web)
            yield web
        finally:
            fetcher.close()

    def sync(self, location: str = "/", **options: str) -> list[Original | Skipped | Unlisted]:
        """What the source lists, each original read as the pipeline would."""
        with self.opened(location, **options) as web:
            return [*web.originals()]

    def ids(self, location: str = "/", **options: str) -> list[str]:
        """Paths of the documents listed."""
        found = self.sync(location, **options)
        return [it.id.removeprefix(self.site.url) for it in found if isinstance(it, Original)]


@pytest.fixture
def bench(site: Site, web_engine: Engine, tmp_path: Path) -> Bench:
    return Bench(site, web_engine, tmp_path)


def small_site(site: Site) -> None:
    site.html("/", "Home", links=("/a", "/b", "/c/d"))
    site.html("/a", "A", links=("/", "/a/deep", "https://elsewhere.example/x", "mailto:x@example.com"))
    site.html("/a/deep", "Deep")
    site.html("/b", "B", links=("/b#part", "/style.css", "/photo.png"))
    site.html("/c/d", "D")


def reasons(found: list[Original | Skipped | Unlisted], site: Site) -> dict[str, str]:
    return {it.name.removeprefix(site.url): it.reason for it in found if isinstance(it, Skipped)}


# --- crawling ---------------------------------------------------------------------------------------------------------


def test_links_are_followed_within_the_site_and_each_page_is_asked_for_once(bench: Bench, site: Site) -> None:
    small_site(site)
    assert bench.ids() == ["/", "/a", "/b", "/c/d", "/a/deep"]
    assert sorted(site.paths) == ["/", "/a", "/a/deep", "/b", "/c/d"]


def test_a_second_sync_of_an_unchanged_site_downloads_nothing(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n")
    site.put("/sitemap.xml", "<html>not a sitemap</html>", status=404)
    first = [it for it in bench.sync(mode="crawl") if isinstance(it, Original)]
    site.asked.clear()
    second = [it for it in bench.sync(mode="crawl") if isinstance(it, Original)]
    assert [(it.id, it.version) for it in second] == [(it.id, it.version) for it in first]
    assert {asked.status for asked in site.asked} == {304}
    assert sum(asked.body for asked in site.asked) == 0
    assert len(site.asked) == 6


def test_only_the_page_that_changed_is_downloaded_and_gets_a_new_version(bench: Bench, site: Site) -> None:
    small_site(site)
    before = {it.id: it.version for it in bench.sync(mode="crawl") if isinstance(it, Original)}
    site.html("/b", "B, changed")
    site.asked.clear()
    after = {it.id: it.version for it in bench.sync(mode="crawl") if isinstance(it, Original)}
    assert [asked.path for asked in site.asked if asked.body and asked.status == 200] == ["/b"]
    assert [id_ for id_ in after if after[id_] != before[id_]] == [f"{site.url}/b"]


def test_last_modified_serves_where_there_is_no_etag(bench: Bench, site: Site) -> None:
    site.validators = False
    date = "Mon, 02 Mar 2026 10:00:00 GMT"

    def answer(request: BaseHTTPRequestHandler) -> None:
        fresh = request.headers.get("If-Modified-Since") == date
        body = b"" if fresh else b"<html><body>words</body></html>"
        request.send_response(304 if fresh else 200)
        request.send_header("Last-Modified", date)
        request.send_header("Content-Type", "text/html")
        if not fresh:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    site.pages["/"] = answer
    (first,) = bench.sync("/", mode="page")
    (second,) = bench.sync("/", mode="page")
    assert isinstance(first, Original) and first == second
    assert first.updated_at is not None and first.updated_at.isoformat() == "2026-03-02T10:00:00+00:00"


def test_what_was_not_sent_again_can_still_be_read(bench: Bench, site: Site) -> None:
    small_site(site)
    bench.sync(mode="crawl")
    with bench.opened("/", mode="crawl") as web:
        pages = [it for it in web.originals() if isinstance(it, Original)]
        assert b"<p>Deep</p>" in pages[-1].read()
        assert b"<p>Home</p>" in pages[0].read()


def test_the_page_just_fetched_is_read_without_asking_again(bench: Bench, site: Site) -> None:
    small_site(site)
    with bench.opened("/", mode="crawl") as web:
        for original in web.originals():
            assert isinstance(original, Original) and original.read()
    assert len(site.paths) == len(set(site.paths)) == 5


def test_a_page_that_is_gone_is_not_listed_nor_what_only_it_led_to(bench: Bench, site: Site) -> None:
    small_site(site)
    bench.sync()
    del site.pages["/a"]
    assert bench.ids() == ["/", "/b", "/c/d"]


def test_a_page_that_fails_is_kept_and_so_is_what_it_led_to(bench: Bench, site: Site) -> None:
    small_site(site)
    bench.sync()
    site.put("/a", "oh no", status=500)
    found = bench.sync()
    assert Unlisted(f"{site.url}/a", "127.0.0.1 answers with error 500") in found
    assert f"{site.url}/a/deep" in [it.id for it in found if isinstance(it, Original)]


def test_when_most_of_the_site_fails_nothing_is_deleted(bench: Bench, site: Site) -> None:
    small_site(site)
    bench.sync()
    for path in ("/a", "/a/deep", "/b"):
        site.put(path, "oh no", status=503)
    with pytest.raises(SourceUnavailable, match="3 of 5 pages"):
        bench.sync()


def test_a_site_that_is_down_is_not_asked_for_every_page(bench: Bench, site: Site) -> None:
    site.html("/", "Home", links=tuple(f"/p{n}" for n in range(100)))
    for number in range(100):
        site.put(f"/p{number}", "oh no", status=502)
    with pytest.raises(SourceUnavailable, match="8 pages in a row"):
        bench.sync()
    assert len(site.paths) == 9


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "lead nowhere"), (401, "ask for a login"), (403, "ask for a login"), (500, "error 500")],
)
def test_a_first_page_that_cannot_be_had_deletes_nothing(
    bench: Bench, site: Site, status: int, reason: str
) -> None:
    site.put("/docs/", "no", status=status)
    with pytest.raises(SourceUnavailable, match=reason):
        bench.sync("/docs/")


def test_a_host_that_does_not_answer_is_unavailable(bench: Bench) -> None:
    with pytest.raises(SourceUnavailable, match="could not be reached"):
        bench.sync("http://127.0.0.1:9/")


def test_only_what_lies_below_the_address_belongs_to_the_source(bench: Bench, site: Site) -> None:
    site.html("/docs/guide/", "Guide", links=("a", "../other/", "/", "/docs/guidebook", "../guide/b?x=1"))
    for path in ("/docs/guide/a", "/docs/other/", "/", "/docs/guidebook", "/docs/guide/b?x=1"):
        site.html(path, path)
    assert bench.ids("/docs/guide/") == ["/docs/guide/", "/docs/guide/a", "/docs/guide/b?x=1"]
    assert bench.ids("/docs/guide/", prefix="/docs/") == [
        "/docs/guide/",
        "/docs/guide/a",
        "/docs/guide/b?x=1",
        "/docs/guidebook",
        "/docs/other/",
    ]


def test_globs_choose_among_paths(bench: Bench, site: Site) -> None:
    small_site(site)
    assert bench.ids(include="/a*, /b") == ["/a", "/b", "/a/deep"]
    assert bench.ids(exclude="/a*") == ["/", "/b", "/c/d"]


def test_depth_and_number_are_bounded(bench: Bench, site: Site) -> None:
    site.html("/", "0", links=("/1",))
    for number in range(1, 30):
        site.html(f"/{number}", str(number), links=(f"/{number + 1}",))
    assert bench.ids(depth="2") == ["/", "/1", "/2"]
    assert bench.ids(depth="0") == ["/"]
    found = bench.sync(depth="20", pages="5")
    assert [it.name for it in found if isinstance(it, Original)][-1].endswith("/4.html")
    assert found[-1] == Skipped(f"{site.url}/5", "what is beyond the limit of 5 pages is not read")


def test_a_calendar_without_end_does_not_take_the_place_of_pages(bench: Bench, site: Site) -> None:
    days = tuple(f"/calendar?day={day}" for day in range(400))
    site.html("/", "Home", links=(*days, "/zebra"))
    for number, day in enumerate(days):
        site.html(day, f"Day {number}", links=(f"/calendar?day={number + 1000}",))
    site.html("/zebra", "Zebra")
    found = bench.sync(pages="60")
    assert f"{site.url}/zebra" in [it.id for it in found if isinstance(it, Original)]
    assert "/calendar" in reasons(found, site)
    assert len(site.paths) <= 60


def test_the_next_page_of_a_calendar_ends_with_the_depth(bench: Bench, site: Site) -> None:
    class Endless(dict[str, object]):
        def get(self, path: str, default: object = None) -> object:  # type: ignore[override]
            site.html("/x", path, links=(f"{path}/next", f"{path}/more"))
            return self["/x"] if path.startswith("/cal") else default

    site.pages = Endless()  # type: ignore[assignment]
    assert len(bench.ids("/cal", depth="5", pages="40")) == 40


def test_a_page_under_several_addresses_is_one_document(bench: Bench, site: Site) -> None:
    canonical = f'<link rel="canonical" href="{site.url}/guide?id=1">'
    site.html(
        "/", "Home", links=("/guide?id=1&utm_source=mail", "/guide?id=1#top", "/print?id=1", "/%67uide?id=1")
    )
    site.html("/guide?id=1", "Guide", head=canonical)
    site.html("/print?id=1", "Guide", head=canonical)
    assert bench.ids() == ["/", "/guide?id=1"]


@pytest.mark.parametrize("canonical", ["https://elsewhere.example/x", "/", "javascript:alert(1)", ""])
def test_a_canonical_address_that_cannot_be_is_disregarded(bench: Bench, site: Site, canonical: str) -> None:
    site.html("/", "Home", links=("/a",))
    site.html("/a", "A", head=f'<link rel="canonical" href="{canonical}">')
    assert bench.ids() == ["/", "/a"]


def test_redirects_lead_to_the_page_under_its_last_address(bench: Bench, site: Site) -> None:
    site.html("/", "Home", links=("/old", "/new", "/out", "/round"))
    site.redirect("/old", "/new", 301)
    site.redirect("/out", "http://127.0.0.1:9/x")
    site.redirect("/round", "/round")
    site.html("/new", "New")
    found = bench.sync()
    assert [it.url for it in found if isinstance(it, Original)] == [f"{site.url}/", f"{site.url}/new"]
    assert reasons(found, site)["/round"] == "pages where one redirects more than five times"


def test_a_start_that_redirects_moves_the_source_along(bench: Bench, site: Site) -> None:
    site.redirect("/docs", "/en/docs/")
    site.html("/en/docs/", "Docs", links=("/en/docs/a", "/blog"))
    site.html("/en/docs/a", "A")
    assert bench.ids("/docs") == ["/en/docs/", "/en/docs/a"]


def test_a_single_page_is_just_that(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/sitemap.xml", sitemap(site, "/a"))
    assert bench.ids("/b", mode="page") == ["/b"]
    assert site.paths == ["/b"]


def test_syncs_bring_the_index_to_what_the_site_shows(bench: Bench, site: Site, workbench: Workbench) -> None:
    small_site(site)
    registered = workbench.catalogue.add_source(
        "docs", kind="web", location=f"{site.url}/", readers=["members"]
    )

    def sync() -> SyncReport:
        site.asked.clear()
        with bench.opened("/") as web:
            return pipeline.sync(
                web,
                registered,
                catalogue=workbench.catalogue,
                reader=workbench.reader,
                embedder=workbench.embedder,
                index=workbench.index,
                progress=lambda _: None,
            )

    assert sync().added == 5
    assert len(site.paths) == 5
    again = sync()
    assert (again.unchanged, again.embedded, again.deleted) == (5, 0, 0)
    assert sum(asked.body for asked in site.asked if asked.status == 200) == 0
    site.html("/b", "B, changed")
    del site.pages["/a/deep"]
    site.put("/c/d", "oh no", status=500)
    report = sync()
    assert (report.changed, report.deleted, report.unchanged) == (1, 1, 2)
    left = workbench.index.document_ids("T1", registered.id)
    assert sorted(left) == [f"{site.url}{path}" for path in ("/", "/a", "/b", "/c/d")]


# --- what a site wishes -----------------------------------------------------------------------------------------------


def test_robots_are_obeyed_with_wildcards_and_by_name(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put(
        "/robots.txt",
        "User-agent: *\nDisallow: /\n\nUser-agent: footnote\nDisallow: /*/d$\nDisallow: /b\nAllow: /\n",
    )
    found = bench.sync()
    assert reasons(found, site) == {
        "/b": "pages that robots.txt closes are not read",
        "/c/d": "pages that robots.txt closes are not read",
    }
    assert "/b" not in site.paths


def test_a_start_that_robots_close_deletes_nothing(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/robots.txt", "User-agent: *\nDisallow: /\n")
    with pytest.raises(SourceUnavailable, match=r"robots\.txt closes"):
        bench.sync()
    assert site.paths == []


def test_robots_that_cannot_be_asked_for_close_the_site(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/robots.txt", "", status=500)
    with pytest.raises(SourceUnavailable, match="rules for robots"):
        bench.sync()


def test_the_pause_that_robots_ask_for_is_kept(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 0.2\n")
    started = time.monotonic()
    bench.sync(mode="crawl")
    assert time.monotonic() - started >= 0.2 * 4


def test_a_busy_server_is_asked_again_when_it_says(bench: Bench, site: Site) -> None:
    site.put("/", "wait", status=429, Retry_After="0")

    def recovering(request: BaseHTTPRequestHandler) -> None:
        site.html("/", "Home")
        request.send_response(503)
        request.send_header("Retry-After", "0")
        request.send_header("Content-Length", "0")
        request.end_headers()

    site.pages["/"] = recovering
    assert bench.ids("/", mode="page") == ["/"]


@pytest.mark.parametrize(
    ("head", "headers", "listed", "followed"),
    [
        ('<meta name="robots" content="noindex">', {}, False, True),
        ('<meta name="ROBOTS" content="NoIndex, NoFollow">', {}, False, False),
        ("", {"X_Robots_Tag": "noindex"}, False, True),
        ("", {"X_Robots_Tag": "none"}, False, False),
        ("", {"X_Robots_Tag": "googlebot: noindex"}, True, True),
        ('<meta name="robots" content="index, follow">', {}, True, True),
    ],
)
def test_pages_that_do_not_want_to_be_listed_are_not(  # noqa: PLR0917 - a table
    bench: Bench, site: Site, head: str, headers: dict[str, str], listed: bool, followed: bool
) -> None:
    site.html("/", "Home", links=("/a",))
    site.html("/a", "A", links=("/a/b",), head=head, **headers)
    site.html("/a/b", "B")
    found = bench.sync()
    assert reasons(found, site) == ({} if listed else {"/a": "pages marked noindex are not read"})
    assert (f"{site.url}/a/b" in [it.id for it in found if isinstance(it, Original)]) is followed


def test_links_marked_nofollow_are_not_followed(bench: Bench, site: Site) -> None:
    site.put(
        "/",
        '<html><a href="/a" rel="nofollow noopener">edit</a><a href="/b">b</a></html>',
        Content_Type="text/html",
    )
    site.html("/a", "A")
    site.html("/b", "B")
    assert bench.ids() == ["/", "/b"]


def test_login_forms_and_empty_shells_are_told_apart_from_pages(bench: Bench, site: Site) -> None:
    site.html("/", "Home", links=("/login", "/app", "/closed", "/wiki"))
    form = '<form><input name="user"><input type="password" name="p"></form>'
    site.put("/login", f"<html><body><h1>Sign in</h1>{form}</body></html>", Content_Type="text/html")
    site.put(
        "/app",
        '<html><head><script src="x.js"></script></head><body><div id="root"></div>'
        "<noscript>You need to enable JavaScript to run this app.</noscript></body></html>",
        Content_Type="text/html",
    )
    site.put("/closed", "no", status=403)
    site.put(
        "/wiki", f"<html><body>{form}{'<p>Many words.</p>' * 200}</body></html>", Content_Type="text/html"
    )
    found = bench.sync()
    assert reasons(found, site) == {
        "/login": "pages that ask for a login are not read",
        "/app": "pages that show their text only with JavaScript are not read",
        "/closed": "pages that ask for a login are not read",
    }


def test_files_beside_the_pages_are_documents_too(bench: Bench, site: Site) -> None:
    site.html("/", "Home", links=("/a.pdf", "/download?id=3", "/picture"))
    site.put("/a.pdf", b"%PDF-1.7", Content_Type="application/pdf")
    site.put("/download?id=3", b"PK", Content_Type="application/vnd.oasis.opendocument.text")
    site.put("/picture", b"\x89PNG", Content_Type="image/png")
    found = bench.sync()
    files = {it.id.removeprefix(site.url): it for it in found if isinstance(it, Original)}
    assert files["/a.pdf"].name == "127.0.0.1/a.pdf" and files["/a.pdf"].media_type == "application/pdf"
    assert files["/download?id=3"].name == "127.0.0.1/download.odt"
    assert reasons(found, site) == {"/picture": "image/png is not read"}


def test_a_file_that_is_too_large_is_named_and_the_rest_goes_on(bench: Bench, site: Site) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(10**12))
        request.end_headers()
        request.wfile.write(b"x" * 1000)

    site.html("/", "Home", links=("/big.pdf", "/z"))
    site.pages["/big.pdf"] = endless
    site.html("/z", "Z")
    found = bench.sync()
    assert reasons(found, site) == {"/big.pdf": "pages where one is larger than 25 MB"}
    assert f"{site.url}/z" in [it.id for it in found if isinstance(it, Original)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(bytes(range(256)) * 100, id="binary"),
        pytest.param(b"", id="empty"),
        pytest.param(b"<div>" * 100_000, id="nested"),
        pytest.param(b"<" * 100_000, id="brackets"),
        pytest.param(b'<a href="' + b"x" * 100_000, id="endless link"),
        pytest.param(
            b'<a href="http://[::1"><a href="//"><a href="http://%zz/"><base href="http://[">', id="bad links"
        ),
    ],
)
def test_a_page_that_is_rubbish_does_not_end_the_walk(bench: Bench, site: Site, body: bytes) -> None:
    site.html("/", "Home", links=("/rubbish", "/z"))
    site.put("/rubbish", body, Content_Type="text/html")
    site.html("/z", "Z")
    assert bench.ids() == ["/", "/rubbish", "/z"]


def test_a_base_that_leads_elsewhere_is_not_followed(bench: Bench, site: Site) -> None:
    page = '<html><head><base href="http://10.0.0.1/"></head><body><a href="x">x</a></body></html>'
    site.put("/", page, Content_Type="text/html")
    assert bench.ids() == ["/"]
    assert site.paths == ["/"]


def test_a_refresh_is_not_followed(bench: Bench, site: Site) -> None:
    site.html("/", "Home", head='<meta http-equiv="refresh" content="0;url=/secret">')
    bench.sync()
    assert site.paths == ["/"]


# --- sitemaps ---------------------------------------------------------------------------------------------------------


def sitemap(site: Site, *paths: str, modified: str = "") -> bytes:
    last = f"<lastmod>{modified}</lastmod>" if modified else ""
    pages = "".join(f"<url><loc>{site.url}{path}</loc>{last}</url>" for path in paths)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>'.encode()


def index(site: Site, *paths: str) -> bytes:
    parts = "".join(f"<sitemap><loc>{site.url}{path}</loc></sitemap>" for path in paths)
    return f"<sitemapindex>{parts}</sitemapindex>".encode()


@pytest.mark.parametrize("place", ["/sitemap.xml", "/docs/sitemap.xml", "robots"])
def test_a_folder_with_a_sitemap_is_read_by_it(bench: Bench, site: Site, place: str) -> None:
    site.html("/docs/", "Docs", links=("/docs/linked",))
    site.html("/docs/linked", "Linked")
    site.html("/docs/a", "A")
    site.html("/other", "Other")
    if place == "robots":
        site.put("/robots.txt", f"Sitemap: {site.url}/maps/all.xml")
    site.put("/maps/all.xml" if place == "robots" else place, sitemap(site, "/docs/a", "/other", "/docs/"))
    assert bench.ids("/docs/") == ["/docs/", "/docs/a"]


def test_an_index_of_compressed_sitemaps_is_read(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/sitemap.xml", index(site, "/one.xml.gz", "/two.xml", "/gone.xml"))
    site.put("/one.xml.gz", gzip.compress(sitemap(site, "/a")), Content_Type="application/gzip")
    site.put("/two.xml", sitemap(site, "/b", "/a"))
    assert bench.ids("/sitemap.xml") == ["/a", "/b"]


def test_pages_of_an_unchanged_modification_are_not_asked_for(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/sitemap.xml", sitemap(site, "/a", "/b", modified="2026-03-02"))
    first = bench.sync("/sitemap.xml")
    site.asked.clear()
    assert bench.sync("/sitemap.xml") == first
    assert site.paths == []
    site.put(
        "/sitemap.xml",
        sitemap(site, "/a", modified="2026-03-02").replace(b"</urlset>", b"")
        + (f"<url><loc>{site.url}/b</loc><lastmod>2026-04-01</lastmod></url></urlset>".encode()),
    )
    bench.sync("/sitemap.xml")
    assert site.paths == ["/b"]
    assert isinstance(first[0], Original) and str(first[0].updated_at) == "2026-03-02 00:00:00+00:00"


def test_a_sitemap_reaches_its_own_host_only(bench: Bench, site: Site) -> None:
    small_site(site)
    urls = ["http://10.0.0.1/", "file:///etc/passwd", "https://elsewhere.example/x", f"{site.url}/a"]
    site.put("/sitemap.xml", f"<urlset>{''.join(f'<url><loc>{url}</loc></url>' for url in urls)}</urlset>")
    assert bench.ids("/sitemap.xml") == ["/a"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>Welcome</html", id="broken"),
        pytest.param(b"\x1f\x8b\x08\x00 not gzip", id="broken gzip"),
        pytest.param(gzip.compress(b" " * 60_000_000), id="gzip bomb"),
        pytest.param(
            b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
            id="entities",
        ),
    ],
)
def test_what_is_no_sitemap_deletes_nothing(bench: Bench, site: Site, body: bytes) -> None:
    site.put("/sitemap.xml", body)
    with pytest.raises(SourceUnavailable, match="sitemap"):
        bench.sync("/sitemap.xml")


def test_a_sitemap_that_fails_deletes_nothing(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/sitemap.xml", sitemap(site, "/a", "/b"))
    bench.sync()
    site.put("/sitemap.xml", "oh no", status=500)
    with pytest.raises(SourceUnavailable, match="error 500"):
        bench.sync()


def test_pages_beyond_the_limit_of_a_sitemap_are_skipped(bench: Bench, site: Site) -> None:
    small_site(site)
    site.put("/sitemap.xml", sitemap(site, "/a", "/b", "/c/d"))
    found = bench.sync("/sitemap.xml", pages="2")
    assert found[-1] == Skipped(f"{site.url}/c/d", "what is beyond the limit of 2 pages is not read")


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "options", "message"),
    [
        ("ftp://x.example/", {}, "must begin with http"),
        ("https://x.example/", {"mode": "everything"}, "mode of the source docs must be one of auto, page"),
        (
            "https://x.example/",
            {"depth": "-1"},
            "depth of the source docs must be a whole number from 0 to 20",
        ),
        ("https://x.example/", {"pages": "many"}, "pages of the source docs must be a whole number"),
    ],
)
def test_malformed_options_are_named(
    bench: Bench, location: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message), bench.opened(location, **options):
        pass
