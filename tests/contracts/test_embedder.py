"""The Embedder port, over the bundled model: the vectors that everything else builds on."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

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
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return SentenceTransformerEmbedder("all-MiniLM-L6-v2")


def cosine(one: Embedding, other: Embedding) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_it_says_what_it_is(embedder: Embedder) -> None:
    assert (embedder.name, embedder.dimensions, embedder.max_tokens) == ("all-MiniLM-L6-v2 float32", 384, 256)


def test_passages_become_unit_vectors_in_their_order(embedder: Embedder) -> None:
    together = embedder.embed_passages(TEXTS)
    assert [len(vector) for vector in together] == [384] * len(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-5)
        [alone] = embedder.embed_passages([text])
        assert cosine(alone, vector) == pytest.approx(1, abs=1e-5)


def test_no_texts_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]) == []


def test_what_means_the_same_is_near(embedder: Embedder) -> None:
    question = embedder.embed_query("How do I get a new password?")
    password, cafeteria, *_ = embedder.embed_passages(TEXTS)
    assert cosine(question, password) > 0.6
    assert cosine(question, cafeteria) < 0.3


def test_tokens_are_counted_uncut_and_with_the_special_ones(embedder: Embedder) -> None:
    assert [embedder.count_tokens(text) for text in ("", "hello world", "word " * 1000)] == [2, 4, 1002]


def test_threads_may_share_it(embedder: Embedder) -> None:
    expected = embedder.embed_query("Where is the cafeteria?")

    def use(turn: int) -> Sequence[float]:
        if turn % 2:
            embedder.embed_passages(TEXTS)
            embedder.count_tokens(TEXTS[4])
        return embedder.embed_query("Where is the cafeteria?")

    with ThreadPoolExecutor(4) as threads:
        for vector in threads.map(use, range(8)):
            assert cosine(vector, expected) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("model", ["nobody/has-this-model", "no-such-model", "/no/such/folder"])
def test_a_model_that_cannot_be_loaded_is_the_operators_to_change(model: str) -> None:
    with pytest.raises(
        ConfigError, match=f"EMBEDDING_MODEL names {model}, which could not be loaded"
    ) as caught:
        SentenceTransformerEmbedder(model)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_model_is_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="EMBEDDING_MODEL"):
        SentenceTransformerEmbedder(str(tmp_path))
