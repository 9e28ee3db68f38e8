"""Spelling: a word of the question that no document knows becomes the word of the documents that it was meant to be.

Search by words depends on spelling more than search by meaning does. So what meaning finds supplies the words to correct
with: the vocabulary of the candidates of a first search, as in query correction from pseudo-relevant text (Cucerzan & Brill 2004,
"Spelling correction as an iterative process that exploits the collective knowledge of web users", §3). A word that stands in any
candidate is taken as right: were it in the index at all, the search by words would have brought it. So is a word that the
embedding model has a token of its own for: "food" is no misspelt "foot", even where nobody writes of food.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from rag.domain import Passage
from rag.retrieval import Found, Retrieve, Search

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4  # letters; shorter words are near too many others
_TWO_SLIPS = 7  # letters from which on two slips are forgiven


@dataclass(frozen=True, slots=True)
class Spelling:
    """Searches once more where a word was corrected. Needs no LLM; `count_tokens` is the embedding model's."""

    count_tokens: Callable[[str], int]

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        found = retrieve(search)
        text = corrected(search.text, found.candidates, self.count_tokens)
        return found if text == search.text else retrieve(replace(search, text=text))


def corrected(text: str, candidates: Iterable[Passage], count_tokens: Callable[[str], int]) -> str:
    """The text with each unknown word replaced by the nearest in the candidates, where one is near enough.

    Near is one slip (a letter more, less, other, or two exchanged: optimal string alignment) in words of at least four
    letters, two from seven letters on, with the same first letter. Of words equally near, the most frequent.
    """
    joined = "\n".join(passage.chunk.indexed_text for passage in candidates).lower()
    one = count_tokens("") + 1
    unknown = {
        word
        for word in map(str.lower, _WORD.findall(text))
        if len(word) >= _SHORTEST and word not in joined and count_tokens(word) > one
    }
    if not unknown:
        return text
    vocabulary = Counter(word for word in _WORD.findall(joined) if len(word) >= _SHORTEST)
    near = {word: _nearest(word, vocabulary) for word in unknown}
    meant = {word: other for word, other in near.items() if other}
    return _WORD.sub(lambda match: meant.get(match[0].lower(), match[0]), text)


def _nearest(word: str, vocabulary: Counter[str]) -> str | None:
    slips = 1 + (len(word) >= _TWO_SLIPS)
    near = extract(word, vocabulary.keys(), scorer=OSA.distance, score_cutoff=slips, limit=8)
    alike = [(distance, -vocabulary[other], other) for other, distance, _ in near if other[0] == word[0]]
    return min(alike)[2] if alike else None
