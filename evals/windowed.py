"""An embedder that reads less than it could, so that chunks are cut smaller."""

from collections.abc import Callable, Sequence

from rag.domain import Embedding
from rag.ports import Embedder


class Windowed:
    """`embedder` with a window of `max_tokens` of its tokens; its vectors are the same."""

    def __init__(self, embedder: Embedder, max_tokens: int) -> None:
        self._embedder = embedder
        self.max_tokens = max_tokens

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    @property
    def counter(self) -> Callable[[str], int]:
        return self._embedder.counter

    def count_tokens(self, text: str) -> int:
        return self._embedder.count_tokens(text)

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Embedding:
        return self._embedder.embed_query(text)
