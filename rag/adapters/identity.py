"""Which model an index was built with, recorded beside it so that vectors of two models are never compared."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from rag.adapters.payload import LAYOUT
from rag.errors import EmbeddingMismatch
from rag.ports import Embedder


@dataclass(frozen=True, slots=True)
class Identity:
    """What must agree between an index and the process that opens it."""

    embedder: str
    dimensions: int
    layout: int

    @classmethod
    def of(cls, embedder: Embedder) -> Self:
        return cls(embedder.name, embedder.dimensions, LAYOUT)

    def record(self) -> dict[str, Any]:
        return asdict(self)

    def check(self, recorded: dict[str, Any], *, place: str) -> None:
        """Raises EmbeddingMismatch, naming `place` and what to run, unless `recorded` says the same."""
        if recorded == self.record():
            return
        if recorded | {"layout": self.layout} == self.record():
            reason, otherwise = "was laid out by another version of Footnote", ""
        else:
            reason = f"was built with {recorded.get('embedder', 'an unknown model')}, not {self.embedder}"
            otherwise = ", or set EMBEDDING_MODEL back"
        raise EmbeddingMismatch(
            f"The index in {place} {reason}: run `python -m ingestion rebuild`{otherwise}."
        )
