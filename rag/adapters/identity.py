"""What an index was built with, recorded beside it so that vectors of two models are never compared."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from rag.adapters.payload import LAYOUT, READABLE_LAYOUTS
from rag.errors import EmbeddingMismatch
from rag.ports import Embedder


@dataclass(frozen=True, slots=True)
class Identity:
    """What must agree between an index and what is wanted of it.

    `chunking` is the version of what cut the chunks, `indexing` names what was put in beside their text;
    with `tokens` the vectors of their tokens are stored, too. `model` is how the embedder is loaded again (EMBEDDING_MODEL).
    """

    embedder: str
    dimensions: int
    layout: int = LAYOUT
    chunking: int = 0
    indexing: str = ""
    tokens: bool = False
    model: str = field(default="", compare=False)

    @classmethod
    def of(
        cls,
        embedder: Embedder,
        *,
        chunking: int = 0,
        indexing: str = "",
        tokens: bool = False,
        model: str = "",
    ) -> Self:
        return cls(
            embedder.name,
            embedder.dimensions,
            chunking=chunking,
            indexing=indexing,
            tokens=tokens,
            model=model,
        )

    @classmethod
    def recorded(cls, record: Mapping[str, Any], *, place: str) -> Self:
        """The identity that `record` tells. Raises EmbeddingMismatch where it tells none."""
        try:
            return cls(
                embedder=record["embedder"],
                dimensions=int(record["dimensions"]),
                layout=int(record["layout"]),
                chunking=int(record.get("chunking", 0)),
                indexing=record.get("indexing", ""),
                tokens=bool(record.get("tokens", False)),
                model=record.get("model", ""),
            )
        except (KeyError, TypeError, ValueError):
            raise EmbeddingMismatch(
                f"The index in {place} does not say what it was built with: move it away, it is built anew then."
            ) from None

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_readable(self) -> bool:
        """Whether this version of Footnote understands what is stored."""
        return self.layout in READABLE_LAYOUTS

    def takes(self, embedder: Embedder) -> bool:
        """Whether the embedder's vectors are comparable with those of the index."""
        return (self.embedder, self.dimensions) == (embedder.name, embedder.dimensions)

    def check(self, recorded: Mapping[str, Any], *, place: str) -> None:
        """Raises EmbeddingMismatch, naming `place`, unless `recorded` says that the vectors and the layout are ours."""
        found = Identity.recorded(recorded, place=place)
        if replace(found, chunking=self.chunking, indexing=self.indexing) == self:
            return
        reason = (
            "was laid out by another version of Footnote"
            if (found.embedder, found.dimensions) == (self.embedder, self.dimensions)
            else f"was built with {found.embedder}, not {self.embedder}"
        )
        raise EmbeddingMismatch(
            f"The index in {place} {reason}: run `python -m ingestion rebuild`, or set EMBEDDING_MODEL back."
        )
