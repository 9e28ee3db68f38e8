"""What a process that reads hostile files gives up before it reads the first. Each wall stands where the system has it.

    wall                          holds against                                   where
    a network namespace           any connection, by any code                     Linux that lets users make namespaces
    Landlock                      files but the program's own, programs, TCP,     Linux 5.13, more of it later
                                  signals to others; by any code
    seccomp                       sockets of any kind, programs, processes, and   Linux on x86-64 and arm64, in containers
                                  much else of the kernel; by any code            that forbid namespaces, too
    resource limits               memory, files written, processes, core dumps    Linux; no memory limit on macOS
    an audit hook                 the same as all of these, by Python code        everywhere

They overlap on purpose: containers forbid namespaces as a rule, older kernels have no Landlock, and Landlock sees
neither UDP nor Unix sockets.

Sources: unshare(2), landlock(7), seccomp(2), getrlimit(2), PEP 578 (which says that a hook alone confines nobody).
"""

import ctypes
import os
import resource
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingestion.confined.seccomp import refuse_calls

_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_READ = 0b1100  # files and folders
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many there are, by version of Landlock
_TCP, _SCOPES = 0b11, 0b11

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REFUSED = (
    *("socket.", "subprocess.", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.posix_spawn", "os.spawn"),
    *("os.system", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "pty.", "shutil.", "tempfile."),
)

_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/System/Library")
_PROGRAM = Path(__file__).parents[2]


def leave_network() -> None:
    """Move into a network with nothing in it, if the system lets us. Only a process of one thread can."""
    if sys.platform == "linux":
        _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC)


def confine(*, megabytes: int) -> None:
    """Put up the other walls, `megabytes` of memory above what is in use now among them. There is no way back."""
    roots = sorted({root for root in _roots() if Path(root).is_dir()})
    _limit_resources(megabytes)
    if sys.platform == "linux":
        _landlock(roots)
        refuse_calls()
    _refuse_events(tuple(f"{root}/" for root in roots))


def memory_in_use() -> int:
    """The address space of this process in bytes; 0 where the system does not tell."""
    try:
        return int(os.pread(_statm, 100, 0).split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _open_statm() -> int:
    try:
        return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1


_statm = _open_statm()  # while files can be opened


def _roots() -> Iterator[str]:
    """Where the program itself lies: code that is imported when it is first needed. Settings and data do not lie there."""
    yield from _SYSTEM
    for kind in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield os.path.realpath(sysconfig.get_path(kind))
    yield from (str(_PROGRAM / package) for package in ("ingestion", "rag"))


def _limit_resources(megabytes: int) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,  # does not hold against root
        resource.RLIMIT_AS: memory_in_use() + megabytes * 1_000_000,
    }
    for limit, value in limits.items():
        with suppress(ValueError, OSError):  # macOS knows some of them by name only
            resource.setrlimit(limit, (value, value))


def _landlock(roots: list[str]) -> None:
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    fields = [rights, *([_TCP] if version >= 4 else []), *([_SCOPES] if version >= 6 else [])]  # noqa: PLR2004 - versions
    attributes = (ctypes.c_uint64 * len(fields))(*fields)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(ctypes.sizeof(attributes)), 0)
    if ruleset < 0:
        return
    for root in roots:
        _allow_reading(libc, ruleset, root)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def _allow_reading(libc: ctypes.CDLL, ruleset: int, root: str) -> None:
    folder = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
    rule = _PathBeneath(_READ, folder)
    libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(folder)


def _refuse_events(roots: tuple[str, ...]) -> None:
    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not _is_harmless(*arguments, roots=roots):
            raise PermissionError("a reader opens nothing but its own code")
        if event.startswith(_REFUSED):
            raise PermissionError(f"a reader has no use for {event}")

    sys.addaudithook(refuse)


def _is_harmless(path: object, _mode: object, flags: object, *, roots: tuple[str, ...]) -> bool:
    if isinstance(path, int):
        return True  # open already
    if not isinstance(path, str | bytes) or not isinstance(flags, int) or flags & _WRITING:
        return False
    return os.path.realpath(os.fsdecode(path)).startswith(roots)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
