"""A document's new chunks against what the index holds of it: what to embed, what to write, what to delete. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from rag.adapters.payload import payload_hash
from rag.domain import Chunk, Embedding
from rag.ports import Stored, TokenVectors, Write

NO_TOKENS: Mapping[str, TokenVectors] = {}


@dataclass(frozen=True)
class Revision:
    """A chunk whose text was there before is not embedded again, wherever in the document it stands now."""

    chunks: Sequence[Chunk]
    stored: Mapping[str, Stored]

    @cached_property
    def missing(self) -> list[Chunk]:
        """The chunks that need a vector."""
        return [chunk for point_id, chunk in self._by_point.items() if point_id not in self.stored]

    @cached_property
    def removed(self) -> list[str]:
        """The point ids of which nothing remains."""
        return sorted(self.stored.keys() - self._by_point.keys())

    def writes(
        self, vectors: Mapping[str, Embedding], tokens: Mapping[str, TokenVectors] = NO_TOKENS
    ) -> list[Write]:
        """What to write, given the vectors of `missing` and of their tokens by fingerprint."""
        return [
            Write(chunk, None)
            if point_id in self.stored
            else Write(chunk, vectors[chunk.fingerprint], tokens.get(chunk.fingerprint))
            for point_id, chunk in self._by_point.items()
            if point_id not in self.stored or self._differs(point_id, chunk)
        ]

    def for_readers(self, readers: frozenset[str]) -> Self:
        """The same for a source that others read."""
        return replace(self, chunks=[replace(chunk, readers=readers) for chunk in self.chunks])

    @cached_property
    def _by_point(self) -> dict[str, Chunk]:
        return {chunk.point_id: chunk for chunk in self.chunks}

    def _differs(self, point_id: str, chunk: Chunk) -> bool:
        return self.stored[point_id].payload_hash != payload_hash(chunk)
