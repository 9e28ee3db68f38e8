"""Verified answers first: what a person wrote down as the answer to this very question comes before what documents say.

Curated answers before a search's own, as "best bets" in enterprise search (Morville & Rosenfeld 2006, "Information architecture
for the World Wide Web", §8.6), found by meaning and not by keyword. A verified answer carries its question as its title, so that the
cosine of what is asked and the whole of it tells whether it is the same question. Only then is it lifted: one about something
else stays where the search has put it.
"""

from dataclasses import dataclass, replace

from rag.retrieval import Found, Retrieve, Search

_WEIGHED = 20  # candidates; what is found further down is about something else


@dataclass(frozen=True, slots=True)
class VerifiedFirst:
    """Puts first what a person verified and that answers: with a cosine of `least` where nothing is nearer to the question, or of
    `sure`, and at most `reach` less than what is nearest. Several keep their order. Needs no LLM.
    """

    least: float = 0.5
    sure: float = 0.6
    reach: float = 0.05

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        found = retrieve(search)
        best, rest = found.candidates[:_WEIGHED], found.candidates[_WEIGHED:]
        nearest = max((passage.similarity or 0.0 for passage in best), default=0.0)
        first = [it for it in best if it.chunk.review_at and self._answers(it.similarity or 0.0, nearest)]
        if not first:
            return found
        lifted = [replace(passage, score=best[0].score) for passage in first]
        return found.ranked([*lifted, *(passage for passage in best if passage not in first), *rest])

    def _answers(self, similarity: float, nearest: float) -> bool:
        if similarity >= nearest:
            return similarity >= self.least
        return similarity >= max(self.sure, nearest - self.reach)
