"""A cross-encoder of sentence-transformers, by name or folder: it reads question and passage as one text.

Nogueira & Cho 2019, "Passage re-ranking with BERT" (https://arxiv.org/abs/1901.04085).
"""

from collections.abc import Sequence
from threading import Lock

import numpy as np

from rag.adapters.sentence_transformer import model_errors
from rag.domain import Passage
from rag.errors import ConfigError


class CrossEncoderReranker:
    """A `Reranker` for any number of threads, one at a time. Raises ConfigError when the model cannot be loaded."""

    def __init__(self, model: str) -> None:
        # Here, since importing takes four seconds that no process without a reranker should spend.
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        self.name = model
        try:
            self._model = CrossEncoder(model, device="cpu")
        except Exception as error:  # the loaders of many formats raise what they like
            raise ConfigError(
                f"RETRIEVAL_RERANKER names {model}, which could not be loaded: give the folder of a cross-encoder of "
                "sentence-transformers, the name of one on a hub in reach, or late-interaction."
            ) from error
        self._lock = Lock()

    def scores(self, query: str, passages: Sequence[Passage]) -> list[float]:
        pairs = [(query, passage.chunk.indexed_text) for passage in passages]
        if not pairs:
            return []
        with self._lock, model_errors():
            rows = np.asarray(self._model.predict(pairs, show_progress_bar=False), dtype=float)
        # A model of several classes says in the last how well the passage answers.
        found: list[float] = (rows[:, -1] if rows.ndim > 1 else rows).tolist()
        return found
