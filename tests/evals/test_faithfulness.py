"""Counts of what was right: the real index, words as the model."""

from pathlib import Path

import pytest

from evals import faithfulness
from evals.datasets import open_dataset
from evals.indexing import open_collection
from evals.reporting import show
from rag.settings import RetrievalSettings, Settings
from tests.evals.fakes import WordEmbedder

SETTINGS = Settings(retrieval=RetrievalSettings.model_construct(answer_threshold=0.0))


def test_every_claim_is_tried_as_it_stands_and_altered(
    beir: Path, tmp_path: Path, embedder: WordEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = open_dataset(beir)
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        figures = faithfulness.run(dataset, collection, SETTINGS)
    claims = figures["claims"]
    assert claims["as it stands"][0] == claims["as it stands"][1] > 0
    assert claims["another number"] == [claims["another number"][1]] * 2
    assert set(claims) <= {
        "as it stands",
        "another number",
        "a denial more or less",
        "wrong mark",
        "found nowhere",
    }
    assert figures["conflicts"]["single"] == {"questions": 2, "told": 0, "both": 0}
    assert figures["asked back"][1] == 3
    show(*faithfulness.tables(figures))
    assert "as it stands" in capsys.readouterr().out
