"""Web pages: one, those of a sitemap, or those that links lead to.

    addresses   one spelling for each, and which belong to the source
    pages       what a page says of itself: links, canonical address, noindex
    knowing     what is remembered of a page without its content
    asking      one request after the other, with pauses, only for what is new
    robots      what the site asks of robots
    sitemaps    the pages as the site lists them
    visiting    each page as it is now, or as it is remembered where it has not changed
    walking     from page to page, within bounds

A page that is gone (404, 410) is deleted; one that fails to answer is kept, and so is all that hangs on it. When most
of a site fails, or its first page, sitemap or robots.txt does, nothing is deleted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from urllib.parse import urlsplit

from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped, Unlisted
from ingestion.sources.web.addresses import Scope, folder, looks_like_folder, memory_key, normalised, origin
from ingestion.sources.web.asking import NOT_MODIFIED, Guest, validators
from ingestion.sources.web.robots import Robots
from ingestion.sources.web.sitemaps import MAX_BYTES, MAX_PAGES, Sitemap, parse
from ingestion.sources.web.visiting import Visit, Visitor
from ingestion.sources.web.walking import Bounds, Walk
from rag.errors import ConfigError, DocumentUnreadable, SourceUnavailable

MODES = ("auto", "page", "sitemap", "crawl")

_PAGES, _MOST_PAGES = 500, MAX_PAGES
_DEPTH, _MOST_DEPTH = 3, 20
_MOST_SITEMAPS = 500  # of one index
_REMEMBERED_PAGES = 5_000  # of one sitemap; a larger one is read anew each time
_OK = 200
_MISSING = frozenset({400, 401, 403, 404, 410})


class Web:
    """A site, or a part of it.

    Options: `mode` is one of MODES; auto takes the sitemap, where the address is one or the folder that it leads to has
    one, else it crawls. `prefix`: what addresses of pages begin with (that folder, unless given). `depth`: links
    between the first page and the last. `pages`: how many are read at most. `include`, `exclude`: globs of paths, with
    commas. Raises ConfigError when one is malformed.
    """

    def __init__(self, registered: RegisteredSource, means: Means) -> None:
        options, name = registered.options, registered.name
        self._start = _address(registered.location, name)
        self._mode = _choice(options.get("mode", "auto"), name)
        self._prefix = options.get("prefix", "")
        self._globs = [_list(options.get(key, "")) for key in ("include", "exclude")]
        pages = _number(options, "pages", _PAGES, (1, _MOST_PAGES), name)
        depth = _number(options, "depth", _DEPTH, (0, _MOST_DEPTH), name)
        self._bounds = Bounds(1, 0) if self._mode == "page" else Bounds(pages, depth)
        settings = means.settings.fetch
        self._memory = means.memory
        self._guest = Guest(means.fetcher, settings)
        self._visitor = Visitor(
            self._guest, means.memory, scope=repr((self._mode, self._prefix, self._globs))
        )
        self._robots = Robots(self._guest, means.memory, agent=settings.user_agent.partition("/")[0])

    def originals(self) -> Iterator[Original | Skipped | Unlisted]:
        if self._mode == "sitemap" or (self._mode == "auto" and _is_sitemap(self._start)):
            yield from self._listed(self._scope(f"{origin(self._start)}/"))
        else:
            yield from self._crawled()
        self._visitor.forget_others()

    def count(self) -> int | None:
        return None

    def estimate(self) -> int | None:
        """How many pages a sitemap lists, of those that would be read; None where there is none. No page is fetched."""
        if self._mode in {"auto", "sitemap"} and _is_sitemap(self._start):
            listed = self._pages_of(self._start, self._scope(f"{origin(self._start)}/")) or []
        elif self._mode == "auto" and looks_like_folder(self._start):
            listed = self._sitemapped(self._scope(self._start))
        else:
            listed = []
        return min(len(listed), self._bounds.pages) or None

    def _crawled(self) -> Iterator[Original | Skipped | Unlisted]:
        """From the first page on: what the site's sitemap lists of it, or where its links lead."""
        first, scope = self._first()
        listed = self._sitemapped(scope) if self._mode == "auto" and looks_like_folder(self._start) else []
        walk = self._walk(scope, depth=0 if listed else self._bounds.depth)
        yield from walk.begin(self._start, first)
        for url, modified in listed:
            walk.add(url, depth=0, listed_as=modified)
        yield from walk.run()

    def _listed(self, scope: Scope) -> Iterator[Original | Skipped | Unlisted]:
        """What the sitemap at the address lists."""
        pages = self._pages_of(self._start, scope)
        if pages is None:
            raise SourceUnavailable(f"There is no sitemap at {self._start}.")
        walk = self._walk(scope, depth=0)
        for url, modified in pages:
            walk.add(url, depth=0, listed_as=modified)
        yield from walk.run()

    def _walk(self, scope: Scope, *, depth: int) -> Walk:
        return Walk(self._visitor, self._robots, scope, replace(self._bounds, depth=depth))

    def _first(self) -> tuple[Visit, Scope]:
        """The page at the address, and what belongs to the source: told by where it redirects to, if it does."""
        url = self._start
        if not self._robots.allow(url):
            raise SourceUnavailable(f"The site's robots.txt closes {url} to us.")
        scope = self._scope(url)
        visit = self._visitor.visit(url, in_scope=scope.holds)
        if visit.page and not scope.reaches(visit.page.url):
            scope = self._scope_after(visit.page.url)
            visit = self._visitor.visit(visit.page.url, in_scope=scope.holds)
        if visit.failure or visit.refusal:
            raise SourceUnavailable(f"{url} cannot be read: {visit.failure or visit.refusal}.")
        return visit, scope

    def _scope(self, url: str) -> Scope:
        prefix = normalised(self._prefix, url) if self._prefix else None
        if self._mode == "page":
            prefix = f"{origin(url)}/"
        return Scope(prefix or folder(url), *self._globs)

    def _scope_after(self, redirected: str) -> Scope:
        """The same part of the site where only http became https, else the part that it has moved to."""
        start, there = urlsplit(self._start), urlsplit(redirected)
        secured = self._scope(start._replace(scheme=there.scheme).geturl())
        return secured if secured.reaches(redirected) else self._scope(redirected)

    def _sitemapped(self, scope: Scope) -> list[tuple[str, str | None]]:
        """The pages in scope, of the first of the site's sitemaps that has any; none where there is no sitemap."""
        named = [normalised(url, scope.prefix) for url in self._robots.sitemaps(scope.prefix)]
        usual = [
            normalised("sitemap.xml", f"{base.rstrip('/')}/") for base in (scope.prefix, origin(scope.prefix))
        ]
        for url in dict.fromkeys((*named, *usual)):
            if url and origin(url) == origin(scope.prefix) and (pages := self._pages_of(url, scope)):
                return pages
        return []

    def _pages_of(self, url: str, scope: Scope) -> list[tuple[str, str | None]] | None:
        """The pages in scope that a sitemap lists, itself or through others of its host; None where there is none."""
        whole = self._sitemap(url)
        if whole is None:
            return None
        others = [normalised(other, url) for other in whole.others[:_MOST_SITEMAPS]]
        parts = [self._sitemap(other) for other in others if other and origin(other) == origin(url)]
        listed = [page for sitemap in (whole, *parts) if sitemap for page in sitemap.pages]
        pages = {address: modified for page, modified in listed if (address := normalised(page, url))}
        return [(address, modified) for address, modified in pages.items() if scope.holds(address)]

    def _sitemap(self, url: str) -> Sitemap | None:
        """What stands in the sitemap; None where there is none. Raises SourceUnavailable when that cannot be told."""
        key = memory_key("sitemap", url)
        known = self._memory.get(key) or {}
        try:
            response = self._guest.ask(url, known, max_bytes=MAX_BYTES)
            if response.status == NOT_MODIFIED:
                return Sitemap(
                    tuple((page, modified) for page, modified in known["pages"]), tuple(known["others"])
                )
            if response.status in _MISSING:
                return None
            if response.status != _OK:
                raise SourceUnavailable(f"The sitemap {url} cannot be read: error {response.status}.")
            sitemap = parse(response.body)
        except DocumentUnreadable as error:
            if self._mode == "auto" and url != self._start:
                return None  # many sites answer with a page whatever they are asked for
            raise SourceUnavailable(f"The sitemap {url} {error}.") from error
        if len(sitemap.pages) <= _REMEMBERED_PAGES:
            self._memory.put({key: {**asdict(sitemap), **validators(response)}})
        return sitemap


def _is_sitemap(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".xml", ".xml.gz"))


def _address(location: str, name: str) -> str:
    address = normalised(location)
    if address is None:
        raise ConfigError(f"The address of the source {name} must begin with http:// or https://.")
    return address


def _choice(mode: str, name: str) -> str:
    if mode not in MODES:
        raise ConfigError(f"The option mode of the source {name} must be one of {', '.join(MODES)}.")
    return mode


def _number(options: Mapping[str, str], key: str, usual: int, bounds: tuple[int, int], name: str) -> int:
    text = options.get(key, str(usual)).strip()
    if not (text.isascii() and text.isdecimal() and bounds[0] <= int(text) <= bounds[1]):
        raise ConfigError(
            f"The option {key} of the source {name} must be a whole number from {bounds[0]} to {bounds[1]}."
        )
    return int(text)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, text.split(",")) if part)
