"""The Embedder port, over the bundled model on each backend: the vectors that everything else builds on."""

import math
import pickle
import random
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.adapters.model_files import BUNDLED
from rag.adapters.openvino_embedder import OpenvinoEmbedder
from rag.adapters.sentence_transformer import SentenceTransformerEmbedder
from rag.domain import Embedding
from rag.errors import ConfigError
from rag.ports import Embedder

TEXTS = [
    "Instructions for resetting a password",
    "The cafeteria opens at noon",
    "x",
    "",
    "A long page. " * 60,
    "\u5e74\u4f11\u3092\u7533\u8acb\u3059\u308b",
    "A book without an end. " * 2_000,
]
BACKENDS = ("torch", "openvino")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def by_backend(cache: Path) -> dict[str, Embedder]:
    return {"torch": SentenceTransformerEmbedder(BUNDLED), "openvino": OpenvinoEmbedder(BUNDLED, cache)}


@pytest.fixture(scope="module", params=BACKENDS)
def embedder(request: pytest.FixtureRequest, by_backend: dict[str, Embedder]) -> Embedder:
    return by_backend[request.param]


def cosine(one: Embedding, other: Embedding) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_it_says_what_it_is(embedder: Embedder) -> None:
    assert (embedder.name, embedder.dimensions, embedder.max_tokens) == ("all-MiniLM-L6-v2", 384, 256)


def test_passages_become_unit_vectors_in_their_order(embedder: Embedder) -> None:
    together = embedder.embed_passages(TEXTS)
    assert [len(vector) for vector in together] == [384] * len(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-5)
        [alone] = embedder.embed_passages([text])
        assert cosine(alone, vector) == pytest.approx(1, abs=1e-3)


def test_the_company_of_a_text_does_not_change_its_vector(embedder: Embedder) -> None:
    text = "Whoever leaves the building last sets the alarm."
    [alone] = embedder.embed_passages([text])
    words = random.Random(0)  # noqa: S311 - texts for a test
    for count in (1, 5, 20):
        others = ["word " * words.randint(1, 60) for _ in range(count)]
        place = words.randint(0, count)
        vector = embedder.embed_passages([*others[:place], text, *others[place:]])[place]
        assert cosine(alone, vector) == pytest.approx(1, abs=1e-3)


def test_backends_share_a_vector_space(by_backend: dict[str, Embedder]) -> None:
    torch, openvino = by_backend.values()
    assert torch.name == openvino.name
    for one, other in zip(torch.embed_passages(TEXTS), openvino.embed_passages(TEXTS), strict=True):
        assert cosine(one, other) >= 0.999
    for text in TEXTS:
        assert cosine(torch.embed_query(text), openvino.embed_query(text)) >= 0.999


def test_no_texts_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]) == []


def test_what_means_the_same_is_near(embedder: Embedder) -> None:
    question = embedder.embed_query("How do I get a new password?")
    password, cafeteria, *_ = embedder.embed_passages(TEXTS[:2])
    assert cosine(question, password) > 0.6
    assert cosine(question, cafeteria) < 0.3


def test_tokens_are_counted_uncut_and_with_the_special_ones(embedder: Embedder) -> None:
    for count_tokens in (embedder.count_tokens, embedder.counter):
        assert [count_tokens(text) for text in ("", "hello world", "word " * 1000)] == [2, 4, 1002]


def test_the_counter_counts_in_a_process_without_a_model(embedder: Embedder) -> None:
    counting = (
        "import pickle, sys\n"
        "count_tokens = pickle.load(sys.stdin.buffer)\n"
        "print([count_tokens(text) for text in ('', 'hello world', 'word ' * 1000)])\n"
        "print(sorted(sys.modules.keys() & {'torch', 'transformers', 'openvino', 'sentence_transformers'}))\n"
    )
    counted = subprocess.run(
        [sys.executable, "-c", counting],
        input=pickle.dumps(embedder.counter),
        capture_output=True,
        check=True,
    )
    assert counted.stdout.decode().splitlines() == ["[2, 4, 1002]", "[]"]


def test_threads_may_share_it(embedder: Embedder) -> None:
    expected = embedder.embed_query("Where is the cafeteria?")

    def use(turn: int) -> Sequence[float]:
        if turn % 2:
            embedder.embed_passages(TEXTS[:4])
            embedder.count_tokens(TEXTS[4])
        return embedder.embed_query("Where is the cafeteria?")

    with ThreadPoolExecutor(8) as threads:
        for vector in threads.map(use, range(16)):
            assert cosine(vector, expected) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("model", ["nobody/has-this-model", "no-such-model", "/no/such/folder"])
def test_a_model_that_cannot_be_loaded_is_the_operators_to_change(
    model: str, backend: str, cache: Path
) -> None:
    with pytest.raises(
        ConfigError, match=f"EMBEDDING_MODEL names {model}, which could not be loaded"
    ) as caught:
        _open(backend, model, cache)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_folder_without_a_model_is_too(backend: str, tmp_path: Path, cache: Path) -> None:
    with pytest.raises(ConfigError, match="EMBEDDING_MODEL"):
        _open(backend, str(tmp_path), cache)


def _open(backend: str, model: str, cache: Path) -> Embedder:
    return SentenceTransformerEmbedder(model) if backend == "torch" else OpenvinoEmbedder(model, cache)
