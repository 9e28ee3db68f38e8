"""Is what is not so removed from an answer, is a disagreement noticed, and is nobody asked back without need? No model asked.

claims     sentences of the documents found, as a language model might have written them down: as they stand, and altered: with
           another number, with a denial more or less, under another passage's mark, out of documents that were not found
conflicts  quoted answers that say that documents disagree, by type of question; `both`: with all documents that are judged
asked      questions without a conversation that are asked back
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from evals.datasets.dataset import AUDIENCE, Dataset, Query
from evals.finding import search_text
from evals.indexing import Collection
from rag.checking import ByWords, Source, checked
from rag.clarifying import clarification
from rag.conflicts import disagreement
from rag.expansion import expanded
from rag.extracting import extract
from rag.quotable import sentences
from rag.retrieval import Retriever, Search, planned
from rag.settings import Settings
from rag.techniques.plan import usual

_COMPARED = 10  # as `rag.answering`
_LEAST_WORDS = 4
_FLIPS = (
    (" are not ", " are "), (" is not ", " is "), (" cannot ", " can "), (" do not ", " do "), (" no ", " a "), (" never ", " "),
    (" are ", " are not "), (" is ", " is not "), (" can ", " cannot "), (" may ", " may not "), (" must ", " must not "),
    (" have ", " do not have "), (" has ", " does not have "), (" before ", " after "),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found for one query, and what of it would be quoted."""

    query: Query
    quotes: tuple[tuple[str, int], ...]
    sources: tuple[Source, ...]
    shown: frozenset[str]
    asked_back: bool


def run(dataset: Dataset, collection: Collection, settings: Settings) -> dict[str, Any]:
    """The figures as JSON: counts of what was right and of how many, by kind."""
    trials = [*_trials(dataset, collection, settings)]
    return {
        "dataset": dataset.name,
        "claims": _claims(trials, ByWords(collection.embedder)),
        "conflicts": _conflicts(dataset, trials),
        "asked back": [
            sum(trial.asked_back for trial in trials),
            sum(not trial.query.history for trial in trials),
        ],
    }


def _trials(dataset: Dataset, collection: Collection, settings: Settings) -> Iterator[Trial]:
    section, embedder = settings.retrieval, collection.embedder
    retriever = Retriever(
        embedder, collection.index, candidates=section.candidates, passages=section.passages
    )
    retrieve = planned(retriever.retrieve, usual(embedder))
    for query in dataset.queries:
        found = retrieve(Search(search_text(query), AUDIENCE))
        asked = found.text or search_text(query)
        quoted = extract(asked, found, embedder)
        answered = quoted.confidence >= section.answer_threshold
        quotes = [quote for citation in quoted.citations for quote in citation.quotes]
        told = disagreement(asked, quotes, found.candidates[:_COMPARED], embedder) if answered else ()
        read = expanded(found.passages, partial(retriever.around, audience=AUDIENCE))
        sources = tuple(Source(passage, text) for passage, text in read)
        yield Trial(
            query,
            tuple(_named(quotes, sources)),
            sources,
            frozenset(it.passage.chunk.document_id for it in told),
            not query.history and clarification(asked, found) is not None,
        )


def _named(quotes: Iterable[str], sources: Sequence[Source]) -> Iterator[tuple[str, int]]:
    """The longest sentence of each quote with the number of the source that has it."""
    for quote in quotes:
        sentence = max(sentences(quote), key=len, default="").rstrip(".!?")
        ranks = [n for n, source in enumerate(sources, start=1) if sentence in " ".join(source.pieces)]
        if ranks and len(sentence.split()) >= _LEAST_WORDS:
            yield sentence, ranks[0]


def _claims(trials: Sequence[Trial], check: ByWords) -> dict[str, list[int]]:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    strangers = _strangers(trials)
    for trial in trials:
        for sentence, rank in trial.quotes:
            for kind, altered, mark in _altered(sentence, rank, trial.sources, next(strangers)):
                text = checked(f"{altered} [{mark}].", trial.sources, trial.query.text, check).text
                stands = kind in ("as it stands", "wrong mark")
                total[kind] += 1
                right[kind] += (
                    (bool(text) and f"[{mark}]" in text)
                    if kind == "as it stands"
                    else (f"[{rank}]" in text if stands else not text)
                )
    return {kind: [right[kind], total[kind]] for kind in total}


def _altered(
    sentence: str, rank: int, sources: Sequence[Source], stranger: str
) -> Iterator[tuple[str, str, int]]:
    """(kind, sentence, mark)."""
    everything = " ".join(piece for source in sources for piece in source.pieces)
    yield "as it stands", sentence, rank
    if number := re.search(r"\d+", sentence):
        other = str(int(number[0]) + 5)
        if other not in everything:
            yield "another number", sentence.replace(number[0], other, 1), rank
    if flip := next((flip for flip in _FLIPS if flip[0] in sentence), None):
        yield "a denial more or less", sentence.replace(*flip, 1), rank
    if foreign := [n for n, source in enumerate(sources, start=1) if sentence not in " ".join(source.pieces)]:
        yield "wrong mark", sentence, foreign[0]
    if stranger not in everything:
        yield "found nowhere", stranger, rank


def _strangers(trials: Sequence[Trial]) -> Iterator[str]:
    """Sentences quoted for other questions: half of all the trials away."""
    quoted = [sentence for trial in trials for sentence, _ in trial.quotes]
    half = len(quoted) // 2
    return chain(quoted[half:], quoted)


def _conflicts(dataset: Dataset, trials: Sequence[Trial]) -> dict[str, dict[str, int]]:
    judged: dict[str, set[str]] = {}
    for qrel in dataset.qrels:
        judged.setdefault(qrel.query_id, set()).add(qrel.document_id)
    kinds = dict.fromkeys(trial.query.type for trial in trials)
    of_kind = {kind: [trial for trial in trials if trial.query.type == kind] for kind in kinds}
    return {
        kind: {
            "questions": len(some),
            "told": sum(bool(trial.shown) for trial in some),
            "both": sum(
                bool(trial.shown) and judged.get(trial.query.id, set()) <= trial.shown for trial in some
            ),
        }
        for kind, some in of_kind.items()
    }


def tables(figures: Mapping[str, Any]) -> list[RenderableType]:
    """What `run` found, for people."""
    claims = Table(
        "claim", "right", "of", title=f"{figures['dataset']}: claims checked", title_justify="left"
    )
    for kind, (right, total) in figures["claims"].items():
        claims.add_row(kind, str(right), str(total))
    conflicts = Table("type", "questions", "told", "both", title="Told to disagree", title_justify="left")
    for kind, found in figures["conflicts"].items():
        conflicts.add_row(kind or "-", *(str(found[name]) for name in ("questions", "told", "both")))
    back, asked = figures["asked back"]
    return [claims, conflicts, f"asked back: {back} of {asked}"]
