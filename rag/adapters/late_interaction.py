"""Late interaction: every word of the question looks for its nearest in the passage (MaxSim).

Khattab & Zaharia 2020, "ColBERT: efficient and effective passage search via contextualized late interaction over BERT"
(https://arxiv.org/abs/2004.12832), over the token vectors of the model that is loaded anyway, which was not trained for
it: so its scores are mixed into others, never used alone.
"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from rag.domain import Passage
from rag.ports import Index, TokenEmbedder

_KEPT = 1000
"""Passages whose token vectors are kept, about 110 KB each."""


class LateInteraction:
    """A `Reranker`. The index scores the passages whose token vectors it holds; those of others are worked out and kept, in half
    precision: a passage found again costs no model.
    """

    name = "late-interaction"

    def __init__(self, embedder: TokenEmbedder, index: Index | None = None, *, kept: int = _KEPT) -> None:
        self._embedder = embedder
        self._index = index
        self._most = kept
        self._kept: OrderedDict[str, npt.NDArray[np.float16]] = OrderedDict()
        self._lock = Lock()

    def scores(self, query: str, passages: Sequence[Passage]) -> list[float]:
        """The mean over the question's tokens of the cosine with the passage's nearest token, -1..1; 0 without a token."""
        asked = self._embedder.token_vectors([query], query=True)[0]
        if not len(asked):
            return [0.0] * len(passages)
        stored = self._index.interactions(asked, passages) if self._index else [None] * len(passages)
        others = [passage for passage, score in zip(passages, stored, strict=True) if score is None]
        made = iter([maxsim(asked, tokens) for tokens in self._vectors(others)])
        return [next(made) if score is None else score for score in stored]

    def _vectors(self, passages: Sequence[Passage]) -> list[npt.NDArray[np.float16]]:
        texts = {passage.chunk.fingerprint: passage.chunk.indexed_text for passage in passages}
        with self._lock:
            known = {key: self._kept[key] for key in texts if key in self._kept}
        missing = [key for key in texts if key not in known]
        made = self._embedder.token_vectors([texts[key] for key in missing]) if missing else []
        known |= {key: rows.astype(np.float16) for key, rows in zip(missing, made, strict=True)}
        with self._lock:
            for key in texts:
                self._kept[key] = known[key]
                self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return [known[passage.chunk.fingerprint] for passage in passages]


def maxsim(asked: npt.NDArray[np.float32], tokens: npt.NDArray[np.float16]) -> float:
    """Rows are tokens, of unit length."""
    if not len(asked) or not len(tokens):
        return 0.0
    return float((asked @ tokens.astype(np.float32).T).max(axis=1).mean())
