"""A folder tree on a disk of this machine.

Hidden files and folders are passed over in silence. Links are followed to files inside the folder only, so that a
link planted in it cannot bring in what lies elsewhere; a linked folder is not entered, since what it shows is found
at its own place.
"""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

from ingestion.parsing import MAX_BYTES, SUFFIXES
from ingestion.sources import Original, Skipped, Unlisted
from rag.errors import SourceUnavailable

_LONGEST_ID = 500  # characters; document ids are a key in database and index


class Folder:
    """The files of `location` that `ingestion.parsing` reads; with `base_url`, that is where people open them."""

    def __init__(self, location: str | Path, *, base_url: str | None = None) -> None:
        self._root = Path(location)
        self._base_url = base_url.rstrip("/") + "/" if base_url else None

    def originals(self) -> Iterator[Original | Skipped | Unlisted]:
        yield from self._under("", self._resolved_root())

    def count(self) -> int | None:
        return sum(isinstance(found, Original) for found in self.originals())

    def _resolved_root(self) -> Path:
        try:
            return self._root.resolve(strict=True)
        except (OSError, RuntimeError):
            raise SourceUnavailable(f"The folder {self._root} is not there.") from None

    def _under(self, prefix: str, root: Path) -> Iterator[Original | Skipped | Unlisted]:
        """What lies under `root/prefix`; `prefix` is empty or ends in a slash."""
        try:
            entries = sorted(os.scandir(root / prefix), key=lambda entry: entry.name)
        except OSError as error:
            if not prefix:
                raise SourceUnavailable(f"The folder {self._root} cannot be read: {_why(error)}.") from error
            yield Unlisted(prefix, f"the folder cannot be read: {_why(error)}")
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from self._under(f"{path}/", root)
            else:
                yield self._file(path, root)

    def _file(self, path: str, root: Path) -> Original | Skipped | Unlisted:
        if reason := _unfit(path):
            return Skipped(path, reason)
        try:
            target = (root / path).resolve(strict=True)
            status = target.stat()
        except (FileNotFoundError, RuntimeError):  # RuntimeError: a link to itself
            return Skipped(path, "links that lead nowhere are not followed")
        except OSError as error:
            return Unlisted(path, f"cannot be read: {_why(error)}")
        if not target.is_relative_to(root):
            return Skipped(path, "links that lead out of the folder are not followed")
        if not stat.S_ISREG(status.st_mode):
            return Skipped(path, "only files are read: linked folders, devices and the like are not")
        return Original(
            id=path,
            name=path,
            url=self._url(path),
            version=f"{status.st_mtime_ns}-{status.st_size}",
            read=partial(_read, target),
            updated_at=datetime.fromtimestamp(int(status.st_mtime), UTC),
        )

    def _url(self, path: str) -> str:
        if self._base_url:
            return self._base_url + quote(path)
        return (self._root.absolute() / path).as_uri()


def _unfit(path: str) -> str | None:
    """Why a file of this name is no document, or None."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        return f"{suffix} files are not read" if suffix else "files without an ending are not read"
    if not path.isascii() and any(
        "\ud800" <= letter <= "\udfff" for letter in path
    ):  # bytes that are no text
        return "the file name is not valid Unicode"
    if len(path) > _LONGEST_ID:
        return f"the path is longer than {_LONGEST_ID} characters"
    return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceUnavailable(f"cannot be read: {_why(error)}") from error


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
