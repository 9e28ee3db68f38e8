"""The filter alone, without namespaces or Landlock, as in a container that has neither: native code makes no socket and
no process, threads still start, and documents are read. And the filter as a table, for machines other than this one.
"""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.confined.seccomp import program
from tests.ingestion.making import pdf, saved, slides, word, workbook

ROOT = Path(__file__).parents[3]
ALLOWED = 0
LINUX = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine not in {"x86_64", "aarch64"}, reason="no filter elsewhere"
)


def confined(code: str, *arguments: object) -> list[str]:
    """The lines that this prints in a process behind the filter and nothing else."""
    setup = "import sys; from ingestion.confined.seccomp import refuse_calls; from tests.ingestion.confined.hostile import *\n"
    command = [sys.executable, "-c", setup + code, *map(str, arguments)]
    return subprocess.check_output(command, cwd=ROOT, text=True).splitlines()


DEEDS = [
    'open_socket_natively("AF_INET,SOCK_STREAM")',
    'open_socket_natively("AF_INET,SOCK_DGRAM")',
    'open_socket_natively("AF_UNIX,SOCK_STREAM")',
    'call_natively("connect", there.fileno(), None, 0)',
    'call_natively("sendto", there.fileno(), b"x", 1, 0, None, 0)',
    'call_natively("socketpair", 1, 1, 0, pair)',
    'call_natively("unshare", 0x10000000)',
    'call_natively("syscall", 425, 8, None)',  # io_uring_setup
    "run_natively()",
    "fork_natively()",
    "fork()",
    "run_program()",
]


@LINUX
def test_native_code_is_refused() -> None:
    code = """
there, pair = socket.socket(), (ctypes.c_int * 2)()
refuse_calls()
for deed in sys.argv[1:]:
    try:
        print("did it:", deed, eval(deed), flush=True)
    except OSError as error:
        print(error.errno, flush=True)
"""
    assert confined(code, *DEEDS) == [str(errno.EPERM)] * len(DEEDS)


@LINUX
def test_threads_that_were_there_are_behind_it_and_new_ones_start() -> None:
    code = """
from queue import Queue
from threading import Thread
def attempt():
    go.get()
    try:
        open_socket_natively("AF_UNIX,SOCK_STREAM")
    except OSError as error:
        refusals.append(error.errno)
def thread():
    thread = Thread(target=attempt)
    thread.start()
    return thread
go, refusals = Queue(), []
before = thread()
refuse_calls()
after = thread()
go.put(1), go.put(1)
before.join(), after.join()
print(*refusals, sep="\\n")
"""
    assert confined(code) == [str(errno.EPERM)] * 2


def in_word() -> bytes:
    document = word()
    document.add_paragraph("Thirty days.")
    return saved(document)


def in_sheet() -> bytes:
    book = workbook()
    book.active["A1"], book.active["A2"] = "Leave", "Thirty days."
    return saved(book)


def on_slide() -> bytes:
    deck = slides()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.placeholders[1].text = "Thirty days."
    return saved(deck)


DOCUMENTS = {
    "a.pdf": lambda: pdf([[(50, 700, 12, "Thirty days.")]]),
    "a.docx": in_word,
    "a.xlsx": in_sheet,
    "a.pptx": on_slide,
    "a.html": lambda: b"<html><body><main><h1>Leave</h1><p>Thirty days.</p></main></body></html>",
    "a.md": lambda: b"# Leave\n\nThirty days.",
}


@LINUX
def test_documents_are_read_behind_it(tmp_path: Path) -> None:
    for name, make in DOCUMENTS.items():
        (tmp_path / name).write_bytes(make())
    code = """
from ingestion.reading import read
refuse_calls()
for file in map(Path, sys.argv[1:]):
    url = "https://docs.example.com"
    reading = read(file.read_bytes(), file.name, url=url, count_tokens=obey, max_tokens=64)
    print(*(part.text.replace("\\n", " ") for part in reading.slices))
"""
    texts = confined(code, *(tmp_path / name for name in DOCUMENTS))
    assert [name for name, text in zip(DOCUMENTS, texts, strict=True) if "Thirty days." not in text] == []


X86, ARM, I386 = 0xC000003E, 0xC00000B7, 0x40000003
THREAD, FORK = 0x3D0F00, 0x1200011  # how a C library starts a thread and a process


@pytest.mark.parametrize(
    ("machine", "architecture", "number", "argument", "result"),
    [
        ("x86_64", X86, 0, 0, ALLOWED),  # read
        ("x86_64", X86, 9, 0, ALLOWED),  # mmap
        ("x86_64", X86, 234, 0, ALLOWED),  # tgkill, with which a process aborts
        ("x86_64", X86, 41, 2, errno.EPERM),  # socket
        ("x86_64", X86, 59, 0, errno.EPERM),  # execve
        ("x86_64", X86, 57, 0, errno.EPERM),  # fork
        ("x86_64", X86, 425, 0, errno.EPERM),  # io_uring_setup
        ("x86_64", X86, 435, 0, errno.ENOSYS),  # clone3
        ("x86_64", X86, 56, THREAD, ALLOWED),
        ("x86_64", X86, 56, FORK, errno.EPERM),
        ("x86_64", X86, 0x40000000 + 41, 2, errno.EPERM),  # socket, as x32 calls it
        ("x86_64", X86, 0x40000000, 0, errno.EPERM),
        ("x86_64", X86, 2**32 - 1, 0, errno.EPERM),
        ("x86_64", I386, 359, 2, errno.EPERM),  # socket, as 32-bit programs call it
        ("x86_64", I386, 3, 0, errno.EPERM),
        ("x86_64", ARM, 63, 0, errno.EPERM),
        ("aarch64", ARM, 63, 0, ALLOWED),  # read
        ("aarch64", ARM, 41, 0, errno.EPERM),  # pivot_root
        ("aarch64", ARM, 57, 0, ALLOWED),  # close
        ("aarch64", ARM, 56, 0, ALLOWED),  # openat
        ("aarch64", ARM, 198, 2, errno.EPERM),  # socket
        ("aarch64", ARM, 221, 0, errno.EPERM),  # execve
        ("aarch64", ARM, 425, 0, errno.EPERM),
        ("aarch64", ARM, 435, 0, errno.ENOSYS),
        ("aarch64", ARM, 220, THREAD, ALLOWED),
        ("aarch64", ARM, 220, FORK, errno.EPERM),
        ("aarch64", X86, 0, 0, errno.EPERM),
    ],
)
def test_what_a_call_comes_to(
    machine: str, architecture: int, number: int, argument: int, result: int
) -> None:
    assert answer(machine, number, architecture, argument) == result


def answer(machine: str, number: int, architecture: int, argument: int) -> int:
    """The error that a call ends with, as the kernel finds it; 0 where it goes through."""
    call = {0: number, 4: architecture, 16: argument}  # struct seccomp_data
    instructions = iter(program(machine))
    loaded = 0
    for code, if_true, if_false, value in instructions:
        if code == 0x20:
            loaded = call[value]
            continue
        if code == 0x06:
            return 0 if value == 0x7FFF0000 else value & 0xFFFF
        holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        for _ in range(if_true if holds else if_false):
            next(instructions)
    raise AssertionError
