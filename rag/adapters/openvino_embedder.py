"""Embeddings by a sentence-transformers model in this process, run by OpenVINO: the same vectors, sooner.

In bfloat16 where the CPU computes in it, else in float32. Either must prove itself as it is loaded: it embeds a few
texts, and the cosine of each vector with that of the original model must be at least .999. So the vectors of all
backends may stand in one index.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Encoding

from rag.adapters.length_batches import length_batches
from rag.adapters.openvino_conversion import PROOF, Facts, conversion_of, forget
from rag.adapters.openvino_runtime import openvino
from rag.adapters.sentence_transformer import model_errors, room, unit_rows, units
from rag.adapters.token_counter import TokenCounter, uncut
from rag.adapters.turns import Turns
from rag.domain import Embedding
from rag.errors import ConfigError, where
from rag.ports import TokenVectors

log = logging.getLogger(__name__)

SAME_SPACE = 0.999
"""The least cosine between vectors of one text by which two backends count as one vector space."""


class NotConvertible(Exception):
    """A model that does not run on OpenVINO, or not on this machine; sentence-transformers runs it."""


class OpenvinoEmbedder:
    """An `Embedder` for any number of threads. The first start with a model converts it, later ones take half a second.

    `model` is a name on the hub, a folder, or `BUNDLED`; `cache` is where conversions are kept.
    Raises ConfigError when the model cannot be loaded, NotConvertible when another backend must run it.
    """

    def __init__(self, model: str, cache: Path) -> None:
        self.name = model
        self._token_request: Any = None
        self._precision = "f32"
        kept = _kept(model, cache)
        try:
            self._facts = Facts.model_validate_json((kept / "facts.json").read_bytes())
            self._open(kept)
        except NotConvertible:
            raise
        except Exception as error:
            forget(kept)
            raise NotConvertible(f"its conversion could not be read ({type(error).__name__})") from error

    def count_tokens(self, text: str) -> int:
        return self.counter(text)

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        vectors: list[Embedding] = [()] * len(texts)
        with model_errors():
            encodings = self._encoded(self._facts.passage_prompt, texts)
        for places in length_batches([len(encoding) for encoding in encodings]):
            with self._turns.of_batch(), model_errors():
                rows = self._infer([encodings[place] for place in places])
            for place, row in zip(places, units(rows), strict=True):
                vectors[place] = row
        return vectors

    def embed_query(self, text: str) -> Embedding:
        with model_errors():
            encodings = self._encoded(self._facts.query_prompt, [text])
        with self._turns.of_question(), model_errors():
            rows = self._infer(encodings)
        return units(rows)[0]

    def token_vectors(self, texts: Sequence[str], *, query: bool = False) -> list[TokenVectors]:
        prompt = self._facts.query_prompt if query else self._facts.passage_prompt
        found: list[TokenVectors] = [np.zeros((0, self.dimensions), np.float32)] * len(texts)
        with model_errors():
            encodings = self._encoded(prompt, texts)
        for places in length_batches([len(encoding) for encoding in encodings]):
            batch = [encodings[place] for place in places]
            with self._turns.of_question(), model_errors():
                rows = self._infer(batch, self._tokens(), output=1)
            for place, encoding, of_text in zip(places, batch, rows, strict=True):
                said = [at for at, special in enumerate(encoding.special_tokens_mask) if not special]
                found[place] = unit_rows(of_text[said])
        return found

    def _tokens(self) -> Any:
        """The network with the tokens' vectors, compiled when they are first asked for."""
        if self._token_request is None:
            self._token_request = self._compiled(self._network, self._precision)
        return self._token_request

    def _compiled(self, network: Any, precision: str) -> Any:
        hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
        return self._core.compile_model(network, "CPU", hints).create_infer_request()

    def _open(self, kept: Path) -> None:
        description = (kept / "tokenizer.json").read_text(encoding="utf-8")
        facts = self._facts
        self.counter = TokenCounter(description)
        self.dimensions = len(facts.query)
        self.max_tokens = room(facts.window, (facts.query_prompt, facts.passage_prompt), self.counter)
        self._tokenizer = uncut(description)
        self._tokenizer.enable_truncation(facts.window)
        self._turns = Turns()
        self._core = openvino().Core()
        self._network = self._core.read_model(kept / "model.xml")
        pooled = openvino().Model([self._network.output(0)], self._network.get_parameters())
        for precision in precisions(self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")):
            self._precision = precision
            self._request = self._compiled(pooled, precision)
            if self._agreement() >= SAME_SPACE:
                return
            log.warning("the embedding model does not prove itself in %s", precision)
        raise NotConvertible("its vectors come out differently")

    def _agreement(self) -> float:
        """The least cosine between a vector of the original and ours, over the proof texts."""
        ours = [*self.embed_passages(PROOF), self.embed_query(PROOF[0])]
        originals = units([*self._facts.passages, self._facts.query])
        return float(np.einsum("ij,ij->i", np.asarray(ours), np.asarray(originals)).min())

    def _encoded(self, prompt: str, texts: Sequence[str]) -> list[Encoding]:
        return self._tokenizer.encode_batch_fast([prompt + text for text in texts])

    def _infer(self, encodings: Sequence[Encoding], request: Any = None, output: int = 0) -> Any:
        shape = len(encodings), max(map(len, encodings))
        ids, mask = np.full(shape, self._facts.pad_id, np.int64), np.zeros(shape, np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = 1
        return (request or self._request).infer([ids, mask])[output]


def precisions(capabilities: Sequence[str]) -> tuple[str, ...]:
    """What to compute in, the fastest first, on a CPU of these capabilities as OpenVINO lists them."""
    return ("bf16", "f32") if "BF16" in capabilities else ("f32",)


def _kept(model: str, cache: Path) -> Path:
    try:
        openvino()
        return conversion_of(model, cache)
    except ConfigError:
        raise
    except Exception as error:
        raise NotConvertible(f"it could not be converted ({where(error)})") from error
