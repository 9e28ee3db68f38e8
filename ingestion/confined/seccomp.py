"""A filter in the kernel that refuses the system calls a reader has no use for, to any code of the process.

It needs no right that a container may have taken away, and it knows no paths and no protocols: a socket of any kind is
refused when it is made. Refused is what is listed and all else allowed, since what a C library calls changes with its
versions. What it does not see: which file is opened, and signals.

Sources: seccomp(2); linux/filter.h and linux/audit.h; the numbers are those of the kernel's
arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64).
"""

import ctypes
import errno
import os
import struct
import sys
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _ALL_THREADS = 1, 1

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = (
    0,
    4,
    16,
)  # in struct seccomp_data; the lower half of the argument

_ALLOWED = 0x7FFF0000
_REFUSED = 0x00050000 | errno.EPERM
_MISSING = 0x00050000 | errno.ENOSYS

_CLONE_THREAD = 0x00010000
_X32 = 0x40000000  # from here on, x86-64 has its calls a second time


@dataclass(frozen=True, slots=True)
class _Machine:
    architecture: int
    column: int
    seccomp: int
    clone: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 0, 317, 56), "aarch64": _Machine(0xC00000B7, 1, 277, 220)}
_CLONE3 = 435  # on both

_CALLS: dict[str, tuple[int | None, int | None]] = {
    # name: on x86_64, on aarch64
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # which does any of these in the kernel, unseen
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # other ways to talk to other processes
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_open": (240, 180),
    # other programs and processes
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    # other namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    # parts of the kernel that few use and many break into
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
}

Instruction = tuple[int, int, int, int]
"""What to do, how many instructions to skip when a test holds and when it does not, and with which number."""


def refuse_calls() -> None:
    """Put the filter on every thread of this process, for good; where the kernel has none, nothing happens."""
    machine = os.uname().machine if sys.platform == "linux" else ""
    if machine not in _MACHINES or sys.maxsize < 2**32:  # a 32-bit Python makes other calls
        return
    instructions = program(machine)
    packed = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    filters = _Program(len(instructions), packed)
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    number = _MACHINES[machine].seccomp
    libc.syscall(number, _SET_MODE_FILTER, ctypes.c_ulong(_ALL_THREADS), ctypes.byref(filters))


def program(machine: str) -> list[Instruction]:
    """The filter for a machine, as classic BPF. A call made as on another architecture is refused, whichever it is.

    Threads may be started, processes not: `clone` tells by its flags. `clone3` has them in memory, where no filter
    looks; it is said to be missing, and C libraries fall back to `clone`.
    """
    here = _MACHINES[machine]
    refused = [numbers[here.column] for numbers in _CALLS.values()]
    return [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, here.architecture),
        (_RETURN, 0, 0, _REFUSED),
        (_LOAD, 0, 0, _NUMBER_AT),
        *_when(_AT_LEAST, _X32, _REFUSED),
        *_when(_EQUAL, _CLONE3, _MISSING),
        *(step for number in refused if number is not None for step in _when(_EQUAL, number, _REFUSED)),
        (_EQUAL, 0, 3, here.clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _REFUSED),
        (_RETURN, 0, 0, _ALLOWED),
    ]


def _when(test: int, number: int, result: int) -> list[Instruction]:
    return [(test, 0, 1, number), (_RETURN, 0, 0, result)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))
