"""An embedder that needs no model: texts are near each other when they share words."""

import re
from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np

from rag.domain import Embedding
from rag.ports import TokenVectors

WORDS = ("apple", "banana", "cherry", "dog", "elephant", "fig", "grape", "holiday", "invoice", "juice")


class WordEmbedder:
    """One dimension a word of `WORDS` and one for all others. `embedded` counts the passages it was given."""

    name = "words"
    dimensions = len(WORDS) + 1
    max_tokens = 64

    def __init__(self) -> None:
        self.embedded = 0

    def count_tokens(self, text: str) -> int:
        return len(_words(text))

    @property
    def counter(self) -> Callable[[str], int]:
        return self.count_tokens

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        self.embedded += len(texts)
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> Embedding:
        words = _words(text)
        counts = [float(words.count(word)) for word in WORDS]
        counts.append(0.1)
        length = sqrt(sum(count * count for count in counts))
        return [count / length for count in counts]

    def token_vectors(self, texts: Sequence[str], *, query: bool = False) -> list[TokenVectors]:
        return [
            np.asarray([self.embed_query(word) for word in _words(text)], dtype=np.float32) for text in texts
        ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
