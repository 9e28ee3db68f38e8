"""A real process that syncs, killed at any moment: the next one ends where an undisturbed one would have."""

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest

from ingestion import pipeline
from ingestion.catalogue import Catalogue
from rag.adapters.edge import EdgeIndex
from rag.database import open_database
from tests.ingestion.fakes import OpenReader, Shelf, WordEmbedder

ROOT = Path(__file__).parents[2]
BATCH_TEXTS = 8
TRIALS = 2  # at other moments each time
_PROGRAM = """
import sys
from pathlib import Path
from tests.ingestion.test_resume import later, pages, synced
synced(Path(sys.argv[1]), {"pages": pages, "later": later}[sys.argv[2]](), lambda: print("step", flush=True))
"""


def pages() -> Shelf:
    """Forty pages, and a manual of many batches among them."""
    shelf = Shelf(**{f"p{number:02}": f"# Page {number}\n\nWords on {number}." for number in range(40)})
    parts = (f"## Part {part}\n\n" + " ".join(f"w{part}x{word}" for word in range(40)) for part in range(60))
    shelf.texts["p20 manual.md"] = "# Manual\n\n" + "\n\n".join(parts)
    return shelf


def later() -> Shelf:
    """The same when every third page was deleted, every other third changed, and the manual shortened."""
    shelf = pages()
    for number in range(0, 39, 3):
        del shelf.texts[f"p{number:02}.md"]
        shelf.texts[f"p{number + 1:02}.md"] = f"# Page {number + 1}\n\nOther words on {number + 1}."
    shelf.texts["p20 manual.md"] = "# Manual\n\nThere is none any more."
    return shelf


def synced(folder: Path, shelf: Shelf, told: Callable[[], None] = lambda: None) -> tuple[dict[str, str], int]:
    """The index after a sync, payload hashes by point id, and how many texts had to be embedded."""
    engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
    embedder = WordEmbedder()
    index = EdgeIndex.open(folder / "index", embedder=embedder)
    try:
        catalogue = Catalogue(engine, "T1")
        (source,) = catalogue.sources()
        report = pipeline.sync(
            shelf,
            source,
            catalogue=catalogue,
            reader=OpenReader(),
            embedder=embedder,
            index=index,
            progress=lambda _: told(),
            batch_texts=BATCH_TEXTS,
        )
        assert catalogue.documents(source.id).keys() == index.document_ids("T1", source.id)
        held: dict[str, str] = {}
        for document_id in index.document_ids("T1", source.id):
            stored = index.stored("T1", source.id, document_id)
            held |= {point_id: one.payload_hash for point_id, one in stored.items()}
        return held, report.embedded
    finally:
        index.close()
        engine.dispose()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which a source is registered and nothing else."""
    folder = tmp_path_factory.mktemp("untouched")
    engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
    Catalogue(engine, "T1").add_source("shelf", kind="shelf", location="-", readers=["members"])
    engine.dispose()
    return folder


def killed(folder: Path, shelf: str, step: int) -> None:
    """Sync in a process that is killed soon after it took so many steps."""
    command = [sys.executable, "-c", _PROGRAM, str(folder), shelf]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(step):
            assert process.stdout.readline() == b"step\n"
        sleep(random.random() / 50)  # noqa: S311 - a moment, not a secret
        process.kill()


@pytest.mark.parametrize(("before", "shelf"), [(None, pages), (pages, later)])
def test_a_killed_sync_goes_on_where_it_was(
    untouched: Path, tmp_path: Path, before: Callable[[], Shelf] | None, shelf: Callable[[], Shelf]
) -> None:
    start = Path(shutil.copytree(untouched, tmp_path / "start"))
    if before:
        synced(start, before())
    steps: list[int] = []
    expected, texts = synced(
        Path(shutil.copytree(start, tmp_path / "undisturbed")), shelf(), lambda: steps.append(1)
    )
    assert (len(expected), texts) == ((len(expected), len(expected)) if before is None else (28, 14))
    for trial in range(TRIALS):
        folder = Path(shutil.copytree(start, tmp_path / f"killed{trial}"))
        killed(folder, shelf.__name__, random.randint(1, len(steps)))  # noqa: S311 - same
        assert synced(folder, shelf())[0] == expected
        assert synced(folder, shelf()) == (expected, 0)
