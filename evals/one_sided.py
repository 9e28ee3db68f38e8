"""The index searched by one side alone: what answers would be made of without the other."""

from dataclasses import dataclass
from typing import Literal

from evals.over_index import OverIndex
from rag.domain import EVERYWHERE, Audience, Embedding, Scope
from rag.ports import Hits


@dataclass
class OneSided(OverIndex):
    """An index whose searches find by meaning (`dense`) or by words (`sparse`) only."""

    side: Literal["dense", "sparse"]

    def search(
        self, text: str, vector: Embedding, *, audience: Audience, limit: int, scope: Scope = EVERYWHERE
    ) -> Hits:
        hits = self.index.search(text, vector, audience=audience, limit=limit, scope=scope)
        return Hits(hits.dense, ()) if self.side == "dense" else Hits((), hits.sparse)
