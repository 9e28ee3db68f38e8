"""A folder tree on a disk of this machine.

Hidden files and folders are passed over in silence. Links are followed to files inside the folder only, so that a
link planted in it cannot bring in what lies elsewhere, not even one planted between listing and reading; a linked
folder is not entered, since what it shows is found at its own place.
"""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

from ingestion.parsing import MAX_BYTES
from ingestion.sources import Original, Skipped, Unlisted
from ingestion.sources.moments import moment
from ingestion.sources.selection import Selection
from rag.errors import SourceUnavailable

_EVERYTHING = Selection()


class Folder:
    """The files of `location` that are selected; with `base_url`, that is where people open them."""

    def __init__(
        self, location: str | Path, *, base_url: str | None = None, selection: Selection = _EVERYTHING
    ) -> None:
        self._root = Path(location)
        self._base_url = base_url.rstrip("/") + "/" if base_url else None
        self._selection = selection

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
            if not entry.is_dir(follow_symlinks=False):
                yield self._file(path, root)
            elif self._selection.leaves_out_folder(path):
                yield Skipped(path, "folders left out by exclude")
            else:
                yield from self._under(f"{path}/", root)

    def _file(self, path: str, root: Path) -> Original | Skipped | Unlisted:
        if reason := self._selection.reason_against(path):
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
            read=partial(_read, root, target),
            updated_at=moment(status.st_mtime),
        )

    def _url(self, path: str) -> str:
        if self._base_url:
            return self._base_url + quote(path)
        return (self._root.absolute() / path).as_uri()


def _read(root: Path, target: Path) -> bytes:
    try:
        with os.fdopen(_opened(root, target), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceUnavailable("cannot be read: it is no file any more")
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceUnavailable(f"cannot be read: {_why(error)}") from error


def _opened(root: Path, target: Path) -> int:
    """The file, opened one folder after the other and through no link: its real path was made when it was listed, so
    a link met now has been put there since and may lead anywhere. Never waits for a pipe's other end.
    """
    *folders, name = target.relative_to(root).parts
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
