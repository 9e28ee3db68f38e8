"""The time to find, beside the bare search, on a few documents."""

import argparse
import json
from pathlib import Path

import pytest

from evals import stages
from evals.datasets import open_dataset
from evals.indexing import open_collection
from rag.settings import RetrievalSettings
from tests.evals.fakes import WordEmbedder


def test_both_paths_are_timed_for_every_question(beir: Path, tmp_path: Path) -> None:
    dataset = open_dataset(beir)
    texts = [query.text for query in dataset.queries] * 10
    with open_collection(dataset, WordEmbedder(), tmp_path, tokens=True) as collection:
        assert collection.index.holds_tokens
        figures = stages.measured(texts, collection, RetrievalSettings.model_construct())
    assert figures["questions"] == len(texts) - 10
    assert 0 < figures["embed and search, p50, ms"] <= figures["embed and search, p95, ms"]
    assert figures["all that finds, p50, ms"] > figures["embed and search, p50, ms"]
    assert figures["ratio, p50"] > 1
    assert all(figures[f"  {stage}, p50, ms"] >= 0 for stage in ("embed", "search", "fuse", "read around"))
    assert figures["with re-ranking, p50, ms"] > figures["all that finds, p50, ms"]
    json.dumps(figures)


def test_a_missing_dataset_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:

    missing = argparse.Namespace(data=tmp_path / "none", questions=1, json=None)
    assert stages.run(missing) == 2
    assert "is not a folder" in capsys.readouterr().err
