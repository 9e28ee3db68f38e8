"""What a site asks of robots: RFC 9309, and Crawl-delay and Sitemap, which came about beside it."""

from collections.abc import Sequence

from protego import Protego

from ingestion.fetching import FetchRefused
from ingestion.remembering import Memory
from ingestion.sources.web.addresses import memory_key, origin
from ingestion.sources.web.asking import NOT_MODIFIED, Guest, validators
from rag.errors import SourceUnavailable

_OK, _TOO_MANY, _BROKEN = 200, 429, 500
_MAX_BYTES = 1_000_000


class Robots:
    """The rules of each site that is asked about, read once. `agent`: the name under which they speak of us.

    A site that has no rules allows everything; one that cannot be asked for them raises SourceUnavailable (§2.3.1.4).
    """

    def __init__(self, guest: Guest, memory: Memory, *, agent: str) -> None:
        self._guest = guest
        self._memory = memory
        self._agent = agent
        self._rules: dict[str, Protego] = {}

    def allow(self, url: str) -> bool:
        return self._of(url).can_fetch(url, self._agent)

    def sitemaps(self, url: str) -> Sequence[str]:
        """The sitemaps that the site of `url` names."""
        return list(self._of(url).sitemaps)

    def _of(self, url: str) -> Protego:
        site = origin(url)
        if site not in self._rules:
            self._rules[site] = Protego.parse(self._text(f"{site}/robots.txt"))
            self._guest.slow_down(self._rules[site].crawl_delay(self._agent) or 0.0)
        return self._rules[site]

    def _text(self, url: str) -> str:
        known = self._memory.get(memory_key("robots", url)) or {}
        try:
            response = self._guest.ask(url, known, max_bytes=_MAX_BYTES)
        except FetchRefused as error:
            raise SourceUnavailable(f"The site's rules for robots cannot be read: {url} {error}.") from error
        if response.status == NOT_MODIFIED:
            return str(known.get("text", ""))
        if response.status >= _BROKEN or response.status == _TOO_MANY:
            raise SourceUnavailable(
                f"The site's rules for robots cannot be read: {url} answers with error {response.status}."
            )
        text = response.body.decode("utf-8", "replace") if response.status == _OK else ""
        facts = {"text": text, **validators(response)}
        if facts != known:
            self._memory.put({memory_key("robots", url): facts})
        return text
