"""As little of one repository as will do: the head's trees, then the contents that are asked for, some at a time.

Partial clones (gitprotocol-v2, `filter`) keep it small: trees come without contents, and history comes without
contents, too. From servers without filters the head comes whole, and history does not come at all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingestion.decoding import visible
from ingestion.parsing import MAX_BYTES
from ingestion.sources.git_process import Git, GitFailed, Outgrown
from rag.errors import DocumentUnreadable

MOST_AT_ONCE = 500
"""Contents that are fetched together."""

_HISTORY_LEVELS = 300
_HISTORY_BYTES = 100_000_000
_HISTORY_SECONDS = 60
_BATCH_BYTES = 100_000_000
_LONGEST_AUTHOR = 100  # characters
_OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCH = re.compile(
    r"(?!-)(?!.*(?:\.\.|//|@\{))[^\x00-\x20\x7f~^:?*\[\\]+(?<![/.])"
)  # git-check-ref-format(1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree. `kind`: blob, link or submodule."""

    path: str
    blob: str
    kind: str


@dataclass(frozen=True, slots=True)
class Commit:
    """`at` is when it came into being, in seconds since 1970."""

    id: str
    author: str
    at: int


class Clone:
    """One repository at `url`, made by `git`. `batch_bytes`: what contents fetched together may come to."""

    def __init__(self, git: Git, url: str, *, batch_bytes: int = _BATCH_BYTES) -> None:
        self._batch_bytes = batch_bytes
        self._git = git
        self._url = url
        self._fetched = False
        self._missing: set[str] = set()
        self._too_large: set[str] = set()

    def default_commit(self) -> str | None:
        """The newest commit of the branch that people see first; None in an empty repository."""
        return self._refs("HEAD").get("HEAD")

    def commits_of(self, names: Iterable[str]) -> Mapping[str, str]:
        """The commit of each branch, or else tag, of these names that there is."""
        wanted = [name for name in names if _BRANCH.fullmatch(name)]
        patterns = [f"refs/{kind}/{name}" for name in wanted for kind in ("heads", "tags")]
        patterns += [f"refs/tags/{name}^{{}}" for name in wanted]
        if not patterns:
            return {}
        refs = self._refs(*patterns)
        found = {
            name: refs.get(f"refs/heads/{name}")
            or refs.get(f"refs/tags/{name}^{{}}")
            or refs.get(f"refs/tags/{name}")
            for name in wanted
        }
        return {name: commit for name, commit in found.items() if commit}

    def fetch(self, head: str) -> None:
        """The trees of the commit, and its contents where the server cannot leave them out. Once is enough."""
        if self._fetched:
            return
        self._git.make("sha256" if len(head) > 40 else "sha1")  # noqa: PLR2004 - hexadecimal digits of a SHA-1
        self._fetch("--depth=1", head)
        listed = self._git.run("rev-list", "--objects", "--no-object-names", "--missing=print", head)
        self._missing = {line[1:] for line in listed.decode().split("\n") if line.startswith("?")}
        self._fetched = True

    def files(self, head: str, folder: str) -> Iterator[Entry]:
        """All under `folder` (empty: all there are), or the one file of that path, in the order of the tree."""
        where = ["--", folder] if folder else []
        listed = self._git.run("ls-tree", "-r", "-z", "--full-tree", head, *where)
        for line in listed.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, blob = about.decode().split(" ")
            kind = {"120000": "link", "160000": "submodule"}.get(mode, "blob")
            yield Entry(path.decode("utf-8", "surrogateescape"), blob, kind)

    def deepen(self, head: str) -> bool:
        """Fetch some history of `head`; False where that would be too much."""
        if not self._missing:  # a server without filters would send the contents of all these commits
            return False
        try:
            self._fetch(
                f"--depth={_HISTORY_LEVELS}", head, most_growth=_HISTORY_BYTES, seconds=_HISTORY_SECONDS
            )
        except GitFailed:
            return False
        return True

    def contains(self, commit: str) -> bool:
        """Whether the commit is part of the history that was fetched."""
        try:
            self._git.run("cat-file", "-e", f"{commit}^{{commit}}")
        except GitFailed:
            return False
        return True

    def commit(self, head: str) -> Commit:
        """The commit itself."""
        said = self._git.run("log", "-1", "--no-mailmap", "--encoding=UTF-8", _FORMAT, "--no-patch", head)
        return _commit(said.decode(errors="replace").rstrip("\n"))

    def origins(self, head: str, folder: str, wanted: Mapping[str, str]) -> dict[str, Commit]:
        """The last commit that made each path what it is now, by path, of those in the history that was fetched;
        `wanted` is the blob of each path.
        """
        where = ["--", folder] if folder else []
        about = ("--raw", "-z", "--no-renames", "--no-abbrev", "--no-mailmap", "--encoding=UTF-8", _FORMAT)
        try:
            said = self._git.run("log", *about, head, *where)
        except GitFailed:  # commits that touch more than can be taken in
            return {}
        return _origins(said, wanted, self._git.boundary())

    def content(self, head: str, blob: str, soon: Iterable[str]) -> bytes:
        """The content of a file, of more than MAX_BYTES the beginning; contents wanted `soon` may come along.

        Raises DocumentUnreadable when it is too large even to be fetched.
        """
        self.fetch(head)
        if blob in self._missing:
            self._fetch_contents(
                [one for one in dict.fromkeys([blob, *soon]) if one in self._missing][:MOST_AT_ONCE]
            )
        if blob in self._too_large:
            raise DocumentUnreadable(f"is larger than {self._batch_bytes // 1_000_000} MB")
        return self._git.run("cat-file", "blob", blob, most_output=MAX_BYTES + 1, cut=True)

    def _refs(self, *patterns: str) -> dict[str, str]:
        said = self._git.run("ls-remote", "--", self._url, *patterns, network=True)
        lines = (line.split("\t") for line in said.decode(errors="replace").split("\n") if "\t" in line)
        return {name: commit for commit, name in lines if _OBJECT.fullmatch(commit)}

    def _fetch_contents(self, blobs: list[str]) -> None:
        """Fetch them together; where that is too much, look for the one to blame by halves."""
        try:
            self._fetch("--stdin", stdin="\n".join(blobs) + "\n", most_growth=self._batch_bytes)
        except Outgrown:
            if len(blobs) == 1:
                self._too_large.update(blobs)
            else:
                self._fetch_contents(blobs[: len(blobs) // 2])
                self._fetch_contents(blobs[len(blobs) // 2 :])
        self._missing.difference_update(blobs)

    def _fetch(
        self, *what: str, stdin: str = "", most_growth: int | None = None, seconds: float = 300
    ) -> None:
        options, objects = (
            [one for one in what if one.startswith("-") == is_option] for is_option in (True, False)
        )
        self._git.run(
            *(
                "-c",
                f"remote.origin.url={self._url}",
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
            ),
            *("--filter=blob:none", *options, "origin", *objects),
            stdin=stdin,
            network=True,
            most_growth=most_growth,
            seconds=seconds,
        )


_FORMAT = "--format=%H %ct %an"


def _commit(line: str) -> Commit:
    id_, at, author = line.split(" ", 2)
    return Commit(id_, " ".join(visible(author).split())[:_LONGEST_AUTHOR], int(at))


def _origins(said: bytes, wanted: Mapping[str, str], boundary: frozenset[str]) -> dict[str, Commit]:
    found: dict[str, Commit] = {}
    commit = None
    words = iter(said.split(b"\0"))
    for word in words:
        if word.lstrip(b"\n").startswith(b":"):
            path = next(words, b"").decode("utf-8", "surrogateescape")
            blob = word.split(b" ")[3].decode()
            if commit and commit.id not in boundary and wanted.get(path) == blob:
                found.setdefault(path, commit)
        elif word.strip():
            commit = _commit(word.decode(errors="replace").strip("\n"))
    return found
