"""Token-level multivectors: each chunk is stored with the vectors of its tokens, for late interaction without a model.

Khattab & Zaharia 2020, "ColBERT" (https://arxiv.org/abs/2004.12832), by the engine's own MaxSim over multivectors. Of the model that is
loaded anyway; about 100 KB a chunk, and its embedding takes twice as long. See `rag/adapters/late_interaction.py`.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from rag.domain import Chunk
from rag.ports import Embedder, Index, TokenEmbedder, TokenVectors

_AT_ONCE = 8
"""Texts in one call: a question waits for no more."""


def token_vectors(chunks: Sequence[Chunk], embedder: Embedder, index: Index) -> Mapping[str, TokenVectors]:
    """By fingerprint, where the index holds such; none of summaries, which are never read. Raises EmbedderUnavailable."""
    if not index.holds_tokens:
        return {}
    texts = {chunk.fingerprint: chunk.indexed_text for chunk in chunks if not chunk.leads_to}
    found: dict[str, TokenVectors] = {}
    for start in range(0, len(texts), _AT_ONCE):
        some = [*texts.items()][start : start + _AT_ONCE]
        # Both adapters tell the vectors of tokens; the port of embedders does not ask it of others.
        rows = cast("TokenEmbedder", embedder).token_vectors([text for _, text in some])
        found |= {fingerprint: of_text for (fingerprint, _), of_text in zip(some, rows, strict=True)}
    return found
