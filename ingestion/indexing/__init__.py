"""What stands in the index beside a document's own text, so that it is found by more than its words: one file a technique.

    contextual_headers      what a model says of a chunk's place in its document, in front of the chunk's text
    multi_representation    summaries that lead to the chunks that they are of
    raptor                  a tree of summaries over the whole document
    token_vectors           each chunk with the vectors of its tokens, which needs no model that writes

What a model wrote is found by and never shown: a passage that is read, quoted and cited is always the document's own. Each
technique takes the chunks of one document and gives them back with what it adds. Nothing is asked twice: see `remembered`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ingestion.indexing.contextual_headers import ContextualHeaders
from ingestion.indexing.multi_representation import MultiRepresentation
from ingestion.indexing.raptor import Raptor
from ingestion.indexing.remembered import Remembered, prefix_of
from ingestion.indexing.telling import Telling
from ingestion.remembering import Memory
from rag.domain import Chunk, Embedding
from rag.errors import ConfigError
from rag.ports import LLM, Embedder
from rag.settings import Settings

log = logging.getLogger(__name__)


class IndexingTechnique(Protocol):
    @property
    def version(self) -> int:
        """Counts what changes its results."""

    @property
    def reserved_tokens(self) -> int:
        """What of the embedding model's window is left free for it."""

    def __call__(self, chunks: Sequence[Chunk], telling: Telling) -> list[Chunk]:
        """The chunks of a document, in order, with what the technique adds. Raises LLMUnavailable, EmbedderUnavailable."""


TECHNIQUES: Mapping[str, Callable[[], IndexingTechnique]] = {
    "contextual_headers": ContextualHeaders,
    "multi_representation": MultiRepresentation,
    "raptor": Raptor,
}
"""What a language model writes, in the order in which it is applied: summaries stand for chunks as they are in the end."""

NAMES = (*TECHNIQUES, "token_vectors")


Techniques = Mapping[str, IndexingTechnique]


def techniques_of(settings: Settings) -> Techniques:
    """Those of `TECHNIQUES` that the settings name. Raises ConfigError for a name that is not among `NAMES`.

    All need a language model: where there is none they are left out, and a line in the log says so.
    """
    names = settings.indexing.technique_names
    if unknown := [name for name in names if name not in NAMES]:
        raise ConfigError(f"INDEXING_TECHNIQUES names {unknown[0]}; there are {', '.join(NAMES)}.")
    asked = [name for name in names if name in TECHNIQUES]
    if asked and not settings.llm.configured:
        log.warning("%s: left out, since no language model is configured", ", ".join(asked))
        return {}
    return {name: make() for name, make in TECHNIQUES.items() if name in asked}


def name_of(techniques: Techniques) -> str:
    """Equal where the same is added to an index."""
    return " ".join(f"{name}-{technique.version}" for name, technique in techniques.items())


@dataclass(frozen=True)
class Indexing:
    """The techniques that are on, and the model that they ask; without any, chunks stay as they are."""

    techniques: Techniques
    llm: LLM | None
    context_tokens: int = 8000

    def room(self, embedder: Embedder) -> int:
        """The tokens that a chunk's own text may have, with its headings."""
        reserved = sum(technique.reserved_tokens for technique in self.techniques.values())
        return max(embedder.max_tokens - reserved, embedder.max_tokens // 2)


NOTHING = Indexing({}, None)


@dataclass(frozen=True, slots=True)
class Enriching:
    """The techniques at work on one source, whose `memory` keeps what the model wrote."""

    indexing: Indexing
    memory: Memory
    embedder: Embedder

    def enriched(
        self,
        chunks: Sequence[Chunk],
        *,
        embed: Callable[[Sequence[Chunk]], Sequence[Embedding]],
        told: Callable[[], None],
    ) -> list[Chunk]:
        """The chunks of one document with all that the techniques add; `told` is called after each reply, and may end it.

        Raises LLMUnavailable, EmbedderUnavailable; what was written until then is remembered.
        """
        llm, found = self.indexing.llm, [*chunks]
        if not chunks or llm is None or not self.indexing.techniques:
            return found
        remembered = Remembered(llm, self.memory, chunks[0].document_id, told)
        telling = Telling(remembered.replies, embed, self.embedder, self.indexing.context_tokens)
        for technique in self.indexing.techniques.values():
            found = technique(found, telling)
        remembered.forget_others()
        return _numbered(found)

    def forget(self, document_ids: Iterable[str]) -> None:
        """Nothing that was written about these is kept."""
        for document_id in document_ids:
            self.memory.forget(self.memory.all(prefix_of(document_id)))


def _numbered(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The same, each summary with a position below 0 and the number of its likes before it."""
    numbered, summaries, seen = list[Chunk](), 0, dict[str, int]()
    for chunk in chunks:
        if not chunk.leads_to:
            numbered.append(chunk)
            continue
        summaries += 1
        repeat = seen[chunk.fingerprint] = seen.get(chunk.fingerprint, -1) + 1
        numbered.append(replace(chunk, position=-summaries, repeat=repeat))
    return numbered
