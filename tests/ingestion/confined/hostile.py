"""What a document that has taken over its reader would try. It runs in the real process, behind the real walls: in the
token counter, the one piece of code that we hand to it. What a deed finds out it tells as the reason why the document
cannot be read. Deeds called natively go past Python, whose audit hook sees nothing of them.
"""

import ctypes
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from rag.errors import DocumentUnreadable

_ORDER = re.compile(r"opensesame:(\w+):(\S*)")  # one word, since words are counted one by one


def order(deed: str, argument: object = "") -> bytes:
    """A document that does the deed."""
    return f"opensesame:{deed}:{argument}".encode()


def obey(text: str) -> int:
    """A token counter that does what a text orders."""
    if found := _ORDER.search(text):
        raise DocumentUnreadable(_outcome(*found.groups()))
    return len(text.split()) + 2


def _outcome(deed: str, argument: str) -> str:
    try:
        done = globals()[deed](*([argument] if argument else []))
    except OSError as error:
        return f"was refused: {error}"
    return f"did it: {done}"


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def connect(port: str) -> None:
    socket.create_connection(("127.0.0.1", int(port)), timeout=1)


def connect_natively(port: str) -> None:
    number = _checked(_libc().socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    address = (
        socket.AF_INET.to_bytes(2, sys.byteorder)
        + int(port).to_bytes(2, "big")
        + bytes([127, 0, 0, 1])
        + bytes(8)
    )
    _checked(_libc().connect(number, address, len(address)))


def call_natively(function: str, *arguments: object) -> int:
    return _checked(_libc()[function](*arguments))


def read_file(path: str) -> str:
    return Path(path).read_text()


def read_natively(path: str) -> bytes:
    return os.read(_checked(_libc().open(os.fsencode(path), os.O_RDONLY)), 100)


def write_file(path: str) -> None:
    Path(path).write_text("we were here")


def write_natively(path: str) -> None:
    _checked(_libc().open(os.fsencode(path), os.O_WRONLY | os.O_CREAT, 0o600))


def delete_file(path: str) -> None:
    Path(path).unlink()


def delete_natively(path: str) -> None:
    _checked(_libc().unlink(os.fsencode(path)))


def run_program() -> bytes:
    return subprocess.check_output(["id"])


def run_natively() -> None:
    _checked(_libc().execv(b"/bin/true", None))


def fork() -> int:
    return os.fork()


def fork_natively() -> int:
    if (process := _checked(_libc().fork())) == 0:
        os._exit(0)
    return process


def open_socket_natively(kind: str) -> int:
    """`kind` as in "AF_INET,SOCK_DGRAM"."""
    family, transport = (getattr(socket, name) for name in kind.split(","))
    return _checked(_libc().socket(family, transport, 0))


def signal_natively(process: str) -> None:
    _checked(_libc().kill(int(process), 0))


def tell_environment() -> str:
    return " ".join(os.environ)  # noqa: TID251 - what there is to steal


def tell_files() -> str:
    """What is open: by kind, since the folder that tells more cannot be read."""
    kinds = []
    for number in range(256):
        with suppress(OSError):
            kinds.append(f"{os.fstat(number).st_mode >> 12:o}")
    return " ".join(sorted(kinds))


def take_memory() -> int:
    return len(b"x" * 2_000_000_000)


def take_memory_natively() -> None:
    if _libc().malloc(ctypes.c_size_t(2_000_000_000)) == 0:
        raise MemoryError


def abort_for_lack_of_memory() -> None:
    """As native code does."""
    os.abort()


def hide_lack_of_memory() -> None:
    """As parsers do, and our own `parse`."""
    try:
        take_memory()
    except MemoryError as error:
        raise DocumentUnreadable("is malformed") from error


def leave() -> None:
    os._exit(0)


def crash() -> None:
    ctypes.string_at(0)


def fail() -> None:
    raise RuntimeError("secret")


def hang() -> None:
    time.sleep(60)


def compute() -> None:
    """For long, and without letting any other thread of the process have a turn."""
    pow(3, 10**9)


def say_much() -> str:
    os.write(1, bytes(1000))
    print("x" * 1000, flush=True)  # noqa: T201
    return "printed"


def answer_falsely() -> None:
    """Says what it likes in the place of the program, to whatever is open."""
    reply = b'{"outcome": "read", "reading": {"title": "T", "slices": [{"title": "T", "heading_path": [], "text": "t", "url": "https://evil.example.com", "repeat": 0}]}}'
    _answer(reply)


def answer_nonsense() -> None:
    _answer(b"\x80\x04.")


def answer_endlessly() -> None:
    _answer(b"", length=2**62)


def _answer(reply: bytes, length: int | None = None) -> None:
    for number in range(3, 16):
        with suppress(OSError):
            os.write(number, (len(reply) if length is None else length).to_bytes(8, "big") + reply)
    time.sleep(60)
