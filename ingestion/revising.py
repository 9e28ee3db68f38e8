"""A document's new chunks against what the index holds of it: what to embed, what to write, what to delete. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.adapters.payload import payload_hash
from rag.domain import Chunk, Embedding
from rag.ports import Stored, Write


@dataclass(frozen=True)
class Revision:
    """A chunk whose text was there before is not embedded again, wherever in the document it stands now."""

    chunks: Sequence[Chunk]
    stored: Mapping[str, Stored]

    @cached_property
    def missing(self) -> list[Chunk]:
        """The chunks that need a vector."""
        return [chunk for chunk in self.chunks if chunk.point_id not in self.stored]

    @cached_property
    def removed(self) -> list[str]:
        """The point ids of which nothing remains."""
        return sorted(self.stored.keys() - {chunk.point_id for chunk in self.chunks})

    def writes(self, vectors: Iterable[Embedding]) -> list[Write]:
        """What to write, given the vectors of `missing` in order."""
        embedded = dict(zip((chunk.point_id for chunk in self.missing), vectors, strict=True))
        return [
            Write(chunk, embedded.get(chunk.point_id))
            for chunk in self.chunks
            if chunk.point_id in embedded or self._moved(chunk)
        ]

    def _moved(self, chunk: Chunk) -> bool:
        return self.stored[chunk.point_id].payload_hash != payload_hash(chunk)
