"""Re-ranking: the best of the candidates are read once more, each together with the question.

Two stages as in Matveeva et al. 2006, "High accuracy retrieval with multiple nested ranker". The new scores are mixed into the
fused ones and do not replace them: a reranker that was not trained on such pages is wrong where they are right.
"""

from dataclasses import dataclass, replace
from statistics import fmean, pstdev

from rag.ports import Reranker
from rag.retrieval import Found, Retrieve, Search


@dataclass(frozen=True, slots=True)
class Reranking:
    """`weight` is how many standard deviations of the fused scores one of the new scores is worth; the `depth` best are read."""

    reranker: Reranker
    weight: float = 0.8
    depth: int = 20

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        found = retrieve(search)
        best, rest = found.candidates[: self.depth], found.candidates[self.depth :]
        if len(best) < 2:  # noqa: PLR2004 - nothing to order
            return found
        scores = self.reranker.scores(found.text or search.text, best)
        mean, spread = fmean(scores), pstdev(scores)
        if not spread:
            return found
        step = self.weight * pstdev(passage.score for passage in best) / spread
        mixed = [
            replace(passage, score=passage.score + step * (score - mean))
            for passage, score in zip(best, scores, strict=True)
        ]
        return found.ranked([*sorted(mixed, key=lambda passage: -passage.score), *rest])
