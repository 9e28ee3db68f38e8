"""From page to page, breadth first, within bounds of depth and number; each page once, whatever address led to it."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from ingestion.formats import to_datetime
from ingestion.sources import Original, Skipped, Unlisted
from ingestion.sources.web.addresses import Scope
from ingestion.sources.web.knowing import Page
from ingestion.sources.web.robots import Robots
from ingestion.sources.web.visiting import CLOSED, Visit, Visitor
from rag.errors import SourceUnavailable

_LEAST_QUERIES = 20
"""So many addresses of one path may differ in their query, or half as many as pages may be read if that is more. What
goes on beyond is a calendar, a search or a sort order without end, and must not take the place of all else."""

_MOST_WAITING = 20
"""Addresses that may wait to be visited, for each page that may be."""

_FAILURES_IN_A_ROW = 8
"""So many, and the site is taken for one that is down; each may have cost the whole time of a fetch."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """At most `pages` pages are visited, at most `depth` links away from the first."""

    pages: int
    depth: int


@dataclass(frozen=True, slots=True)
class _Step:
    url: str
    depth: int
    listed_as: str | None = None


class Walk:
    """One walk over a site. What fails is kept as it was and walked on from as it is remembered."""

    def __init__(self, visitor: Visitor, robots: Robots, scope: Scope, bounds: Bounds) -> None:
        self._visitor = visitor
        self._robots = robots
        self._scope = scope
        self._bounds = bounds
        self._waiting: deque[_Step] = deque()
        self._met: set[str] = set()
        self._listed: set[str] = set()
        self._queries: Counter[str] = Counter()
        self._most_queries = max(_LEAST_QUERIES, bounds.pages // 2)
        self._visits = 0
        self._failures = 0
        self._in_a_row = 0

    def add(self, url: str, *, depth: int, listed_as: str | None = None) -> None:
        """Let the page be visited, if it belongs to the source and was not met before."""
        if url in self._met or not self._scope.holds(url) or depth > self._bounds.depth:
            return
        path, _, query = url.partition("?")
        self._queries[path] += bool(query) and listed_as is None
        if self._queries[path] <= self._most_queries and len(self._met) < _MOST_WAITING * self._bounds.pages:
            self._met.add(url)
            self._waiting.append(_Step(url, depth, listed_as))

    def begin(self, url: str, visit: Visit) -> Iterator[Original | Skipped | Unlisted]:
        """What the first page is, already visited. It is walked on from even where it is not itself to be read."""
        self._met.add(url)
        self._visits += 1
        if visit.page and self._scope.holds(visit.page.id):
            yield from self._listing(url, visit.page)
        self._follow(visit.page, 0)

    def run(self) -> Iterator[Original | Skipped | Unlisted]:
        """What all other pages are. Raises SourceUnavailable when most of them do not answer."""
        while self._waiting:
            step = self._waiting.popleft()
            if self._visits >= self._bounds.pages:
                yield Skipped(step.url, f"what is beyond the limit of {self._bounds.pages} pages is not read")
            elif not self._robots.allow(step.url):
                yield Skipped(step.url, "pages that robots.txt closes are not read")
            else:
                self._visits += 1
                visit = self._visitor.visit(step.url, in_scope=self._scope.holds, listed_as=step.listed_as)
                self._watch(step, visit)
                yield from self._taken(step, visit)
        if self._failures * 2 > self._visits:
            raise SourceUnavailable(f"{self._failures} of {self._visits} pages could not be fetched.")
        for path in sorted(path for path, count in self._queries.items() if count > self._most_queries):
            yield Skipped(
                path, f"more than {self._most_queries} addresses that differ only after the ? are not read"
            )

    def _watch(self, step: _Step, visit: Visit) -> None:
        failed = visit.failure is not None or visit is CLOSED
        self._failures += failed
        self._in_a_row = self._in_a_row + 1 if failed else 0
        if self._in_a_row >= _FAILURES_IN_A_ROW:
            reason = visit.failure or f"{urlsplit(step.url).hostname} asks for a login"
            raise SourceUnavailable(f"{self._in_a_row} pages in a row could not be fetched; {reason}.")

    def _taken(self, step: _Step, visit: Visit) -> Iterator[Original | Skipped | Unlisted]:
        page = visit.page
        if visit.refusal:
            yield Skipped(step.url, visit.refusal)
        elif visit.failure:
            yield Unlisted(page.id if page else step.url, visit.failure)
        elif page:
            yield from self._listing(step.url, page)
        self._follow(page, step.depth)

    def _follow(self, page: Page | None, depth: int) -> None:
        for link in page.links if page else ():
            self.add(link, depth=depth + 1)

    def _listing(self, url: str, page: Page) -> Iterator[Original | Skipped]:
        self._met |= {page.url, page.id}
        if not self._scope.holds(page.id):
            yield Skipped(url, "links that lead out of the source are not followed")
        elif page.refusal:
            yield Skipped(url, page.refusal)
        elif page.id not in self._listed:
            self._listed.add(page.id)
            yield Original(
                id=page.id,
                name=page.name,
                url=page.id,
                version=page.version,
                read=partial(self._visitor.read, page.url),
                media_type=page.media_type,
                updated_at=to_datetime(page.updated_at or page.listed_as),
            )
