"""What there is of a source when its sync begins: the catalogue's word on each document, and the index's."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime

from ingestion.catalogue import Catalogue, CataloguedDocument
from ingestion.chunking import CHUNKING
from ingestion.masking import MASKING
from ingestion.parsing import PARSING
from ingestion.registered import RegisteredSource
from ingestion.sources import Original
from rag.ports import Embedder, Index, Stored

TRIES = 3
"""How often in a row one version of a document is tried when trying may help; to fetch it, so often a day."""

UNSETTLED = ""
"""The layout of a document that must be looked at again, whatever its version."""


class Stock:
    """Taken once; two values of some hundred bytes for each document. Nothing in it changes during the sync."""

    def __init__(
        self,
        registered: RegisteredSource,
        catalogue: Catalogue,
        embedder: Embedder,
        index: Index,
        *,
        indexing: str = "",
        today: date | None = None,
    ) -> None:
        self._today = today or datetime.now(UTC).date()
        self._index = index
        self._owner = (registered.team_id, registered.id)
        self._model = (embedder.name, embedder.max_tokens)
        self._indexing = (indexing,) if indexing else ()
        self.known = catalogue.documents(registered.id)
        self.held = index.document_ids(*self._owner)

    def settled(self, original: Original) -> CataloguedDocument | None:
        """What was made of the document, when nothing that its chunks depend on has changed and they are where they
        should be; and where today's tries to fetch it are used up.
        """
        known = self.known.get(original.id)
        if known is None or known.version != original.version:
            return None
        if known.layout not in {self.layout(original), self.layout_today(original)}:
            return None
        return known if (original.id in self.held) == (known.chunks > 0) else None

    def layout(self, original: Original) -> str:
        """Stands for all but content and readers that the chunks depend on: code, model, address, what is added to them."""
        facts = [PARSING, MASKING, CHUNKING, *self._model, original.url, original.by_line, *self._indexing]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]

    def layout_today(self, original: Original) -> str:
        """The layout of a document that is left as it is until tomorrow."""
        return f"{self.layout(original)} {self._today}"

    def tries(self, original: Original) -> int:
        """How often in a row this version came to nothing that would be sure to happen again."""
        known = self.known.get(original.id)
        again = known and (known.version, known.layout) == (original.version, UNSETTLED)
        return known.failures if known and again else 0

    def is_suspect(self, original: Original) -> bool:
        """Whether the process ended the last time that this version was being indexed."""
        return self.tries(original) > 0 and self.known[original.id].failure is None

    def stored(self, original: Original) -> Mapping[str, Stored]:
        """What the index holds of the document; the index is asked only where it holds something."""
        return self._index.stored(*self._owner, original.id) if original.id in self.held else {}
