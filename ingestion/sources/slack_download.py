"""The bytes of one file that is shared in Slack.

The bot's token goes to Slack and to nobody else: the address of a file is checked before it is asked for, the token is
left out where that address redirects to (`ingestion.fetching`), and what comes from outside of Slack is not taken.
"""

from contextlib import closing
from urllib.parse import SplitResult, urlsplit

from ingestion.fetching import Fetcher, Response
from ingestion.sources.slack_reading import Json
from rag.errors import DocumentUnreadable, SourceUnavailable
from rag.settings import FetchSettings, SlackSettings

_DOMAINS = ("slack.com", "slack-gov.com")
_UNREAD = {
    "external": "files that are kept elsewhere (Google Drive, Dropbox and the like)",
    "tombstone": "files that were deleted",
    "hidden_by_limit": "files that Slack hides beyond the limit of its free plan",
    "quip": "canvases",
    "canvas": "canvases",
    "list": "lists",
    "email": "e-mails forwarded to Slack",
}
_OK = 200
_GONE = frozenset({404, 410})


class NotGiven(SourceUnavailable):
    """Slack shows its sign-in page in the place of the file: the app must be given the right to read files first."""


class SlackDownload:
    """Fetches files by what Slack tells of them (`files.list`, `files.info`)."""

    def __init__(self, slack: SlackSettings, fetch: FetchSettings, fetcher: Fetcher) -> None:
        self._api_url = slack.api_url
        self._token = slack.bot_token.get_secret_value()
        self._settings = fetch
        self._fetcher = fetcher

    def __call__(self, file: Json) -> bytes:
        """Raises DocumentUnreadable, and SourceUnavailable (NotGiven) where another try may help."""
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if not is_slacks(url, self._api_url):
            raise DocumentUnreadable("has its content outside of Slack")
        limit = int(self._settings.max_megabytes * 1_000_000)
        if int(file.get("size") or 0) > limit:
            raise DocumentUnreadable(f"is larger than {self._settings.max_megabytes:g} MB")
        reply = self._fetch(url, limit)
        if not is_slacks(reply.url, self._api_url):
            raise DocumentUnreadable("has its content outside of Slack")
        return _content(reply, file)

    def _fetch(self, url: str, limit: int) -> Response:
        token = {"Authorization": f"Bearer {self._token}"}
        host = urlsplit(self._api_url).hostname or ""
        if _in_slacks_domain(host):
            return self._fetcher.fetch(url, headers=token, max_bytes=limit)
        # A stand-in for Slack that the operator has named is trusted as Slack is, though it may be in a private network.
        settings = self._settings
        trusted = settings.model_copy(update={"trusted_hosts": f"{settings.trusted_hosts},{host}".strip(",")})
        with closing(Fetcher(trusted)) as fetcher:
            return fetcher.fetch(url, headers=token, max_bytes=limit)


def is_slacks(url: str, api_url: str) -> bool:
    """Whether the bot's token may go to `url`: to Slack by https, or to the very place that `api_url` names."""
    try:
        asked, named = urlsplit(url), urlsplit(api_url)
        same = _place(asked) == _place(named)
    except ValueError:  # a port that is no number, half a bracket
        return False
    if asked.username is not None or asked.password is not None or "\\" in url:
        return False
    if _in_slacks_domain(named.hostname or ""):
        return (
            asked.scheme == "https" and asked.port in (None, 443) and _in_slacks_domain(asked.hostname or "")
        )
    return same


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _in_slacks_domain(host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in _DOMAINS)


def unread(file: Json) -> str | None:
    """Why the file is no document for us, or None."""
    if file.get("is_external"):
        return _UNREAD["external"]
    if file.get("file_access") in {"access_denied", "file_not_found"}:
        return "files that the bot may not see"
    return _UNREAD.get(str(file.get("mode")))


def _content(reply: Response, file: Json) -> bytes:
    if reply.status in _GONE:
        raise DocumentUnreadable("is no longer there")
    if reply.status != _OK:
        raise SourceUnavailable(f"was not given to the bot by Slack (status {reply.status})")
    is_page = reply.headers.get("content-type", "").startswith("text/html")
    if is_page and len(reply.body) != int(file.get("size") or 0):
        # Slack says "sign in" with status 200 to a token that may not read files.
        raise NotGiven(
            "was not given to the bot: Slack showed its sign-in page, as it does where the app lacks the scope files:read"
        )
    return reply.body
