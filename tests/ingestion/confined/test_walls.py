"""A document that has taken over its reader gets nowhere, and the next document is read."""

import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from os import getpid
from pathlib import Path

import pytest

from ingestion.confined import ConfinedReader, Limits
from ingestion.confined.child import _VARIABLES
from rag.errors import DocumentUnreadable
from tests.ingestion.confined.hostile import obey, order

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="a wall of Linux")
URL = "https://docs.example.com/page"


@pytest.fixture(scope="module")
def reader() -> Iterator[ConfinedReader]:
    with closing(ConfinedReader(obey, 64, limits=Limits(seconds=1.5, megabytes=200))) as reader:
        yield reader


def outcome(reader: ConfinedReader, deed: str, argument: object = "") -> str:
    """What came of the deed; afterwards an honest document is read."""
    with pytest.raises(DocumentUnreadable) as told:
        reader.read(order(deed, argument), "deed.txt", url=URL)
    reading = reader.read(b"# Leave\n\nThirty days.", "leave.md", url=URL)
    assert [part.text for part in reading.slices] == ["Thirty days."]
    return str(told.value)


def natively(deed: str) -> list[object]:
    """The deed by way of Python and past it."""
    return [deed, pytest.param(f"{deed.partition('_')[0]}_natively", marks=LINUX)]


@pytest.mark.parametrize("deed", natively("connect"))
def test_there_is_no_network(reader: ConfinedReader, deed: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0.1)
        assert outcome(reader, deed, server.getsockname()[1]).startswith("was refused")
        with pytest.raises(TimeoutError):
            server.accept()


@LINUX
@pytest.mark.parametrize("kind", ["AF_INET,SOCK_DGRAM", "AF_UNIX,SOCK_STREAM", "AF_NETLINK,SOCK_RAW"])
def test_no_socket_is_made(reader: ConfinedReader, kind: str) -> None:
    assert outcome(reader, "open_socket_natively", kind) == "was refused: [Errno 1] Operation not permitted"


@pytest.mark.parametrize("deed", natively("read_file"))
def test_only_the_program_itself_is_read(reader: ConfinedReader, deed: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("secret")
    root = Path(__file__).parents[3]
    for path in (canary, root / "pyproject.toml", "/etc/passwd", "/proc/self/environ"):
        assert outcome(reader, deed, path).startswith("was refused")
    assert outcome(reader, deed, root / "ingestion" / "chunking.py").startswith("did it")


@pytest.mark.parametrize("deed", [*natively("write_file"), *natively("delete_file")])
def test_nothing_is_written_or_deleted(reader: ConfinedReader, deed: str, tmp_path: Path) -> None:
    there, new = tmp_path / "there", tmp_path / "new"
    there.write_text("as it was")
    for path in (there, new, Path(__file__).parents[3] / "ingestion" / "new.py"):
        assert outcome(reader, deed, path).startswith("was refused")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as it was"]


@pytest.mark.parametrize("deed", [*natively("fork"), *natively("run_program")])
def test_no_other_program_runs(reader: ConfinedReader, deed: str) -> None:
    assert outcome(reader, deed).startswith("was refused")


@LINUX
def test_other_processes_are_out_of_reach(reader: ConfinedReader) -> None:
    assert outcome(reader, "signal_natively", getpid()).startswith("was refused")


def test_there_is_nothing_to_steal() -> None:
    """Open are two pipes (1), the null device three times (2), and the size of its own memory (10)."""
    with closing(ConfinedReader(obey, 64)) as fresh:  # earlier deeds may have left something open
        variables = outcome(fresh, "tell_environment").removeprefix("did it: ").split()
        assert set(variables) - {"LC_CTYPE"} == _VARIABLES.keys()  # that one is set by Python itself
        assert outcome(fresh, "tell_files") == "did it: 1 1 10 2 2 2"


@LINUX
@pytest.mark.parametrize(
    "deed", ["take_memory", "take_memory_natively", "hide_lack_of_memory", "abort_for_lack_of_memory"]
)
def test_memory_is_limited(reader: ConfinedReader, deed: str) -> None:
    assert outcome(reader, deed) == "needs more than 200 MB to read"


@pytest.mark.parametrize("deed", ["hang", "compute"])
def test_time_is_limited(reader: ConfinedReader, deed: str) -> None:
    assert outcome(reader, deed) == "took longer than 1.5 s to read"


@pytest.mark.parametrize("deed", ["leave", "crash", "fail", "answer_falsely", "answer_nonsense"])
def test_a_crash_is_one_documents_own(reader: ConfinedReader, deed: str) -> None:
    assert outcome(reader, deed) == "crashed its reader"


def test_an_endless_answer_is_not_listened_to(reader: ConfinedReader) -> None:
    assert outcome(reader, "answer_endlessly") == "comes to more than 64 MB of text"


def test_what_it_prints_disturbs_nobody(reader: ConfinedReader) -> None:
    assert outcome(reader, "say_much") == "did it: printed"
