"""An index that searches otherwise than the one it stands over, and is that one in everything else."""

from dataclasses import dataclass
from typing import Any, cast

from rag.ports import Index


@dataclass
class OverIndex:
    """To be inherited from, with a `search` of one's own."""

    index: Index

    def as_index(self) -> Index:
        return cast("Index", self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.index, name)
