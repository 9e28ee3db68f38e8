"""The process that reads comes when it is needed, is replaced when it breaks, and never outlives whoever started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from time import monotonic, sleep

import pytest

from ingestion.confined import ConfinedReader, Limits
from ingestion.parsing import DocumentEmpty
from ingestion.reading import Reading, ReadingCutShort
from rag.errors import DocumentUnreadable, Transient
from tests.ingestion.confined.hostile import obey, order

ROOT = Path(__file__).parents[3]
URL = "https://docs.example.com/page"
PAGE = b"# Leave\n\nThirty days.\n\n## Sick leave\n\nAsk your manager.\n\nThe key is AKIAQ3EGRIZ2M5XJ7WTV."


@pytest.fixture
def reader() -> Iterator[ConfinedReader]:
    reader = ConfinedReader(obey, 64, limits=Limits(seconds=20, documents=3))
    yield reader
    reader.close()


def pid(reader: ConfinedReader) -> int | None:
    return reader._child and reader._child._process.pid


def page(reader: ConfinedReader) -> Reading:
    return reader.read(PAGE, "leave.md", url=URL)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()


def waited_for(is_true: Callable[[], bool], seconds: float = 10) -> bool:
    end = monotonic() + seconds
    while not is_true() and monotonic() < end:
        sleep(0.05)
    return is_true()


def test_a_document_is_read_as_it_would_be_here(reader: ConfinedReader) -> None:
    reading = page(reader)
    assert reading.title == "Leave"
    assert {part.url for part in reading.slices} <= {f"{URL}#leave", f"{URL}#sick-leave"}
    assert "AKIAQ3EGRIZ2M5XJ7WTV" not in str(reading)
    assert sum(reading.masked.values()) == 1


@pytest.mark.parametrize(
    ("data", "error", "reason"),
    [(b"  \n", DocumentEmpty, "is empty"), (b"%PDF-1.7 no more", DocumentUnreadable, ".+")],
)
def test_a_refusal_is_told_as_it_is(
    reader: ConfinedReader, data: bytes, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason) as told:
        reader.read(data, "a.bin", url=URL)
    assert type(told.value) is error


def test_nothing_starts_before_there_is_something_to_read(reader: ConfinedReader) -> None:
    assert pid(reader) is None


def test_one_process_reads_many_documents_and_then_another_takes_over(reader: ConfinedReader) -> None:
    used = [(page(reader), pid(reader)) for _ in range(4)]
    first, second, none, other = (process for _, process in used)
    assert first == second
    assert none is None  # it ended itself after the third
    assert other not in {None, first}
    assert len({str(reading) for reading, _ in used}) == 1


def test_a_process_that_ended_meanwhile_is_replaced(reader: ConfinedReader) -> None:
    page(reader)
    process = pid(reader)
    assert process is not None
    os.kill(process, signal.SIGKILL)
    assert waited_for(lambda: not is_running(process))
    page(reader)
    assert pid(reader) != process


def test_closing_ends_it_in_the_middle_of_a_document(reader: ConfinedReader) -> None:
    page(reader)
    process = pid(reader)
    assert process is not None
    Timer(0.3, reader.close).start()
    started = monotonic()
    with pytest.raises(ReadingCutShort, match="crashed its reader"):
        reader.read(order("hang"), "a.txt", url=URL)
    assert monotonic() - started < 5
    assert not is_running(process)


def test_a_counter_that_cannot_be_had_there_is_no_documents_fault() -> None:
    reader = ConfinedReader(_Unloadable(), 64)
    with pytest.raises(Transient, match="could not be started"):
        page(reader)
    reader.close()


class _Unloadable:
    def __call__(self, text: str) -> int:
        return 1

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return int, ("no number",)


def test_neither_torch_nor_a_database_is_loaded_there() -> None:
    program = "import sys, ingestion.confined.answering as it; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True).split()
    assert {"torch", "transformers", "sqlalchemy", "qdrant_client", "qdrant_edge", "numpy"}.isdisjoint(loaded)


_PARENT = """
from ingestion.confined import ConfinedReader
from tests.ingestion.confined.hostile import obey, order
reader = ConfinedReader(obey, 64)
reader.read(b"some text", "a.txt", url="https://docs.example.com")
print(reader._child._process.pid, flush=True)
{then}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    "then",
    [
        "input()",
        'reader.read(order("hang"), "a.txt", url="https://docs.example.com")',
        'reader.read(order("compute"), "a.txt", url="https://docs.example.com")',
    ],
    ids=["idle", "waiting", "computing"],
)
def test_it_ends_with_whoever_started_it(then: str) -> None:
    command = [sys.executable, "-c", _PARENT.format(then=then)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert is_running(process)
        sleep(0.3)  # until it is at work
        parent.kill()
    assert waited_for(lambda: not is_running(process))
