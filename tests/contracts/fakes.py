"""An embedder without a model: texts are near when they share words. The same everywhere, in microseconds."""

import hashlib
import math
import re
from collections.abc import Sequence

import numpy as np

from rag.domain import Embedding
from rag.ports import TokenVectors

DIMENSIONS = 64


class WordEmbedder:
    """An `Embedder` whose vectors count words in hashed places. Records what it embedded."""

    def __init__(self, name: str = "words", dimensions: int = DIMENSIONS) -> None:
        self.name = name
        self.dimensions = dimensions
        self.max_tokens = 256
        self.embedded: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(_words(text)) + 2

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        self.embedded += texts
        return [self.embed_query(text) for text in texts]

    def token_vectors(self, texts: Sequence[str], *, query: bool = False) -> list[TokenVectors]:
        return [np.asarray([self.embed_query(word) for word in _words(text)], np.float32) for text in texts]

    def embed_query(self, text: str) -> Embedding:
        vector = [0.0] * self.dimensions
        for word in _words(text) or ["(none)"]:
            digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
            vector[int.from_bytes(digest, "big") % self.dimensions] += 1.0
        length = math.hypot(*vector)
        return [value / length for value in vector]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
