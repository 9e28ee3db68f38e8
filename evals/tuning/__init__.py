"""The embedding model, fine-tuned on a team's own pages, and promoted only where it is better.

python -m evals tune                the pages of this installation, with the questions whose answers people found helpful, and
                                    those that a language model writes
python -m evals tune --data DIR     a dataset's pages, with the questions that people asked of them

    pages       what is learned from, and the questions that judge
    pairs       a question, or what stands for one, and the text that answers it; split by documents
    training    the trainer of sentence-transformers
    judging     whether the tuned model is better

Promotion is a setting and a rebuild: EMBEDDING_MODEL names the folder that is printed, and `python -m ingestion rebuild` builds the
index anew beside the one that serves, and switches.
"""

import argparse
import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from evals.comparing import Comparison
from evals.datasets.dataset import DatasetUnusable
from evals.reporting import show
from evals.tuning.judging import Judgement, judge
from evals.tuning.pages import Pages, of_dataset, of_installation
from evals.tuning.pairs import Pair, from_headings, from_model, from_ratings, split
from evals.tuning.training import tune
from rag.adapters.sentence_transformer import SentenceTransformerEmbedder
from rag.composition import open_llm
from rag.domain import Chunk
from rag.errors import FootnoteError
from rag.settings import Settings

_FEWEST = 20  # pairs on either side, and questions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the folder of a dataset, instead of this installation's pages",
    )
    parser.add_argument("--steps", type=int, default=20, help="how many batches are learned from")
    parser.add_argument("--batch", type=int, default=16, help="pairs in a batch")
    parser.add_argument("--rate", type=float, default=2e-5, help="the learning rate")
    parser.add_argument(
        "--asked", type=int, default=200, help="chunks for which an LLM, where one is set, writes questions"
    )


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when the tuned model is better, 1 when it is refused, 2 when the pages or a setting must be changed."""
    try:
        return _run(arguments, Settings())
    except FootnoteError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    model = settings.embedding.model
    before = SentenceTransformerEmbedder(model)
    pages = of_dataset(arguments.data, before) if arguments.data else of_installation(settings)
    rated = [] if arguments.data else from_ratings(settings.storage.database_url)
    written = _asked(settings, pages.chunks, arguments.asked)
    learned, held_out = split([*from_headings(pages.chunks), *written, *rated])
    _check(pages, learned, held_out)
    folder = settings.storage.data_dir / "models" / f"tuned-{_key(model, learned, arguments)}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    _say(f"Learning from {len(learned)} pairs: some ten seconds a step on two cores.")
    tune(model, learned, folder, steps=arguments.steps, batch=arguments.batch, rate=arguments.rate)
    judgement = judge(before, SentenceTransformerEmbedder(str(folder)), held_out, pages)
    show(_table(pages.name, learned, held_out, judgement))
    if not judgement.is_better:
        shutil.rmtree(folder)
        _say("Refused: the tuned model is not better on both, and was thrown away.")
        return 1
    _say(
        f"Better. To answer with it: set EMBEDDING_MODEL={folder.resolve()} and run python -m ingestion rebuild"
    )
    return 0


def _check(pages: Pages, learned: Sequence[Pair], held_out: Sequence[Pair]) -> None:
    """Raises DatasetUnusable where there is too little to learn from, or to judge by."""
    if min(len(learned), len(held_out)) < _FEWEST:
        raise DatasetUnusable(
            f"{pages.name} gives {len(learned)} pairs to learn from and {len(held_out)} to judge by: too few."
        )
    questions = len(pages.queries) or sum(pair.is_question for pair in held_out)
    if questions < _FEWEST:
        raise DatasetUnusable(
            f"{pages.name} gives {questions} questions to judge by, at least {_FEWEST} are needed: headings alone are no"
            " measure. Give a dataset with questions (--data), or set a language model (LLM_BASE_URL) that writes some."
        )


def _asked(settings: Settings, chunks: Sequence[Chunk], most: int) -> list[Pair]:
    llm = open_llm(settings)
    if llm is None:
        return []
    try:
        return [*from_model(llm, chunks[:: max(1, len(chunks) // most)][:most])]
    finally:
        llm.close()


def _key(model: str, pairs: Sequence[Pair], arguments: argparse.Namespace) -> str:
    content = repr((model, pairs, arguments.steps, arguments.batch, arguments.rate))
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _table(name: str, learned: Sequence[Pair], held_out: Sequence[Pair], judgement: Judgement) -> Table:
    table = Table(
        "nDCG@10, tuned minus before", title=f"{name}: tuned on {len(learned)} pairs", title_justify="left"
    )
    for column in ("difference", "95 %", "p", "", "questions"):
        table.add_column(column, justify="right")
    rows: list[tuple[str, Comparison]] = [
        (f"held out ({len(held_out)} pairs of unseen pages)", judgement.held_out),
        ("questions", judgement.questions),
    ]
    for label, found in rows:
        table.add_row(
            label,
            f"{found.difference:+.3f}",
            f"{found.low:+.3f} – {found.high:+.3f}",
            f"{found.p:.3f}",
            found.verdict,
            str(found.questions),
        )
    return table


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's output
