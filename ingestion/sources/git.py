"""A branch of a Git repository, fetched over https.

What a sync fetches is as little as will do (see `git_clone`), and nothing at all beyond the branch's commit when that is
the one of the last sync. Links open a file as it was at the commit that last changed it, as far as the fetched history
tells, else at the one at which we first saw its content; they stay as they are until the content changes, so that a
commit elsewhere in the repository does not touch the file's chunks.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlsplit

from ingestion.fetching import FetchRefused
from ingestion.parsing import SUFFIXES, DocumentEmpty
from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped, Unlisted
from ingestion.sources.code_hosts import repository_of
from ingestion.sources.git_clone import MOST_AT_ONCE, Clone, Entry
from ingestion.sources.git_process import Git
from ingestion.sources.git_token import authorization
from ingestion.sources.moments import moment
from ingestion.sources.selection import Selection, is_hidden
from rag.errors import SourceUnavailable

MOST_BYTES = 500_000_000
"""What may be fetched of one repository in one sync."""

_LISTING = 1  # a new number lets what is remembered of the last listing be forgotten
_FILE = "file:"
_MOST_SKIPPED = 10_000  # remembered; of a repository with more, the trees are fetched at each sync
_LFS = b"version https://git-lfs.github.com/spec/"
_NO_DOCUMENTS = {"link": "symbolic links are not followed", "submodule": "submodules are not entered"}


@dataclass(frozen=True, slots=True)
class _File:
    """A file, the blob that is its content, and the commit that this content came with."""

    path: str
    blob: str
    commit: str
    author: str
    at: int

    @property
    def memory(self) -> dict[str, Any]:
        return {f"{_FILE}{self.path}": [self.blob, self.commit, self.author, self.at]}


@dataclass(frozen=True, slots=True)
class _Listing:
    """What is there at `head`. `fresh`: the blobs that we did not know at the last sync, in the order of the files."""

    head: str
    files: list[_File]
    skipped: list[Skipped]
    fresh: Mapping[str, None]


class GitRepository:
    """The selected files of one branch, below one folder.

    The location is any address that people paste for a repository (see `code_hosts.repository_of`), also that of a
    branch, a folder or a file in it. Options: `branch` (or tag; the default branch unless given), `folder`, `include`,
    `exclude` (patterns from the folder on, see `Selection`), `link` (see `repository_of`). Raises ConfigError when one
    makes no sense.
    """

    def __init__(self, registered: RegisteredSource, means: Means, *, most_bytes: int = MOST_BYTES) -> None:
        options = registered.options
        self._repository = repository_of(registered.location, link=options.get("link", ""))
        self._branch = options.get("branch", "").strip()
        self._folder = options.get("folder", "").strip().removeprefix("./").strip("/")
        self._selection = Selection.of(options)
        self._choice = [self._repository.url, options.get("include", ""), options.get("exclude", "")]
        self._settings = means.settings.git
        self._authorization = authorization(self._settings.token, self._repository)
        self._fetcher = means.fetcher
        self._memory = means.memory
        self._git = Git(means.scratch / "git", most_bytes=most_bytes)
        self._clone = Clone(self._git, self._repository.url)

    def originals(self) -> Iterator[Original | Skipped | Unlisted]:
        listing = self._listing
        yield from listing.skipped
        for number, file in enumerate(listing.files):
            yield Original(
                id=file.path,
                name=file.path,
                url=self._repository.link(file.commit, file.path),
                version=file.blob,
                read=partial(self._read, number),
                updated_at=moment(file.at),
                author=file.author or None,
                by_line=self._repository.by_line,
            )

    def count(self) -> int | None:
        return None  # listing goes out to the network: the time for that is when it is listed

    @cached_property
    def _listing(self) -> _Listing:
        self._git.prepare(self._network())
        head, folder = self._head()
        choice = hashlib.sha256(
            json.dumps([_LISTING, head, folder, *self._choice, *sorted(SUFFIXES)]).encode()
        )
        remembered = [
            _File(key.removeprefix(_FILE), *value) for key, value in self._memory.all(_FILE).items()
        ]
        last = self._memory.get("last") or {}
        if (last.get("choice"), last.get("files")) == (choice.hexdigest(), len(remembered)):
            return _Listing(head, _in_order(remembered), [Skipped(*one) for one in last["skipped"]], {})
        listing = self._listed_anew(head, folder, remembered, last.get("head"))
        self._remember(listing, choice.hexdigest(), remembered)
        return listing

    def _network(self) -> dict[str, str]:
        """The configuration of what goes out: to one address, which was checked, with the token for it."""
        url = urlsplit(self._repository.url)
        try:
            address = self._fetcher.pinned(self._repository.url)
        except FetchRefused as error:
            raise SourceUnavailable(f"The repository {error}.") from None
        network = {}
        if url.hostname != address.strip("[]"):
            network["http.curloptResolve"] = f"{url.hostname}:{url.port or 443}:{address}"
        if self._settings.ca_file:
            network["http.sslCAInfo"] = str(self._settings.ca_file.absolute())
        if self._authorization:
            network[f"http.{self._repository.origin}/.extraHeader"] = f"Authorization: {self._authorization}"
        return network

    def _head(self) -> tuple[str, str]:
        """The commit to read, and the folder in it. Raises SourceUnavailable when there is no such branch."""
        if not (self._branch or self._repository.place):
            commit = self._clone.default_commit()
            if commit is None:
                raise SourceUnavailable("The repository is empty: nothing was ever committed to it.")
            return commit, self._folder
        folders = _folders_by_branch(self._repository.place, self._branch)
        commits = self._clone.commits_of(folders)
        branch = max(commits, key=len, default=None)
        if branch is None:
            raise SourceUnavailable(f"There is no branch {min(folders, key=len)} in the repository.")
        return commits[branch], self._folder or folders[branch]

    def _listed_anew(
        self, head: str, folder: str, remembered: list[_File], last_head: str | None
    ) -> _Listing:
        self._clone.fetch(head)
        entries, skipped = self._sorted_out(self._clone.files(head, folder), folder)
        wanted = {entry.path: entry.blob for entry in entries}
        known = {file.path: file for file in remembered if wanted.get(file.path) == file.blob}
        has_history = self._clone.deepen(head)
        if has_history and last_head and not self._clone.contains(last_head):
            known = {}  # history was rewritten: the host may have forgotten the commits that links went to
        new = {path: blob for path, blob in wanted.items() if path not in known}
        origins = self._clone.origins(head, folder, new) if has_history and new else {}
        tip = self._clone.commit(head)
        for path, blob in new.items():
            commit = origins.get(path, tip)
            known[path] = _File(path, blob, commit.id, commit.author, commit.at)
        fresh = set(wanted.values()) - {file.blob for file in remembered}
        files = _in_order(known.values())
        return _Listing(head, files, skipped, {file.blob: None for file in files if file.blob in fresh})

    def _sorted_out(self, entries: Iterable[Entry], folder: str) -> tuple[list[Entry], list[Skipped]]:
        """Documents, and what is none; hidden files are neither."""
        documents, skipped, empty = list[Entry](), list[Skipped](), True
        for entry in entries:
            empty = False
            inside = entry.path.removeprefix(f"{folder}/") if folder else entry.path
            inside = inside.rpartition("/")[2] if entry.path == folder else inside
            if is_hidden(inside):
                continue
            reason = self._selection.reason_against(inside) or _NO_DOCUMENTS.get(entry.kind)
            if reason is None:
                documents.append(entry)
            else:
                skipped.append(Skipped(entry.path, reason))
        if folder and empty:
            raise SourceUnavailable(f"There is no folder {folder} in the repository.")
        return documents, skipped

    def _remember(self, listing: _Listing, choice: str, remembered: list[_File]) -> None:
        """First what there is, in one step, then away with what is no more; cut short in between, the number of files
        shows it, and the next sync lists anew.
        """
        before = {file.path: file for file in remembered}
        changed: dict[str, Any] = {}
        for file in listing.files:
            if before.pop(file.path, None) != file:
                changed |= file.memory
        if len(listing.skipped) > _MOST_SKIPPED:
            choice = ""
        skipped = [[one.name, one.reason] for one in listing.skipped if choice]
        last = {"head": listing.head, "choice": choice, "files": len(listing.files), "skipped": skipped}
        self._memory.put({**changed, "last": last})
        self._memory.forget([f"{_FILE}{path}" for path in before])

    def _read(self, number: int) -> bytes:
        """The content, fetched together with what will be asked for next: all that is new, or what comes after it."""
        listing = self._listing
        blob = listing.files[number].blob
        after = (file.blob for file in listing.files[number : number + MOST_AT_ONCE])
        content = self._clone.content(listing.head, blob, listing.fresh if blob in listing.fresh else after)
        if content.startswith(_LFS):
            raise DocumentEmpty("is stored in Git LFS, which is not fetched")
        return content


def _folders_by_branch(place: str, branch: str) -> dict[str, str]:
    """What each possible name of the branch leaves of `a/b/c` for the folder."""
    if branch:
        inside = place.startswith(f"{branch}/")
        return {branch: place.removeprefix(f"{branch}/") if inside else ""}
    steps = place.split("/")
    return {"/".join(steps[:end]): "/".join(steps[end:]) for end in range(1, len(steps) + 1)}


def _in_order(files: Iterable[_File]) -> list[_File]:
    return sorted(files, key=lambda file: file.path)
