"""The files that people share in one Slack channel.

The bot's token goes to Slack and to nobody else: the address of a file is checked before it is asked for, the token is
left out where that address redirects to (`ingestion.fetching`), and what comes from outside of Slack is not taken.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from urllib.parse import SplitResult, urlsplit

from ingestion.fetching import Fetcher, Response
from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped
from ingestion.sources.slack_conversations import enter
from ingestion.sources.slack_names import Names
from ingestion.sources.slack_notes import Notes
from ingestion.sources.slack_reading import Json, SlackReader
from rag.errors import DocumentUnreadable, SourceUnavailable

_PAGE = 100  # files; this method pages by number
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


class SlackFiles:
    """The files in the channel that `registered.location` is the id of."""

    def __init__(self, registered: RegisteredSource, means: Means) -> None:
        self._registered = registered
        self._settings = means.settings
        self._fetcher = means.fetcher
        self._slack = SlackReader(means.settings.slack)
        self._names = Names(self._slack, means.memory)
        self._notes = Notes(means.memory)

    def count(self) -> int | None:
        return None

    def originals(self) -> Iterator[Original | Skipped]:
        """The files, newest first."""
        channel = enter(self._slack, self._registered, self._notes)
        changes = self._notes.changes()
        listed: set[str] = set()
        for file in self._files():
            if file["id"] not in listed:
                listed.add(file["id"])
                yield self._one(file)
        self._notes.settle(changes)
        if not listed:
            yield Skipped(channel.name, "channels in which no file is shared")

    def _files(self) -> Iterator[Json]:
        number, last = 1, 1
        while number <= last:
            page = self._slack.call(
                "files.list",
                channel=self._registered.location,
                count=_PAGE,
                page=number,
                show_files_hidden_by_limit=True,
            )
            yield from page["files"]
            number, last = number + 1, int(page["paging"]["pages"])

    def _one(self, file: Json) -> Original | Skipped:
        if (
            file.get("file_access") == "check_file_info"
        ):  # of another organisation's people: only its id is told
            file = self._slack.call("files.info", file=file["id"])["file"]
        name = str(file.get("name") or file["id"])
        if reason := _unread(file):
            return Skipped(name, reason)
        changed = max(
            int(file.get(when) or 0) for when in ("created", "timestamp", "updated", "edit_timestamp")
        )
        return Original(
            id=file["id"],
            name=name,
            url=str(file.get("permalink") or ""),
            version=f"{file['id']}-{changed}-{file.get('size', 0)}-{file.get('title', '')}"[:200],
            read=partial(self._read, file),
            media_type=file.get("mimetype"),
            updated_at=datetime.fromtimestamp(changed, UTC) if changed else None,
            author=self._names.person(file["user"]) if file.get("user") else None,
        )

    def _read(self, file: Json) -> bytes:
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if not is_slacks(url, self._slack.api_url):
            raise DocumentUnreadable("has its content outside of Slack")
        limit = int(self._settings.fetch.max_megabytes * 1_000_000)
        if int(file.get("size") or 0) > limit:
            raise DocumentUnreadable(f"is larger than {self._settings.fetch.max_megabytes:g} MB")
        reply = self._fetch(url, limit)
        if not is_slacks(reply.url, self._slack.api_url):
            raise DocumentUnreadable("has its content outside of Slack")
        return _content(reply, file)

    def _fetch(self, url: str, limit: int) -> Response:
        token = {"Authorization": f"Bearer {self._slack.token}"}
        host = urlsplit(self._slack.api_url).hostname or ""
        if _in_slacks_domain(host):
            return self._fetcher.fetch(url, headers=token, max_bytes=limit)
        # A stand-in for Slack that the operator has named is trusted as Slack is, though it may be in a private network.
        settings = self._settings.fetch
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


def _unread(file: Json) -> str | None:
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
        raise SourceUnavailable(
            "was not given to the bot: Slack showed its sign-in page, as it does where the app lacks the scope files:read"
        )
    return reply.body
