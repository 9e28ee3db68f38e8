"""Term weights for matching by words: BM25 as sparse vectors, the same numbers for both engines.

Three kinds of term share one vector; the engine multiplies each by its inverse document frequency:

* words: `qdrant_edge.Bm25`, lower-cased, accents folded, English stop words dropped and endings stemmed;
  its ids fill the lower half of the 32-bit range, the terms below take the upper half;
* codes: the word tokenizer cuts `WR-4107`, `config.yaml` and `v2.3.1` at every sign, so that each would also match
  any other 4107, yaml or 3. What holds a sign between letters or digits, or mixes both, becomes one more term,
  as a whole: `wr4107`, `config.yaml`, `v2.3.1`. Hyphens and underscores do not count: `WR-4107`, `WR_4107`
  and `wr4107` are one code. A path gives a term for itself and one for each part that is a code.
* pairs of characters for Chinese, Japanese and Korean, which the word tokenizer would swallow as
  one term per sentence.

Codes are few in a chunk and their length is counted apart from that of the words, so that a code weighs up to
1.7 times as much as a word of equal rarity. Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qdrant_edge import Bm25, Bm25Config

AVERAGE_WORDS = 70
"""What 150 tokens of English prose hold in words other than stop words: BM25's usual length of a chunk."""

AVERAGE_PAIRS = 150
"""The same for pairs of characters, of which a token holds about one."""

_K = 1.2  # how soon repeating a term stops helping
_B = 0.75  # how much a long chunk is held against it
_OWN_IDS = 1 << 31

_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
_IDEOGRAPHS = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af\U00020000-\U0003ffff"
)
_UNSPACED = re.compile(f"[{_IDEOGRAPHS}]+")
_COMPOUND = re.compile(r"[^\W_]+(?:[-_./:\\@+]+[^\W_]+)*")
_PATH_SIGN = re.compile(r"[/\\:@]+")
_IGNORED_SIGNS = re.compile(r"[-_]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """A sparse vector: term ids in rising order, none twice, and a weight for each."""

    indices: list[int]
    values: list[float]


class TermWeights:
    """Text to sparse vectors, for documents and for questions."""

    def __init__(self) -> None:
        self._bm25 = Bm25(
            Bm25Config(k=_K, b=_B, avg_len=AVERAGE_WORDS, language="english", ascii_folding=True)
        )

    def of_document(self, text: str) -> Terms:
        """How much each term says about the document, before its frequency in the whole index is known."""
        spaced, codes, pairs = _taken_apart(text)
        words = self._bm25.embed_document(spaced)
        weights = dict(zip(words.indices, words.values, strict=True))
        weights |= _weighed(codes, AVERAGE_WORDS)
        weights |= _weighed(pairs, AVERAGE_PAIRS)
        return _sorted(weights)

    def of_query(self, text: str) -> Terms:
        """Each term once, with weight 1. Empty for a question of stop words only: it matches nothing."""
        spaced, codes, pairs = _taken_apart(text)
        words = self._bm25.embed_query(spaced)
        return _sorted(dict.fromkeys((*words.indices, *map(_own_id, {*codes, *pairs})), 1.0))


def _taken_apart(text: str) -> tuple[str, list[str], list[str]]:
    """The text without its unspaced scripts, its codes, its pairs of characters."""
    plain = unicodedata.normalize("NFKC", text).translate(_HYPHENS)
    pairs = [pair for run in _UNSPACED.findall(plain) for pair in _pairs(run)]
    spaced = _UNSPACED.sub(" ", plain) if pairs else plain
    return spaced, list(_codes(spaced.lower())), pairs


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


def _codes(text: str) -> Iterator[str]:
    for compound in _COMPOUND.findall(text):
        parts = _PATH_SIGN.split(compound)
        if len(parts) > 1:
            yield "/".join(map(_code, parts))
        yield from (_code(part) for part in parts if _is_code(part))


def _code(part: str) -> str:
    return _IGNORED_SIGNS.sub("", part)


def _is_code(part: str) -> bool:
    """Whether signs hold the part together, or it mixes letters and digits."""
    return not part.isalnum() or (not part.isalpha() and not part.isdecimal())


def _weighed(terms: Iterable[str], average: int) -> dict[int, float]:
    """BM25's share of a document: term frequency, saturated and put in proportion to the length."""
    counts = Counter(terms)
    norm = _K * (1 - _B + _B * counts.total() / average)
    return {_own_id(term): count * (_K + 1) / (count + norm) for term, count in counts.items()}


def _own_id(term: str) -> int:
    digest = hashlib.blake2b(term.encode(errors="replace"), digest_size=4).digest()
    return _OWN_IDS | int.from_bytes(digest, "big")


def _sorted(weights: dict[int, float]) -> Terms:
    indices = sorted(weights)
    return Terms(indices, [weights[index] for index in indices])
