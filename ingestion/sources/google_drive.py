"""A folder of Google Drive and all below it, or one document: as far as it is shared with the service account.

Whoever shares something with the account shares it with the readers of the source. The account may see more than one
source is meant to show; hence shortcuts, which lead out of the folder, are not followed unless the source says so.

A file that is listed and cannot be fetched a moment later keeps its chunks: what is gone, the next listing tells.
"""

import re
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath

from ingestion.parsing import SUFFIXES
from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped, Unlisted
from ingestion.sources.google_drive_api import Drive, File
from ingestion.sources.rest import NotThere
from ingestion.sources.selection import Selection
from rag.errors import ConfigError, DocumentUnreadable, SourceGone, SourceUnavailable

_DEEPEST = 50  # folders in folders
_GOOGLES = "application/vnd.google-apps."
_FOLDER, _SHORTCUT = f"{_GOOGLES}folder", f"{_GOOGLES}shortcut"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORD = f"{_OFFICE}wordprocessingml.document"
_EXCEL = f"{_OFFICE}spreadsheetml.sheet"
_POWERPOINT = f"{_OFFICE}presentationml.presentation"
_EXPORTS = {
    f"{_GOOGLES}document": _WORD,
    f"{_GOOGLES}spreadsheet": _EXCEL,
    f"{_GOOGLES}presentation": _POWERPOINT,
}
"""What is made of documents that have no file. Markdown would do for text, but carries pictures along as base64."""

_ENDINGS = {
    _WORD: ".docx",
    _EXCEL: ".xlsx",
    _POWERPOINT: ".pptx",
    "application/pdf": ".pdf",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_ID = re.compile(r"(?:^|/folders/|/d/|[?&]id=)([\w-]{10,})(?=[/?#&]|$)", re.ASCII)


class GoogleDrive:
    """`location` is the address or id of a folder, a shared drive or a document; `include` and `exclude` choose by path;
    with the option `shortcuts=yes` documents that shortcuts lead to are taken as well, folders never.
    """

    def __init__(self, registered: RegisteredSource, means: Means) -> None:
        self._id = _id_in(registered.location)
        self._selection = Selection.of(registered.options)
        self._follows = registered.options.get("shortcuts", "no").strip().lower() in {"yes", "true"}
        self._memory = means.memory
        self._drive = Drive(means.settings.google, means.fetcher)
        self._max_bytes = int(means.settings.fetch.max_megabytes * 1_000_000)

    def count(self) -> int | None:
        return None

    def originals(self) -> Iterator[Original | Skipped | Unlisted]:
        root = self._root()
        listed: set[str] = set()
        for found in self._below(root) if root.media_type == _FOLDER else [self._one(root, _plain(root))]:
            if not isinstance(found, Original):
                yield found
            elif found.id not in listed:  # in two folders, or behind a shortcut, too
                listed.add(found.id)
                yield found

    def _root(self) -> File:
        try:
            root = self._drive.file(self._id)
        except NotThere:
            root = None
        seen = [self._id, self._drive.email]
        if root and not root.is_trashed:
            self._memory.put({"root": seen})
            return root
        if self._memory.get("root") == seen:  # by this very account: another one may just not be let in yet
            raise SourceGone(
                "Google Drive no longer shows the folder or document to the bot: it was deleted, or is not shared any more."
            )
        raise SourceUnavailable(
            f"Google Drive shows no such folder or document to the bot: share it with {self._drive.email}"
        )

    def _below(self, root: File) -> Iterator[Original | Skipped | Unlisted]:
        """All that lies in the folder, those near the top first."""
        waiting, known = deque([(root, "", 0)]), {root.id}
        while waiting:
            folder, path, depth = waiting.popleft()
            try:
                files = self._drive.children(folder.id)
            except NotThere as error:
                yield Unlisted("", f"the folder {path} could not be listed: {error}")
                continue
            for file in files:
                inner = f"{path}{_plain(file)}"
                if file.media_type != _FOLDER:
                    yield self._one(file, inner)
                elif reason := self._reason_against_folder(inner, depth):
                    yield Skipped(inner, reason)
                elif file.id not in known:
                    known.add(file.id)
                    waiting.append((file, f"{inner}/", depth + 1))

    def _reason_against_folder(self, path: str, depth: int) -> str | None:
        if depth == _DEEPEST:
            return f"folders more than {_DEEPEST} deep"
        return "folders left out by exclude" if self._selection.leaves_out_folder(path) else None

    def _one(self, file: File, path: str) -> Original | Skipped:
        if file.media_type == _SHORTCUT:
            return self._behind(file, path)
        media_type = _EXPORTS.get(file.media_type, file.media_type)
        if media_type.startswith(_GOOGLES):
            return Skipped(path, "Google forms, drawings, sites and the like are not read")
        name = _named(path, media_type, is_export=media_type != file.media_type)
        if reason := self._selection.reason_against(name):
            return Skipped(name, reason)
        if not file.may_be_downloaded:
            return Skipped(name, "files that their owner does not let others download")
        return Original(
            id=file.id,
            name=name,
            url=file.url,
            version=file.version,
            read=partial(self._read, file, media_type),
            media_type=media_type,
            updated_at=file.updated_at,
            author=file.author,
        )

    def _behind(self, shortcut: File, path: str) -> Original | Skipped:
        if not self._follows or not shortcut.target:
            return Skipped(path, "shortcuts are not followed without the option shortcuts=yes")
        try:
            file = self._drive.file(shortcut.target)
        except NotThere:
            return Skipped(path, "shortcuts to what is not shared with the bot")
        if file.is_trashed or file.media_type in {_FOLDER, _SHORTCUT}:
            return Skipped(path, "shortcuts to folders, and to what is in the trash, are not followed")
        return self._one(file, path)

    def _read(self, file: File, media_type: str) -> bytes:
        if media_type != file.media_type:
            return self._drive.exported(file, media_type, self._max_bytes)
        if file.size > self._max_bytes:
            raise DocumentUnreadable(f"is larger than {self._max_bytes / 1_000_000:g} MB")
        return self._drive.downloaded(file, self._max_bytes)


def _plain(file: File) -> str:
    """The name as one step of a path: at Google it may hold slashes."""
    return file.name.replace("/", "-") or file.id


def _named(path: str, media_type: str, *, is_export: bool) -> str:
    """The path with the ending of what is read; few files at Google lack it, and documents made there have none."""
    has_ending = PurePosixPath(path).suffix.lower() in SUFFIXES
    return path if has_ending and not is_export else path + _ENDINGS.get(media_type, "")


def _id_in(location: str) -> str:
    """The id of the folder or document. Raises ConfigError where there is none."""
    if found := _ID.search(location):
        return found[1]
    raise ConfigError(f"{location or 'Nothing'} is not the address of a folder or document in Google Drive.")
