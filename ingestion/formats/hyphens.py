"""Words that were broken at a line's end, made whole. Pure.

PDFium leaves out the line end after a hyphen and marks the hyphen: whether it belongs to the word it cannot know. The
other words of the document do: `dual-encoder` stands there or `dual` and `encoder` do, `retrieval` does or `retrie` does not.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

_MARK = re.compile("[\ufffe\x02]")
_WORD = re.compile(r"[\w\ufffe\x02-]+")
_LONGEST = 200  # characters; what is longer is no word


def rejoined(texts: Sequence[str]) -> list[str]:
    """The texts of one document, without marks."""
    if not any(map(_MARK.search, texts)):
        return list(texts)
    words = _words(texts)
    return [_WORD.sub(lambda found: _whole(found[0], words), text) for text in texts]


def _words(texts: Sequence[str]) -> Counter[str]:
    """How often each word stands somewhere unbroken: the parts of compounds, and each two that stand together."""
    words: Counter[str] = Counter()
    for text in texts:
        for found in _WORD.findall(text.lower()):
            if not _MARK.search(found):
                parts = found.split("-")
                words.update(parts)
                words.update(map("-".join, pairwise(parts)))
    return words


def _whole(word: str, words: Counter[str]) -> str:
    if len(word) > _LONGEST:
        return _MARK.sub("-", word)
    whole, *rest = _MARK.split(word)
    for part in rest:
        whole += _joint(whole, part, words) + part
    return whole


def _joint(before: str, after: str, words: Counter[str]) -> str:
    """Nothing or a hyphen: as elsewhere in the document, else a hyphen between words, names and numbers."""
    if not (before[-1:].islower() and after[:1].islower()):  # Dual-Encoder, COVID-19
        return "-"
    last, first = before.rpartition("-")[2].lower(), after.partition("-")[0].lower()
    hyphenated, joined = words[f"{last}-{first}"], words[last + first]
    if hyphenated or joined:
        return "-" if hyphenated > joined else ""
    return "-" if words[last] and words[first] else ""
