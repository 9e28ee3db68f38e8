"""The configurations that are compared: each finds documents for a question. The last of the steps is the product's default."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean, pstdev
from typing import cast

from evals.classic import Classic
from evals.datasets.dataset import AUDIENCE, Dataset, Query
from evals.indexing import Collection
from evals.measuring import DEPTH
from rag.adapters.late_interaction import LateInteraction
from rag.domain import Passage, Question
from rag.fusion import by_score, ranked_anew
from rag.ports import Embedder, Hits, TokenEmbedder
from rag.retrieval import Ranking, Retriever, Search, Technique, planned
from rag.techniques.follow_up import standalone
from rag.techniques.plan import usual
from rag.techniques.reranking import Reranking
from rag.techniques.spelling import Spelling

Find = Callable[[Query], Sequence[str]]
"""The best documents for a question by id, at most ten, best first."""

Configuration = Callable[[Dataset, Collection, int], Find]
"""Over a dataset and its collection, with so many candidates from each side of the search."""

Techniques = Callable[[Embedder], Sequence[Technique]]


def by_meaning(hits: Hits) -> list[Passage]:
    """What embeddings alone find."""
    return [*hits.dense]


def by_words(hits: Hits) -> list[Passage]:
    """What BM25 alone finds."""
    return [*hits.sparse]


def by_rank(hits: Hits) -> list[Passage]:
    """Reciprocal rank fusion, k = 60 (Cormack, Clarke & Büttcher 2009)."""
    return _summed(hits, lambda side: [1 / (60 + passage.rank) for passage in side])


def by_distribution(hits: Hits) -> list[Passage]:
    """Distribution-based score fusion as in Qdrant: over three standard deviations, capped at both ends."""

    def scored(side: Sequence[Passage]) -> list[float]:
        scores = [passage.score for passage in side]
        mean, spread = fmean(scores), 3 * pstdev(scores)
        return [min(1.0, max(0.0, (x - mean + spread) / (2 * spread))) if spread else 0.5 for x in scores]

    return _summed(hits, scored)


def _summed(hits: Hits, scored: Callable[[Sequence[Passage]], list[float]]) -> list[Passage]:
    totals: dict[tuple[str, str], float] = {}
    passages: dict[tuple[str, str], Passage] = {}
    for side in (hits.dense, hits.sparse):
        for passage, score in zip(side, scored(side) if side else [], strict=True):
            key = passage.chunk.source_id, passage.chunk.id
            totals[key] = totals.get(key, 0.0) + score
            passages.setdefault(key, passage)
    return ranked_anew(passages[key] for key in sorted(totals, key=lambda key: (-totals[key], key)))


def nothing(embedder: Embedder) -> Sequence[Technique]:  # noqa: ARG001 - as every choice of techniques
    return ()


def spelling(embedder: Embedder) -> Sequence[Technique]:
    return (Spelling(embedder.count_tokens),)


def reranked(embedder: Embedder) -> Sequence[Technique]:
    return (Reranking(LateInteraction(cast("TokenEmbedder", embedder))), *usual(embedder))


def finding(ranking: Ranking, techniques: Techniques = nothing, *, alone: bool = False) -> Configuration:
    """A configuration of the product's own retrieval. With `alone`, a follow-up is searched without what it leans on."""

    def configured(dataset: Dataset, collection: Collection, candidates: int) -> Find:  # noqa: ARG001 - the classic needs it
        around = techniques(collection.embedder)
        return lambda query: _documents(
            query.text if alone else search_text(query), collection, ranking, around, candidates
        )

    return configured


def _classic(dataset: Dataset, collection: Collection, candidates: int) -> Find:  # noqa: ARG001 - it has its own five
    classic = classic_of(dataset, collection)
    return lambda query: classic.find(search_text(query))


def classic_of(dataset: Dataset, collection: Collection) -> Classic:
    """The classic recipe over the dataset; its vectors are kept beside the collection."""
    kept = collection.folder.with_name(f"{collection.folder.name}-classic.npy")
    return Classic(dataset, collection.embedder, kept)


CONFIGURATIONS: Mapping[str, Configuration] = {
    "classic": _classic,
    "dense": finding(by_meaning),
    "sparse": finding(by_words),
    "rrf": finding(by_rank),
    "dbsf": finding(by_distribution),
    "fused": finding(by_score),
    "spelling": finding(by_score, spelling),
    "raw": finding(by_score, usual, alone=True),
    "default": finding(by_score, usual),
    "late-interaction": finding(by_score, reranked),
}
"""By name. Baselines: the tutorial's recipe, our vectors alone, our BM25 alone. `fused` and `spelling` are the steps on the way
to `default`, which is what the product does; `rrf` and `dbsf` fuse otherwise; `raw` is the default without follow-up rewriting;
`late-interaction` is the default with a setting that is off, for its time.
"""


def search_text(query: Query) -> str:
    """What is searched for: a follow-up together with what it leans on, as the product does without an LLM."""
    return standalone(Question(query.text, AUDIENCE, query.history), None)


def _documents(
    text: str, collection: Collection, ranking: Ranking, techniques: Iterable[Technique], candidates: int
) -> Sequence[str]:
    """A document stands where its best chunk stands. Twice as many candidates as long as they are of fewer than ten documents."""
    around = [*techniques]
    while True:
        retriever = Retriever(
            collection.embedder,
            collection.index,
            candidates=candidates,
            passages=2 * candidates,
            ranking=ranking,
        )
        passages = planned(retriever.retrieve, around)(Search(text, AUDIENCE)).passages
        documents = list(dict.fromkeys(passage.chunk.document_id for passage in passages))
        if len(documents) >= DEPTH or candidates >= collection.chunks:
            return documents[:DEPTH]
        candidates *= 2
