"""How good Footnote is, how fast, how reliable. A dataset is a folder in BEIR's layout, or one like `examples/handbook`.

python -m evals retrieval   nDCG, recall and reciprocal rank of the documents found, by configuration, with intervals
python -m evals sweep       other chunk sizes, numbers of candidates and passages, fusions: what is really better or worse
python -m evals answers     the answers: right, cited, given when they should be, and how fast
python -m evals faithfulness what is not so removed, disagreement noticed, nobody asked back without need
python -m evals abstention  what answers without an LLM give and hold back, and how well the confidence separates
python -m evals fit         the weights of that confidence, fitted on questions as asked and without what answers them
python -m evals tune        the embedding model fine-tuned on a dataset's pages; refused unless it is better
python -m evals latency     from a mention to its final message, beside the bare embed and search
python -m evals stages      what finding takes beside the bare embed and search
python -m evals techniques  what each technique costs: calls of a language model, searches, time
python -m evals formats     what files of many formats become: text, or the reason why not
python -m evals chaos       many questions while workers are killed: answered once, lost, answered twice
python -m evals throughput  a whole sync, beside the bare embedding loop and the plain one of sentence-transformers
python -m evals memory      the peak of a sync's memory as the corpus grows
python -m evals ssrf        addresses that must not be fetched, and benign ones: reached and refused
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from evals import (
    answers,
    chaos,
    faithfulness,
    formats,
    latency,
    memory,
    ssrf,
    stages,
    sweep,
    techniques,
    throughput,
    tuning,
)
from evals.abstention import attempt, attempt_without, holding_answer, separation
from evals.datasets import open_dataset
from evals.datasets.dataset import Dataset, DatasetUnusable
from evals.finding import CONFIGURATIONS
from evals.fitting import fit
from evals.indexing import Collection, open_collection
from evals.plotting import plot
from evals.ratings import ratings
from evals.reporting import (
    abstention_table,
    answers_table,
    constants,
    show,
    thresholds_table,
    write_json,
)
from evals.retrieval import evaluate
from evals.retrieval_reporting import (
    LEADING,
    baseline_of,
    intervals,
    read_baseline,
    retrieval_json,
    retrieval_tables,
)
from evals.separating import auroc, confusion
from rag.composition import open_embedder, open_llm
from rag.confidence import closeness
from rag.errors import FootnoteError
from rag.ports import Embedder
from rag.settings import Settings

_SPLITS = ("dev", "heldout")
_THRESHOLDS = tuple(step / 100 for step in range(20, 85, 5))


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 when measured, 1 when a promise was broken, 2 when the dataset or a setting must be changed."""
    options = _parser().parse_args(arguments)
    measurements = {
        "latency": latency.run,
        "stages": stages.run,
        "techniques": techniques.run,
        "tune": tuning.run,
        "chaos": chaos.run,
        "formats": formats.run,
        "ssrf": ssrf.run,
        "throughput": throughput.run,
        "memory": memory.run,
    }
    if options.command in measurements:
        return measurements[options.command](options)
    commands = {
        "retrieval": _retrieval,
        "abstention": _abstention,
        "fit": _fit,
        "answers": _answers,
        "sweep": _sweep,
        "faithfulness": _faithfulness,
    }
    try:
        commands[options.command](options, Settings())
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evals", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the dataset")
    shared.add_argument("--fresh", action="store_true", help="index again, whatever an earlier run has kept")
    shared.add_argument("--lang", help="only questions in this language, over documents in it")
    shared.add_argument("--mini", action="store_true", help="only the part that stands for the whole")
    shared.add_argument("--type", dest="kind", help="only questions of this type")
    commands = parser.add_subparsers(dest="command", required=True)
    retrieval = commands.add_parser("retrieval", parents=[shared], help="the documents found")
    retrieval.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")
    retrieval.add_argument("--plot", type=Path, metavar="FILE", help="where to draw them, as PNG")
    retrieval.add_argument(
        "--config", action="append", choices=CONFIGURATIONS, help="repeatable; default: all"
    )
    retrieval.add_argument(
        "--baseline", choices=CONFIGURATIONS, help="what to compare with; default: the first"
    )
    retrieval.add_argument(
        "--against", type=Path, metavar="FILE", help="compare with an earlier run's JSON instead"
    )
    retrieval.add_argument("--split", choices=_SPLITS, help="default: all queries")
    swept = commands.add_parser("sweep", parents=[shared], help="other settings against the default")
    swept.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")
    swept.add_argument("--plot", type=Path, metavar="FILE", help="where to draw them, as PNG")
    swept.add_argument("--split", choices=_SPLITS, help="default: all queries")
    sweep.add_arguments(swept)
    asked = commands.add_parser("answers", parents=[shared], help="how good the answers are")
    asked.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")
    asked.add_argument("--split", choices=_SPLITS, help="default: all queries")
    answers.add_arguments(asked)
    faithful = commands.add_parser("faithfulness", parents=[shared], help="claims, conflicts, questions back")
    faithful.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")
    commands.add_parser("abstention", parents=[shared], help="the answers given and held back")
    fitting = commands.add_parser("fit", parents=[shared], help="the weights of the confidence")
    fitting.add_argument(
        "--split", choices=(*_SPLITS, "all"), default="all", help="what to fit on; default: all"
    )
    ssrf.add_arguments(commands.add_parser("ssrf", help="whether a fetch reaches where it must not"))
    throughput.add_arguments(commands.add_parser("throughput", help="how fast a whole sync is"))
    memory.add_arguments(commands.add_parser("memory", help="how much memory a sync takes"))
    latency.add_arguments(commands.add_parser("latency", help="how long an answer takes"))
    tuning.add_arguments(commands.add_parser("tune", help="a model that knows the pages better"))
    stages.add_arguments(commands.add_parser("stages", help="how long finding takes"))
    techniques.add_arguments(commands.add_parser("techniques", help="what each technique costs"))
    formats.add_arguments(commands.add_parser("formats", help="what files of many formats become"))
    chaos.add_arguments(
        commands.add_parser("chaos", help="whether a question is ever lost or answered twice")
    )
    return parser


def _dataset(options: argparse.Namespace) -> Dataset:
    dataset = open_dataset(options.data)
    if options.lang or options.mini or options.kind:
        dataset = dataset.narrowed(lang=options.lang, mini=options.mini, kind=options.kind)
    return dataset


@contextmanager
def _opened(options: argparse.Namespace, settings: Settings) -> Iterator[tuple[Dataset, Collection]]:
    """The dataset, read before a model is loaded, and its chunks."""
    dataset = _dataset(options)
    embedder = open_embedder(settings)
    folder = settings.storage.data_dir / "evals"
    with open_collection(dataset, embedder, folder, fresh=options.fresh) as collection:
        yield dataset, collection


def _retrieval(options: argparse.Namespace, settings: Settings) -> None:
    configurations = [*dict.fromkeys(options.config or CONFIGURATIONS)]
    candidates = settings.retrieval.candidates
    with _opened(options, settings) as (dataset, collection):
        report = evaluate(dataset, collection, configurations, candidates=candidates, split=options.split)
    baseline = (
        read_baseline(options.against)
        if options.against
        else baseline_of(report, options.baseline or configurations[0])
    )
    show(*retrieval_tables(report, baseline))
    if options.json:
        write_json(options.json, retrieval_json(report, baseline))
    if options.plot:
        spans = intervals(report)
        means = {name: (scores.overall[LEADING], spans[name]) for name, scores in report.scores.items()}
        plot(options.plot, {report.dataset.name: means}, label=LEADING)


def _sweep(options: argparse.Namespace, settings: Settings) -> None:
    dataset = _dataset(options)

    def opened(embedder: Embedder) -> AbstractContextManager[Collection]:
        return open_collection(dataset, embedder, settings.storage.data_dir / "evals", fresh=options.fresh)

    swept = sweep.sweep(
        dataset,
        open_embedder(settings),
        opened,
        candidates=settings.retrieval.candidates,
        split=options.split,
    )
    show(*sweep.sweep_tables(swept, options.measure))
    if options.json:
        write_json(options.json, sweep.sweep_json(swept))
    if options.plot:
        plot(options.plot, {dataset.name: swept.bars(options.measure)}, label=options.measure)


def _answers(options: argparse.Namespace, settings: Settings) -> None:
    llm = open_llm(settings)
    with _opened(options, settings) as (dataset, collection):
        part = dataset.part(options.split)
        baselines = [name for name in options.baseline or answers.BASELINES if name != "none"]
        figures = answers.run(part, collection, settings, llm, hold_out=options.hold_out, baselines=baselines)
    show(*answers.tables(figures, ratings(settings.storage.database_url)))
    if options.json:
        write_json(options.json, figures)
    if options.plot:
        plot(options.plot, answers.bars(figures), label=f"{figures['dataset']}: mean and 95 % interval")


def _faithfulness(options: argparse.Namespace, settings: Settings) -> None:
    with _opened(options, settings) as (dataset, collection):
        figures = faithfulness.run(dataset, collection, settings)
    show(*faithfulness.tables(figures))
    if options.json:
        write_json(options.json, figures)


def _abstention(options: argparse.Namespace, settings: Settings) -> None:
    threshold = settings.retrieval.answer_threshold
    with _opened(options, settings) as (dataset, collection):
        trials = {
            split or "all": attempt(dataset, collection, settings.retrieval, split)
            for split in dataset.splits() or (None,)
        }
    separations = {split: separation(each, threshold) for split, each in trials.items()}
    show(
        abstention_table(dataset.name, separations, threshold),
        answers_table({split: holding_answer(each) for split, each in trials.items()}),
    )


def _fit(options: argparse.Namespace, settings: Settings) -> None:
    with _opened(options, settings) as (dataset, collection):
        parts = {split or "all": split for split in (*dataset.splits(), None)}
        trials = {
            name: [
                *attempt(dataset, collection, settings.retrieval, split),
                *attempt_without(dataset, collection, settings.retrieval, split),
            ]
            for name, split in parts.items()
        }
    if options.split not in trials:
        raise DatasetUnusable(
            f"The dataset {dataset.name} has no query whose metadata.split is {options.split}."
        )
    answerable = {split: [trial.answerable for trial in each] for split, each in trials.items()}
    if len(set(answerable[options.split])) == 1:
        raise DatasetUnusable(
            f"The {options.split} queries of {dataset.name} are all answerable, or none of them is."
        )
    model = fit([trial.signals for trial in trials[options.split]], answerable[options.split])
    confidences = {
        split: [model(trial.signals) * closeness(trial.nearest) for trial in each]
        for split, each in trials.items()
    }
    print(constants(model))
    for split, values in confidences.items():
        print(f"AUROC {split}: {auroc(values, answerable[split]):.3f}")
    rows = {
        threshold: [confusion(values, answerable[split], threshold) for split, values in confidences.items()]
        for threshold in _THRESHOLDS
    }
    show(thresholds_table(rows, [*confidences]))


if __name__ == "__main__":
    sys.exit(main())
