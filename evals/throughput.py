"""How fast is a whole sync, beside nothing but embedding? Ratios of one run, since machines differ and are shared.

plain   `SentenceTransformer.encode` in float32, 32 texts a call, in the order in which they come
bare    `embed_passages` on the backend in use, 256 texts a call
sync    a folder through everything: listed, read in the confined process, embedded, index and catalogue written

The corpus is synced in parts, each a source, with the loops on texts of the same part in between: what slows the machine
down for a while slows all three. Compared are tokens per second, by their medians over the parts.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.table import Table
from sqlalchemy import Engine

from evals.corpus import SECTIONS, sentences_of, write_pages
from evals.datasets import open_dataset
from evals.datasets.dataset import TEAM
from evals.reporting import show, write_json
from ingestion.catalogue import Catalogue
from ingestion.chunking import chunks_of
from ingestion.parsing import parse
from ingestion.pipeline import sync
from ingestion.sources.folder import Folder
from ingestion.syncing import confined
from rag.adapters.edge import EdgeIndex
from rag.adapters.sentence_transformer import load
from rag.composition import open_embedder
from rag.database import open_database
from rag.domain import Document
from rag.errors import FootnoteError
from rag.ports import Embedder, Index
from rag.settings import Settings

HANDBOOK = Path(__file__).resolve().parents[1] / "examples" / "handbook"

_PLAIN_TEXTS = 32
_BARE_TEXTS = 256
_NOBODY = frozenset[str]()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chunks", type=int, default=10_000, help="about so many; default: 10000")
    parser.add_argument("--parts", type=int, default=5, help="syncs to cut them into; default: 5")
    parser.add_argument(
        "--sample", type=int, default=256, help="texts of a part that the loops embed; default: 256"
    )
    parser.add_argument(
        "--data", type=Path, default=HANDBOOK, metavar="DIR", help="whose sentences are shuffled"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when measured, 2 when the dataset or a setting must be changed."""
    try:
        figures = measure(arguments, Settings())
        show(_table(figures))
        if arguments.json:
            write_json(arguments.json, figures)
    except FootnoteError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    return 0


@dataclass(slots=True)
class Rates:
    """Tokens per second, one figure a part. `chunks` were synced in `seconds`; `tokens` is their mean length."""

    plain: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    sync: list[float] = field(default_factory=list)
    chunks: int = 0
    seconds: float = 0.0
    tokens: int = 0


def measure(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """All three, part by part, each part's loops right before its sync."""
    sentences = sentences_of(open_dataset(arguments.data))
    embedder = open_embedder(settings)
    plain = _plain_loop(settings.embedding.model)
    rates = Rates()
    with tempfile.TemporaryDirectory(prefix="throughput-") as scratch:
        folder = Path(scratch)
        engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
        index = EdgeIndex.open(folder / "index", embedder=embedder)
        for part in range(arguments.parts):
            pages = folder / f"part-{part}"
            write_pages(pages, sentences, pages=arguments.chunks // (SECTIONS * arguments.parts), seed=part)
            texts = _texts(pages, embedder)
            sample = random.Random(part).sample(texts, min(arguments.sample, len(texts)))  # noqa: S311
            rates.plain.append(_rate(plain, sample, embedder))
            rates.bare.append(_rate(embedder.embed_passages, sample, embedder, _BARE_TEXTS))
            _synced(pages, texts, rates, engine=engine, embedder=embedder, index=index)
        index.close()
        engine.dispose()
    return _figures(rates, type(embedder).__name__)


def _plain_loop(model: str) -> Callable[[Sequence[str]], object]:
    loaded = load(model)
    return lambda texts: loaded.encode([*texts], batch_size=_PLAIN_TEXTS, show_progress_bar=False)


def _rate(
    embed: Callable[[Sequence[str]], object],
    texts: Sequence[str],
    embedder: Embedder,
    at_once: int = _PLAIN_TEXTS,
) -> float:
    embed(texts[:1])  # what is only done once is not the loop's
    began = perf_counter()
    for start in range(0, len(texts), at_once):
        embed(texts[start : start + at_once])
    return sum(map(embedder.count_tokens, texts)) / (perf_counter() - began)


def _texts(folder: Path, embedder: Embedder) -> list[str]:
    """What a sync of the folder will embed."""
    texts: list[str] = []
    for file in sorted(folder.rglob("*.md")):
        parsed = parse(file.read_bytes(), file.name)
        document = Document("", "", "", title=parsed.title, url="", text=parsed.text, readers=_NOBODY)
        chunks = chunks_of(
            document,
            markup=parsed.markup,
            count_tokens=embedder.count_tokens,
            max_tokens=embedder.max_tokens,
        )
        texts += [chunk.indexed_text for chunk in chunks]
    return texts


def _synced(
    folder: Path, texts: Sequence[str], rates: Rates, *, engine: Engine, embedder: Embedder, index: Index
) -> None:
    catalogue = Catalogue(engine, TEAM)
    registered = catalogue.add_source(
        name=folder.name, kind="folder", location=str(folder), readers={"members"}
    )
    began = perf_counter()
    with confined(embedder, embedder.max_tokens) as reader:
        report = sync(
            Folder(str(folder)),
            registered,
            catalogue=catalogue,
            reader=reader,
            embedder=embedder,
            index=index,
            progress=lambda _: None,
        )
    seconds = perf_counter() - began
    tokens = sum(map(embedder.count_tokens, texts))
    rates.sync.append(tokens * report.embedded / len(texts) / seconds)
    rates.chunks += report.embedded
    rates.seconds += seconds
    rates.tokens += tokens


def _figures(rates: Rates, backend: str) -> dict[str, Any]:
    plain, bare, whole = (median(each) for each in (rates.plain, rates.bare, rates.sync))
    return {
        "backend": backend,
        "chunks": rates.chunks,
        "tokens per chunk": round(rates.tokens / rates.chunks, 1),
        "plain loop, tokens/s": round(plain),
        "bare loop, tokens/s": round(bare),
        "whole sync, tokens/s": round(whole),
        "whole sync, chunks/s": round(rates.chunks / rates.seconds, 1),
        "bare loop / plain loop": round(_ratio(rates.bare, rates.plain), 2),
        "whole sync / plain loop": round(_ratio(rates.sync, rates.plain), 2),
        "whole sync / bare loop": round(_ratio(rates.sync, rates.bare), 2),
        "parts": [
            {"plain": round(one), "bare": round(two), "sync": round(three)}
            for one, two, three in zip(rates.plain, rates.bare, rates.sync, strict=True)
        ],
    }


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """The median of the parts' ratios."""
    return median(one / other for one, other in zip(these, those, strict=True))


def _table(figures: Mapping[str, Any]) -> Table:
    table = Table("", "", title="throughput", show_header=False)
    table.columns[1].justify = "right"
    for name, figure in figures.items():
        if name != "parts":
            table.add_row(name, str(figure))
    return table
