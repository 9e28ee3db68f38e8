"""Does a sync's memory stay flat as the corpus grows? The peak of a real sync, each in a process of its own.

Pages of one section, synced from a folder through the confined reader into the index and the catalogue on SQLite. With
the cheap embedder, vectors are drawn by lot, so that many pages take minutes; the real one shows what the model adds.
Peaks are `VmHWM` of /proc: the sync's own process, and the largest of those that read for it.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.table import Table

from evals.corpus import sentences_of, write_pages
from evals.datasets import open_dataset
from evals.datasets.dataset import TEAM
from evals.formats import bundled_counter
from evals.reporting import show, write_json
from evals.throughput import HANDBOOK
from ingestion.catalogue import Catalogue
from ingestion.pipeline import sync
from ingestion.report import Progress
from ingestion.sources.folder import Folder
from ingestion.syncing import confined
from rag.adapters.edge import EdgeIndex
from rag.composition import open_embedder
from rag.database import open_database
from rag.domain import Embedding
from rag.errors import ConfigError, FootnoteError
from rag.ports import Embedder
from rag.settings import Settings

_EVERY = 50  # reports of progress between two looks at the processes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--documents", default="1000,5000,20000", help="sizes, by commas; default: 1000,5000,20000"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when measured, 2 when it could not be."""
    sizes = sorted(int(size) for size in arguments.documents.split(","))
    runs = [(sizes[0], "model"), *((size, "cheap") for size in sizes)]
    try:
        rows = [_in_own_process(size, embedder) for size, embedder in runs]
        show(_table(rows))
        if arguments.json:
            write_json(arguments.json, {"runs": rows})
    except FootnoteError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    return 0


class DrawnEmbedder:
    """An `Embedder` that takes no time: a text's vector is drawn by lot, the same each time."""

    name = "drawn by lot"
    dimensions = 384
    max_tokens = 256

    def __init__(self) -> None:
        self.counter = bundled_counter()

    def count_tokens(self, text: str) -> int:
        return self.counter(text)

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> Embedding:
        dice = random.Random(text)  # noqa: S311 - not a secret
        return [dice.choice((-1, 1)) / self.dimensions**0.5 for _ in range(self.dimensions)]


class _Watch:
    """Is told of progress, and looks at the processes now and then."""

    def __init__(self) -> None:
        self._told = 0
        self.reader_megabytes = 0

    def __call__(self, _: Progress) -> None:
        self._told += 1
        if self._told % _EVERY == 0:
            self.reader_megabytes = max([self.reader_megabytes, *map(peak_megabytes, _children())])


def _children() -> Iterator[str]:
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):  # the thread has ended meanwhile
            yield from path.read_text(encoding="utf-8").split()


def peak_megabytes(process: str = "self") -> int:
    """The most memory that the process ever held; 0 where it has ended."""
    try:
        lines = Path("/proc", process, "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def synced(documents: int, embedder: Embedder) -> dict[str, Any]:
    """A sync of so many pages in this process, in figures."""
    with tempfile.TemporaryDirectory(prefix="memory-") as scratch:
        folder = Path(scratch)
        write_pages(folder / "pages", sentences_of(open_dataset(HANDBOOK)), pages=documents, sections=1)
        engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
        index = EdgeIndex.open(folder / "index", embedder=embedder)
        catalogue = Catalogue(engine, TEAM)
        registered = catalogue.add_source(
            name="pages", kind="folder", location=str(folder / "pages"), readers={"members"}
        )
        before, watch = peak_megabytes(), _Watch()
        with confined(embedder, embedder.max_tokens) as reader:
            report = sync(
                Folder(str(folder / "pages")),
                registered,
                catalogue=catalogue,
                reader=reader,
                embedder=embedder,
                index=index,
                progress=watch,
            )
        index.close()
        engine.dispose()
    return {
        "documents": report.added,
        "chunks": report.chunks,
        "seconds": round(report.seconds),
        "MB before": before,
        "peak MB": peak_megabytes(),
        "peak MB of the reader": watch.reader_megabytes,
    }


def main(documents: int, kind: str) -> None:
    """What `run` starts: the figures of one sync as JSON out."""
    embedder = open_embedder(Settings()) if kind == "model" else DrawnEmbedder()
    json.dump({"embedder": kind, **synced(documents, embedder)}, sys.stdout)


def _in_own_process(documents: int, kind: str) -> dict[str, Any]:
    code = f"from evals.memory import main; main({documents}, {kind!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    if done.returncode != 0:
        raise ConfigError(f"The sync of {documents} documents failed:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="peak memory of a sync")
    for name in rows[0]:
        table.add_column(name, justify="left" if name == "embedder" else "right")
    for row in rows:
        table.add_row(*map(str, row.values()))
    return table
