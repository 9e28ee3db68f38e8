"""The index without the documents that answer: what a question meets whose answer nobody has written down."""

from collections.abc import Collection
from dataclasses import dataclass

from evals.over_index import OverIndex
from rag.domain import EVERYWHERE, Audience, Embedding, Passage, Scope
from rag.fusion import ranked_anew
from rag.ports import Hits

_DEEPER = 60  # candidates more, which make up for those that are hidden


@dataclass
class HoldingOut(OverIndex):
    """An index whose searches do not find the `hidden` documents. Word frequencies still count them, which hardly shows."""

    hidden: Collection[str] = ()

    def search(
        self, text: str, vector: Embedding, *, audience: Audience, limit: int, scope: Scope = EVERYWHERE
    ) -> Hits:
        hits = self.index.search(text, vector, audience=audience, limit=limit + _DEEPER, scope=scope)
        return Hits(self._without(hits.dense, limit), self._without(hits.sparse, limit))

    def _without(self, found: tuple[Passage, ...], limit: int) -> tuple[Passage, ...]:
        kept = [passage for passage in found if passage.chunk.document_id not in self.hidden]
        return tuple(ranked_anew(kept[:limit]))
