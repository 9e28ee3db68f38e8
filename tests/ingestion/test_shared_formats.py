"""Real and hostile files that others collected: each comes out as its list says, here and in the confined process.

There, the next document is read after each, none takes longer than it may, and our own memory stays as it was.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evals.formats import bundled_counter, outcome, parsed_text, rows, text_by
from ingestion.confined import ConfinedReader, Limits

SHARED = Path(os.environ.get("FOOTNOTE_SHARED") or Path(__file__).parents[3] / "shared")  # noqa: TID251  # the folder of test data is the machine's
FORMATS = SHARED / "formats"

pytestmark = pytest.mark.skipif(not FORMATS.is_dir(), reason="the collected files are not here")
each_file = pytest.mark.parametrize("row", [*rows(FORMATS)], ids=lambda row: row["path"])


@each_file
def test_a_file_comes_out_as_expected(row: dict[str, Any]) -> None:
    found = outcome(FORMATS, row, parsed_text)
    assert found.held, found
    assert found.milliseconds < 20_000
    assert "damaged and could not be read" not in found.reason  # that is, a parser's own error


@pytest.fixture(scope="module")
def reader() -> Iterator[ConfinedReader]:
    """One for all of them, with the limits of every sync."""
    with closing(ConfinedReader(bundled_counter(), 256)) as reader:
        yield reader


@each_file
def test_a_file_comes_out_of_the_confined_process_as_expected(
    reader: ConfinedReader, row: dict[str, Any]
) -> None:
    before = own_memory()
    found = outcome(FORMATS, row, text_by(reader))
    assert found.held, found
    assert found.milliseconds < 1000 * Limits().seconds
    assert "could not be read" not in found.reason
    assert text_by(reader)(b"# Leave\n\nThirty days.", "leave.md").endswith("Thirty days.")
    assert own_memory() - before < 50_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_our_own_memory_stays_flat_over_all_of_them(reader: ConfinedReader) -> None:
    for _ in range(2):  # the first time may load something
        before = own_memory()
        for row in rows(FORMATS):
            outcome(FORMATS, row, text_by(reader))
    assert own_memory() - before < 50_000_000


def own_memory() -> int:
    """What this process holds of the machine's memory, in bytes; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
