"""Small files that come to much: the process that reads them is ended in time, with a reason, and the next one is read."""

import sys
import zlib
from collections.abc import Iterator
from contextlib import closing

import pytest

from ingestion.confined import ConfinedReader, Limits
from rag.errors import DocumentUnreadable
from tests.ingestion.confined.hostile import obey
from tests.ingestion.making import pdf, saved, unzipped, word, zipped

URL = "https://docs.example.com/page"


@pytest.fixture(scope="module")
def reader() -> Iterator[ConfinedReader]:
    with closing(ConfinedReader(obey, 64, limits=Limits(seconds=2, megabytes=150))) as reader:
        yield reader


def packed_page(content: bytes) -> bytes:
    """A PDF whose page is drawn by this."""
    packed = zlib.compress(content, 1).decode("latin-1")
    stream = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n{packed}\nendstream"
    return pdf([[(50, 700, 12, "words")]], extra={11: stream})


def zeros() -> bytes:
    return zipped({**unzipped(saved(word())), "word/document.xml": bytes(200_000_000)})


MEMORY = "needs more than 150 MB to read"
TIME = "took longer than 2 s to read"
BOMBS = {
    "pdf, words": (lambda: packed_page(b"BT /F1 12 Tf 50 700 Td (words) Tj ET\n" * 1_000_000), MEMORY),
    "pdf, lines": (lambda: packed_page(b"0 0 m 9 9 l S\n" * 3_000_000), MEMORY),
    "pdf, comments": (lambda: packed_page(b"% nothing\n" * 20_000_000), MEMORY),
    "docx, zeros": (zeros, "inflates to more than 100 times its size"),
    "html, deep": (lambda: b"<html><body>" + b"<div><p>" * 500_000, MEMORY),
    "html, much beside much": (
        lambda: b"<html><body>" + b"<p>words</p>" * 100_000 + b"<nav>n</nav>" * 100_000,
        MEMORY,
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="no memory limit elsewhere")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_contained(reader: ConfinedReader, bomb: str) -> None:
    make, reason = BOMBS[bomb]
    with pytest.raises(DocumentUnreadable) as told:
        reader.read(make(), "bomb", url=URL)
    assert str(told.value) in {reason, TIME}  # which limit is hit first depends on the machine
    reading = reader.read(b"# Leave\n\nThirty days.", "leave.md", url=URL)
    assert [part.text for part in reading.slices] == ["Thirty days."]
