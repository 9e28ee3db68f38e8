"""The program git, cut off from everything that could steer it.

Nothing of a repository is ever written as a file of its own: there is no checkout, hence no filters, links, hooks or
submodules. The configuration is ours alone, given in the environment (where a token is seen by nobody else); what git
says on its standard error may hold addresses and tokens and is turned into sentences of our own.
Settings: git-config(1), gitprotocol-http(5); the limits of a process: ulimit in POSIX.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Self

from ingestion.sources.git_complaints import in_words
from rag.errors import ConfigError, SourceUnavailable

_OLDEST = (2, 37)
"""The first git that can be held to an address: http.curloptResolve."""

_MEMORY_KB = 2_000_000
_LOOK_EVERY = 0.1  # seconds
_MOST_COMPLAINT = 20_000  # bytes of standard error that are looked at

_LIMITED = f'ulimit -v {_MEMORY_KB} 2>/dev/null; ulimit -c 0; exec "$0" "$@"'
"""A shell that gives up its place to git: the limit holds before the first byte of a stranger is read."""

CONFIGURATION: Mapping[str, str] = {
    "protocol.allow": "never",  # `network` allows https, and nothing else ever is
    "protocol.version": "2",
    "core.askPass": "",
    "core.bigFileThreshold": "10m",  # larger contents are streamed, never held
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",  # packs stay packs: one file, not one a blob
    "transfer.fsckObjects": "true",
    # Slips of old programs in old commits, harmless, and found in many well-known repositories.
    "fetch.fsck.badTimezone": "ignore",
    "fetch.fsck.missingSpaceBeforeDate": "ignore",
    "fetch.fsck.missingSpaceBeforeEmail": "ignore",
    "fetch.fsck.zeroPaddedFilemode": "ignore",
    "gc.auto": "0",
    "http.followRedirects": "false",  # elsewhere nobody has checked the address; nor are alternates followed then
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "http.proxy": "",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "transfer.bundleURI": "false",
}


class GitFailed(SourceUnavailable):
    """Git did not do it; the text is a sentence."""


class Outgrown(GitFailed):
    """What came at once was more bytes than allowed, and was cut off."""


class Git:
    """Git at work in a folder of its own, on the one bare repository in it.

    `most_bytes` is what the folder may grow to. `prepare` comes first: its `network` is added to the configuration of
    what goes out to the network, and may hold secrets.
    """

    def __init__(self, folder: Path, *, most_bytes: int, program: str = "git") -> None:
        self._program = program
        self._folder = folder.resolve()
        self._repository = self._folder / "repository.git"
        self._most_bytes = most_bytes
        self._network: Mapping[str, str] = {}

    def prepare(self, network: Mapping[str, str]) -> None:
        """Find the program. Raises ConfigError when there is none, or one too old."""
        self._program = _found(self._program)
        self._network = {**network, "protocol.https.allow": "always"}
        self._folder.mkdir(parents=True, exist_ok=True)
        version = re.search(r"(\d+)\.(\d+)", self.run("version").decode(errors="replace"))
        if not version or (int(version[1]), int(version[2])) < _OLDEST:
            raise ConfigError(_NEEDED)

    def make(self, object_format: str) -> None:
        """The empty repository: no templates, hence no hooks."""
        self.run(
            "init",
            "--quiet",
            "--bare",
            "--template=",
            f"--object-format={object_format}",
            str(self._repository),
        )

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        network: bool = False,
        most_output: int = 64_000_000,
        most_growth: int | None = None,
        cut: bool = False,
        seconds: float = 300,
    ) -> bytes:
        """What git prints. With `cut`, the first `most_output` bytes of it.

        Raises Outgrown when it prints more, or lets the folder grow by more than `most_growth`, and GitFailed when the
        folder holds too much in all, or its time is over; it and all that it started are ended then.
        """
        growth = self._most_bytes if most_growth is None else most_growth
        complaint = self._folder / "complaint"
        with complaint.open("w+b") as stderr, self._started(arguments, stderr.fileno(), network) as process:
            with _Watch(process, self._folder, self._most_bytes, growth, seconds) as watch:
                output = _exchange(process, stdin, most_output, cut)
            failure = watch.verdict or (Outgrown(_TOO_LARGE) if len(output) > most_output else None)
            if process.returncode and not (cut and len(output) == most_output):
                failure = failure or GitFailed(in_words(_said(complaint)))
        if failure:
            self._sweep()
            raise failure
        return output

    @contextmanager
    def _started(
        self, arguments: tuple[str, ...], stderr: int, network: bool
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """A process in a group of its own, which ends with the block."""
        process = subprocess.Popen(  # noqa: S603 - no shell reads the arguments: they are handed through
            ["/bin/sh", "-c", _LIMITED, self._program, *arguments],
            cwd=self._folder,
            env=self._environment(network),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                _end(process)

    def _environment(self, network: bool) -> dict[str, str]:
        configuration = {**CONFIGURATION, **(self._network if network else {})}
        variables = {
            "PATH": os.defpath,
            "HOME": str(self._folder),
            "LC_ALL": "C",
            "GIT_CEILING_DIRECTORIES": str(self._folder.parent),
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": str(len(configuration)),
        }
        if self._repository.exists():
            variables["GIT_DIR"] = str(self._repository)
        for number, (key, value) in enumerate(configuration.items()):
            variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return variables

    def boundary(self) -> frozenset[str]:
        """The commits whose parents were not fetched: gitrepository-layout(5), `shallow`."""
        try:
            return frozenset((self._repository / "shallow").read_text().split())
        except FileNotFoundError:
            return frozenset()

    def _sweep(self) -> None:
        """Take away what a fetch that was cut off leaves lying."""
        for pattern in ("objects/pack/tmp_*", "**/*.lock"):
            for left in self._repository.glob(pattern):
                left.unlink(missing_ok=True)


class _Watch:
    """Ends a process that takes too long or fills its folder; `verdict` says so."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        folder: Path,
        most_bytes: int,
        most_growth: int,
        seconds: float,
    ) -> None:
        self.verdict: GitFailed | None = None
        self._process = process
        self._folder = folder
        self._most_bytes = most_bytes
        self._most_then = _size(folder) + most_growth
        self._deadline = monotonic() + seconds
        self._done = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.verdict = self.verdict or self._judged()  # it may have been quicker than we looked

    def _look(self) -> None:
        while not self._done.wait(_LOOK_EVERY):
            self.verdict = self._judged()
            if monotonic() > self._deadline:
                self.verdict = GitFailed("The host of the repository takes too long.")
            if self.verdict:
                _end(self._process)
                return

    def _judged(self) -> GitFailed | None:
        size = _size(self._folder)
        if size > self._most_bytes:
            return GitFailed(_TOO_LARGE)
        return Outgrown(_TOO_LARGE) if size > self._most_then else None


_TOO_LARGE = "The repository is larger than can be taken in: name a folder in it."
_NEEDED = f"Git sources need the program git, version {_OLDEST[0]}.{_OLDEST[1]} or newer: install it."


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise ConfigError(_NEEDED)
    return found


def _exchange(process: "subprocess.Popen[bytes]", stdin: str, most_output: int, cut: bool) -> bytes:
    """Give it `stdin`, which must be short, take what it prints, and wait for its end."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    with suppress(BrokenPipeError):  # it has ended already; its exit says why
        process.stdin.write(stdin.encode())
        process.stdin.close()
    output = process.stdout.read(most_output + (not cut))
    if process.stdout.read(1):
        _end(process)
    process.wait()
    return output


def _end(process: "subprocess.Popen[bytes]") -> None:
    """It and all that it started. Its group stays ours until it is waited for, so that nobody else can be hit."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - ten times a second
            except FileNotFoundError:
                continue  # a temporary file of git that is gone again
    return total


def _said(complaint: Path) -> str:
    with complaint.open("rb") as file:
        return file.read(_MOST_COMPLAINT).decode(errors="replace")
