"""Embeddings by a sentence-transformers model in this process, run by torch: any model there is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.adapters.length_batches import length_batches
from rag.adapters.model_files import BUNDLED, folder_of
from rag.adapters.token_counter import TokenCounter
from rag.adapters.turns import Turns
from rag.domain import Embedding
from rag.errors import ConfigError, EmbedderUnavailable
from rag.ports import TokenVectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_USUAL_WINDOW = 512  # tokens, for the rare model that does not say


class SentenceTransformerEmbedder:
    """An `Embedder` for any number of threads. Made once per process: loading takes seconds and 500 MB.

    `model` is a name on the hub, a folder, or `BUNDLED`. Raises ConfigError when it cannot be loaded.
    Do not fork a process that has embedded: the child would wait for threads that only its parent has.
    """

    def __init__(self, model: str) -> None:
        self.name = model
        self._model = load(model)
        self.counter = TokenCounter(description_of(self._model))
        self._turns = Turns()
        self._window = window_of(self._model)
        self.max_tokens = room(self._window, prompts_of(self._model), self.counter)
        self.dimensions = len(self.embed_query("dimensions"))

    def count_tokens(self, text: str) -> int:
        return self.counter(text)

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        vectors: list[Embedding] = [()] * len(texts)
        for places in length_batches([min(self.counter(text), self._window) for text in texts]):
            with self._turns.of_batch(), model_errors():
                rows = self._model.encode_document(
                    [texts[place] for place in places], batch_size=len(places), show_progress_bar=False
                )
            for place, row in zip(places, units(rows), strict=True):
                vectors[place] = row
        return vectors

    def embed_query(self, text: str) -> Embedding:
        with self._turns.of_question(), model_errors():
            rows = self._model.encode_query([text], show_progress_bar=False)
        return units(rows)[0]

    def token_vectors(self, texts: Sequence[str], *, query: bool = False) -> list[TokenVectors]:
        encode = self._model.encode_query if query else self._model.encode_document
        with self._turns.of_question(), model_errors():
            rows = encode([*texts], output_value="token_embeddings", show_progress_bar=False)
        # The first and the last are the model's own signs, not words of the text.
        return [unit_rows(np.asarray(of_text, dtype=np.float32)[1:-1]) for of_text in rows]


def load(model: str) -> "SentenceTransformer":
    """The model on the CPU. Raises ConfigError when it cannot be loaded or has no fast tokenizer."""
    # Here, since importing takes four seconds that no process without a model should spend.
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded = SentenceTransformer(str(folder_of(model)) if model == BUNDLED else model, device="cpu")
    except Exception as error:  # the loaders of many formats raise what they like
        raise ConfigError(
            f"EMBEDDING_MODEL names {model}, which could not be loaded: "
            f"give the folder of a sentence-transformers model, the name of one on a hub in reach, or {BUNDLED}."
        ) from error
    if getattr(loaded.tokenizer, "backend_tokenizer", None) is None:
        raise ConfigError(
            f"EMBEDDING_MODEL names {model}, which has no fast tokenizer: choose another model."
        )
    return loaded


def description_of(model: "SentenceTransformer") -> str:
    """Its tokenizer, as tokenizer.json describes one."""
    return str(model.tokenizer.backend_tokenizer.to_str())


def window_of(model: "SentenceTransformer") -> int:
    """The tokens it reads of a text, its special ones and a prompt included."""
    return int(model.max_seq_length or _USUAL_WINDOW)


def prompts_of(model: "SentenceTransformer") -> tuple[str, str]:
    """What it puts in front of a question and of a passage, as its encode_query and encode_document do."""
    prompts = model.prompts
    default = prompts.get(model.default_prompt_name or "", "")
    passage = next((prompts[name] for name in ("document", "passage", "corpus") if name in prompts), default)
    return prompts.get("query", default) or "", passage or ""


def room(window: int, prompts: Sequence[str], count_tokens: TokenCounter) -> int:
    """What the longest prompt leaves of the window."""
    return window - max(count_tokens(prompt) for prompt in prompts) + count_tokens("")


@contextmanager
def model_errors() -> Iterator[None]:
    """Whatever a model raises becomes EmbedderUnavailable."""
    try:
        yield
    except Exception as error:
        raise EmbedderUnavailable(f"The embedding model failed: {type(error).__name__}.") from error


def units(rows: Any) -> list[list[float]]:
    """Rows of unit length in float32, whatever precision and length the model gave."""
    units: list[list[float]] = unit_rows(rows).tolist()
    return units


def unit_rows(rows: Any) -> TokenVectors:
    """The same as an array."""
    vectors = np.array(rows, dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return vectors
