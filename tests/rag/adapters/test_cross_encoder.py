"""A cross-encoder that is loaded from a folder: tiny, untrained, real."""

from pathlib import Path

import pytest

from rag.adapters.cross_encoder import CrossEncoderReranker
from rag.domain import Chunk, Passage
from rag.errors import ConfigError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "leave", "is", "days", "parking", "the", "yard"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch  # noqa: PLC0415 - slow
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast  # noqa: PLC0415 - slow

    made = tmp_path_factory.mktemp("cross-encoder")
    BertTokenizerFast(vocab={word: place for place, word in enumerate(WORDS)}).save_pretrained(made)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
        initializer_range=1.0,  # the usual one leaves two scores that rounding makes equal, with some seeds
    )
    torch.manual_seed(1)
    BertForSequenceClassification(config).save_pretrained(made)
    return made


def test_each_passage_gets_a_score_in_its_place(folder: Path) -> None:
    reranker = CrossEncoderReranker(str(folder))
    chunks = [
        Chunk("T", "s", text, 0, "", (), text, "u", frozenset({"x"}))
        for text in ("leave is days", "the yard")
    ]
    one, two = (Passage(chunk, 1.0, 1) for chunk in chunks)
    there, back = reranker.scores("leave", [one, two]), reranker.scores("leave", [two, one])
    assert there == pytest.approx(back[::-1], abs=1e-5)
    assert there[0] != there[1]
    assert reranker.scores("leave", []) == []


def test_what_is_no_model_is_a_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="RETRIEVAL_RERANKER names"):
        CrossEncoderReranker(str(tmp_path))
