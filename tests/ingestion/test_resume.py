"""A real process that syncs, killed at any moment: the next one ends where an undisturbed one would have."""

import random
import shutil
import subprocess
import sys
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
_PROGRAM = """
import sys
from pathlib import Path
from tests.ingestion.test_resume import synced
print("ready", flush=True)
synced(Path(sys.argv[1]))
"""


def pages() -> Shelf:
    """Forty pages, and a manual of many batches among them."""
    shelf = Shelf(**{f"p{number:02}": f"# Page {number}\n\nWords on {number}." for number in range(40)})
    parts = (f"## Part {part}\n\n" + " ".join(f"w{part}x{word}" for word in range(40)) for part in range(60))
    shelf.texts["p20 manual.md"] = "# Manual\n\n" + "\n\n".join(parts)
    return shelf


def synced(folder: Path) -> tuple[dict[str, str], int]:
    """The index after a sync, payload hashes by point id, and how many texts had to be embedded."""
    engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
    embedder = WordEmbedder()
    index = EdgeIndex.open(folder / "index", embedder=embedder)
    try:
        catalogue = Catalogue(engine, "T1")
        (source,) = catalogue.sources()
        report = pipeline.sync(
            pages(),
            source,
            catalogue=catalogue,
            reader=OpenReader(),
            embedder=embedder,
            index=index,
            progress=lambda _: sleep(0.002),
            batch_texts=BATCH_TEXTS,
        )
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


def test_a_killed_sync_goes_on_where_it_was(untouched: Path, tmp_path: Path) -> None:
    expected, texts = synced(Path(shutil.copytree(untouched, tmp_path / "undisturbed")))
    assert len(expected) == texts >= 100
    moments = random.Random(3)  # noqa: S311 - moments, not secrets
    cut_short = 0
    for trial in range(5):
        folder = Path(shutil.copytree(untouched, tmp_path / f"killed{trial}"))
        command = [sys.executable, "-c", _PROGRAM, str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            sleep(moments.uniform(0.02, 0.6))
            process.kill()
        cut_short += process.returncode != 0
        assert synced(folder)[0] == expected
        assert synced(folder) == (expected, 0)
    assert cut_short > 1
