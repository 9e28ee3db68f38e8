"""Is a tuned model better? On pairs of documents that it has not seen, and on questions.

Pairs alone mislead: most are headings, and a model that learns to find texts by their headings may lose questions by it
(docs/decisions/0017-tuning.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.comparing import Comparison, compare
from evals.datasets.dataset import Qrel
from evals.measuring import DEPTH, measure
from evals.tuning.pages import Pages
from evals.tuning.pairs import Pair
from rag.ports import Embedder

_MEASURE = "ndcg@10"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The tuned model minus the one it was made of, in nDCG@10."""

    held_out: Comparison
    questions: Comparison

    @property
    def is_better(self) -> bool:
        """Better on what was held out, beyond chance, and on questions not worse in the mean, be that chance or not."""
        return self.held_out.verdict == "better" and self.questions.difference >= 0


def judge(before: Embedder, after: Embedder, held_out: Sequence[Pair], pages: Pages) -> Judgement:
    """Both models rank the same texts for the same anchors, and the same documents for the same questions.

    Where nobody's questions are known, those that a language model wrote of the documents held out stand for them.
    """
    if pages.queries:
        questions = compare(_on_questions(after, pages), _on_questions(before, pages))
    else:
        written = [pair for pair in held_out if pair.is_question]
        questions = compare(_on_pairs(after, written), _on_pairs(before, written))
    return Judgement(compare(_on_pairs(after, held_out), _on_pairs(before, held_out)), questions)


def _on_pairs(embedder: Embedder, pairs: Sequence[Pair]) -> dict[str, float]:
    texts = [*dict.fromkeys(pair.text for pair in pairs)]
    places = {text: str(place) for place, text in enumerate(texts)}
    qrels = {Qrel(pair.anchor, places[pair.text], 1) for pair in pairs}
    anchors = [*dict.fromkeys(pair.anchor for pair in pairs)]
    ranked = _ranked(embedder, anchors, texts)
    found = {anchor: [str(place) for place in ranking[:DEPTH]] for anchor, ranking in ranked.items()}
    return _values(measure(found, sorted(qrels)))


def _on_questions(embedder: Embedder, pages: Pages) -> dict[str, float]:
    texts = [chunk.indexed_text for chunk in pages.chunks]
    ranked = _ranked(embedder, [query.text for query in pages.queries], texts)
    found = {
        query.id: [*dict.fromkeys(pages.chunks[place].document_id for place in ranked[query.text])][:DEPTH]
        for query in pages.queries
    }
    return _values(measure(found, pages.qrels))


def _ranked(embedder: Embedder, asked: Sequence[str], texts: Sequence[str]) -> dict[str, list[int]]:
    """The places of the nearest texts, best first, for each of the asked."""
    vectors = np.asarray(embedder.embed_passages(texts), dtype=np.float32)
    ranked: dict[str, list[int]] = {}
    for text in asked:
        cosines = vectors @ np.asarray(embedder.embed_query(text), dtype=np.float32)
        ranked[text] = np.argsort(-cosines, kind="stable")[: 20 * DEPTH].tolist()
    return ranked


def _values(measures: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {key: values[_MEASURE] for key, values in measures.items()}
