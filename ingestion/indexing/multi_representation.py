"""Multi-representation: summaries are embedded beside the text, and lead to it.

Chen et al. 2023, "Dense X retrieval" (https://arxiv.org/abs/2312.06648) for embedding other words than the text that is returned;
summaries that lead to their parents as in LangChain's multi-vector retriever. A parent is a run of chunks under the same outermost
heading, or what of it a summary can say in few words. One call a parent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ingestion.indexing.prompts import SUMMARISE
from ingestion.indexing.telling import Telling, size
from rag.domain import Chunk

_PARENT_TOKENS = 1500  # of a language model
_SHORTEST = 400  # characters of a parent; what is shorter is found by itself


@dataclass(frozen=True, slots=True)
class MultiRepresentation:
    version: int = 1
    reserved_tokens: int = 0

    def __call__(self, chunks: Sequence[Chunk], telling: Telling) -> list[Chunk]:
        return [*chunks, *telling.summaries(parents(chunks), SUMMARISE)]


def parents(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """The document's own chunks as parents, in order; those too short to be summarised are left out."""
    own = [chunk for chunk in chunks if not chunk.leads_to]
    found = [part for _, section in groupby(own, _section) for part in _parts([*section])]
    return [part for part in found if sum(len(chunk.text) for chunk in part) >= _SHORTEST]


def _section(chunk: Chunk) -> str:
    inner = [heading for heading in chunk.heading_path if heading != chunk.title]
    return inner[0] if inner else ""


def _parts(section: Sequence[Chunk]) -> list[list[Chunk]]:
    parts: list[list[Chunk]] = [[]]
    for chunk in section:
        if parts[-1] and size([*parts[-1], chunk]) > _PARENT_TOKENS:
            parts.append([])
        parts[-1].append(chunk)
    return parts
