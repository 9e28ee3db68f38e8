"""What Google Drive says of its files, through version 3 of its API: rate limits obeyed, refusals told apart.

Drive tells by a word in the answer why it refuses: the same 403 stands for "slower", "too large" and "not allowed".

https://developers.google.com/workspace/drive/api/reference/rest/v3/files
https://developers.google.com/workspace/drive/api/guides/handle-errors
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from ingestion.fetching import Fetcher, FetchRefused, Response
from ingestion.sources.google_account import ServiceAccount
from ingestion.sources.rest import Json, NotThere
from rag.errors import ConfigError, DocumentUnreadable, SourceUnavailable
from rag.settings import GoogleSettings

_SCOPE = "https://www.googleapis.com/auth/drive.readonly"
_FIELDS = (
    "id,name,mimeType,md5Checksum,modifiedTime,version,size,webViewLink,trashed,capabilities(canDownload),"
    "lastModifyingUser(displayName),shortcutDetails(targetId)"
)
_LISTED = f"nextPageToken,incompleteSearch,files({_FIELDS})"
_PAGE, _MOST_PAGES = 1000, 1000  # files asked for at once; pages of one folder
_MOST_BYTES = 25_000_000  # of an answer that is no file
_TRIES = 5
_LONGEST_WAIT = 60.0  # seconds; for a longer pause the sync ends
_LONGEST_VERSION = 200
_UNAUTHORISED, _NOT_FOUND, _TOO_MANY, _BUSY, _FIRST_FAULT = 401, 404, 429, 503, 500
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_NOT_ENABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_UNREADABLE = {
    "exportSizeLimitExceeded": "is larger than the 10 MB that Google exports",
    "fileNotExportable": "cannot be exported by Google",
    "fileNotDownloadable": "cannot be downloaded from Google",
    "cannotDownloadFile": "may not be downloaded from Google",
    "cannotDownloadAbusiveFile": "is held back by Google as malware or spam",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file or folder as it is listed. `media_type` is one of Google's own for what was made there; `size` is in bytes
    and 0 where it is not told; `target` is the id of what a shortcut leads to.
    """

    id: str
    name: str
    media_type: str
    url: str
    version: str
    size: int
    updated_at: datetime | None
    author: str | None
    target: str | None
    is_trashed: bool
    may_be_downloaded: bool


class Drive:
    """Google Drive as one service account sees it. Everything raises NotThere for what is not there or not shared with
    the account, SourceUnavailable, and ConfigError where the operator must act.
    """

    def __init__(self, settings: GoogleSettings, fetcher: Fetcher) -> None:
        self._account = ServiceAccount(settings, _SCOPE, fetcher)
        self._files = f"{settings.api_url}drive/v3/files"
        self._fetcher = fetcher

    @property
    def email(self) -> str:
        """With whom folders are shared."""
        return self._account.email

    def file(self, file_id: str) -> File:
        return _file(self._told(f"/{quote(file_id)}", supportsAllDrives="true", fields=_FIELDS))

    def children(self, folder_id: str) -> list[File]:
        """What lies in a folder and not in the trash, by name."""
        query = {
            "q": f"'{folder_id}' in parents and trashed = false",
            "corpora": "allDrives",
            "includeItemsFromAllDrives": "true",
            "supportsAllDrives": "true",
            "pageSize": str(_PAGE),
            "fields": _LISTED,
        }
        found: list[File] = []
        for _ in range(_MOST_PAGES):
            answer = self._told("", **query)
            if answer.get("incompleteSearch"):  # what is missing would be taken for deleted
                raise SourceUnavailable("Google Drive did not look everywhere")
            found += map(_file, answer.get("files") or ())
            if not answer.get("nextPageToken"):
                return sorted(found, key=lambda file: (file.name, file.id))
            query["pageToken"] = str(answer["nextPageToken"])
        raise SourceUnavailable("Google Drive lists more than can be right")

    def downloaded(self, file: File, max_bytes: int) -> bytes:
        """The file as it was uploaded. Raises DocumentUnreadable, also when it is larger than `max_bytes`."""
        query = {"alt": "media", "supportsAllDrives": "true"}
        return self._answered(f"/{quote(file.id)}", query, max_bytes)

    def exported(self, file: File, media_type: str, max_bytes: int) -> bytes:
        """What was made in Google Docs, Sheets or Slides, as a file of this type. Raises as `downloaded` does."""
        return self._answered(f"/{quote(file.id)}/export", {"mimeType": media_type}, max_bytes)

    def _told(self, path: str, **query: str) -> Json:
        try:
            answer = json.loads(self._answered(path, query, _MOST_BYTES))
        except FetchRefused as error:
            raise ConfigError(f"Google Drive {error}; see FETCH_TRUSTED_HOSTS in .env.example.") from error
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise SourceUnavailable("Google Drive answered what it does not usually answer")
        return answer

    def _answered(self, path: str, query: dict[str, str], max_bytes: int) -> bytes:
        url = f"{self._files}{path}?{urlencode(query)}"
        for tried in range(_TRIES):
            bearer = {"Authorization": f"Bearer {self._account.token()}"}
            response = self._fetcher.fetch(url, headers=bearer, max_bytes=max_bytes)
            reason = _reason(response)
            if response.status == _UNAUTHORISED and tried == 0:
                self._account.forget_token()  # it may have been withdrawn
            elif response.status in {_TOO_MANY, _BUSY} or reason in _TOO_FAST:
                _pause(response, 2.0**tried)
            else:
                return self._checked(response, reason)
        raise SourceUnavailable("Google Drive asked to wait again and again")

    def _checked(self, response: Response, reason: str) -> bytes:
        status = response.status
        if status < 300:  # noqa: PLR2004 - success ends at 299
            return response.body
        if reason in _UNREADABLE:
            raise DocumentUnreadable(_UNREADABLE[reason])
        if reason in _NOT_ENABLED:
            raise ConfigError(
                f"The Google Drive API is not enabled in the project of {self.email} (GOOGLE_CREDENTIALS_FILE)."
            )
        if status == _UNAUTHORISED:
            raise ConfigError("Google Drive does not accept the token; check GOOGLE_CREDENTIALS_FILE.")
        if status == _NOT_FOUND:
            raise NotThere("Google Drive does not show this to the bot")
        if status >= _FIRST_FAULT:
            raise SourceUnavailable(f"Google Drive has a fault of its own right now ({status})")
        raise SourceUnavailable(f"Google Drive refuses this ({status})")


def _pause(response: Response, usual: float) -> None:
    asked = response.retry_after_seconds
    seconds = usual if asked is None else asked
    if seconds > _LONGEST_WAIT:
        message = f"Google Drive asks to wait for {seconds:.0f} seconds"
        raise SourceUnavailable(message, retry_after_seconds=seconds)
    time.sleep(seconds)


def _reason(response: Response) -> str:
    """The word by which Drive tells why it refuses; empty where it does not."""
    if response.status < 400:  # noqa: PLR2004 - refusals begin there
        return ""
    try:
        error = json.loads(response.body)["error"]
        told = [*(error.get("errors") or ()), *(error.get("details") or ())]
        return next((str(each["reason"]) for each in told if each.get("reason")), "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _file(row: Json) -> File:
    changed = str(row.get("modifiedTime") or "")
    # Of what was made at Google no hash is told; its version counts what nobody sees, too, and its time does not.
    content = row.get("md5Checksum") or f"{changed} {row.get('version', '')}"
    return File(
        id=str(row["id"]),
        name=str(row["name"]),
        media_type=str(row["mimeType"]),
        url=str(row.get("webViewLink") or f"https://drive.google.com/open?id={row['id']}"),
        version=f"{content} {row['name']}"[:_LONGEST_VERSION],
        size=int(row.get("size") or 0),
        updated_at=datetime.fromisoformat(changed) if changed else None,
        author=(row.get("lastModifyingUser") or {}).get("displayName"),
        target=(row.get("shortcutDetails") or {}).get("targetId"),
        is_trashed=bool(row.get("trashed")),
        may_be_downloaded=bool((row.get("capabilities") or {}).get("canDownload", True)),
    )
