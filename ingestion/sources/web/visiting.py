"""The pages of a site, each as it is now or as it is remembered where it has not changed."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from ingestion.fetching import FetchRefused, Response
from ingestion.remembering import Memory
from ingestion.sources.web.addresses import memory_key
from ingestion.sources.web.asking import NOT_MODIFIED, Guest
from ingestion.sources.web.knowing import Page, page_of
from ingestion.sources.web.pages import LOGIN
from rag.errors import SourceUnavailable

_OK = 200
_GONE = frozenset({404, 410})
_CLOSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Visit:
    """How it went: `page` is there; or `refusal` says why there is none for us; or `failure` why it is not known, and
    `page` is the one remembered, if any.
    """

    page: Page | None = None
    refusal: str | None = None
    failure: str | None = None


NOTHING = Visit(refusal="links that lead nowhere are not followed")
CLOSED = Visit(refusal=LOGIN)


class Visitor:
    """Visits the pages of one source. Holds the content of the page fetched last, and of no other.

    `scope` stands for what decides whether an address is in scope: what is remembered of a page holds for that only.
    """

    def __init__(self, guest: Guest, memory: Memory, *, scope: str) -> None:
        self._guest = guest
        self._memory = memory
        self._kind = f"page:{hashlib.sha256(scope.encode()).hexdigest()[:8]}"
        self._held: tuple[str, bytes] | None = None
        self._visited: set[str] = set()

    def visit(self, url: str, *, in_scope: Callable[[str], bool], listed_as: str | None = None) -> Visit:
        """The page at `url`. One whose sitemap gives the same modification as last time is not asked for."""
        key = memory_key(self._kind, url)
        self._visited.add(key)
        known = Page.remembered(self._memory.get(key))
        if known and listed_as and known.listed_as == listed_as:
            return Visit(known)
        try:
            response = self._guest.ask(url, known.validators if known else None)
        except SourceUnavailable as error:
            return Visit(known, failure=str(error))
        except FetchRefused as error:
            return Visit(refusal=f"pages where one {error}")
        visit = self._judged(url, response, known, in_scope, listed_as)
        if visit.page and visit.page != known and not visit.failure:
            self._memory.put({key: asdict(visit.page)})
        return visit

    def read(self, url: str) -> bytes:
        """The content of the page: as just fetched, else fetched again whatever is remembered of it.

        Raises SourceUnavailable and FetchRefused.
        """
        if self._held and self._held[0] == url:
            return self._held[1]
        response = self._guest.ask(url)
        if response.status != _OK:
            raise SourceUnavailable(_error(url, response))
        return response.body

    def forget_others(self) -> None:
        """Forget the pages that were not visited."""
        self._memory.forget(self._memory.all("page:").keys() - self._visited)

    def _judged(
        self,
        url: str,
        response: Response,
        known: Page | None,
        in_scope: Callable[[str], bool],
        listed_as: str | None,
    ) -> Visit:
        if response.status == NOT_MODIFIED and known:
            return Visit(replace(known, listed_as=listed_as))
        if response.status in _GONE:
            return NOTHING
        if response.status in _CLOSED:
            return CLOSED
        if response.status != _OK:
            return Visit(known, failure=_error(url, response))
        page = page_of(response, in_scope=in_scope, listed_as=listed_as)
        self._held = (page.url, response.body)
        return Visit(page)


def _error(url: str, response: Response) -> str:
    return f"{urlsplit(url).hostname} answers with error {response.status}"
