"""What each technique costs, on a few documents."""

import argparse
import json
from pathlib import Path

import pytest

from evals import techniques
from evals.datasets import open_dataset
from evals.enriching import enriched
from evals.indexing import open_collection
from ingestion.indexing import TECHNIQUES
from rag.settings import RetrievalSettings
from rag.techniques.plan import NAMES
from tests.evals.fakes import WordEmbedder

CALLS_AND_SEARCHES = {
    "greetings": (0, 1),
    "semantic_routing": (0, 1),
    "filters": (0, 1),
    "adaptive": (5, 4),
    "multi_query": (1, 6),
    "rag_fusion": (1, 5),
    "decomposition": (4, 4),
    "parallel_decomposition": (4, 4),
    "step_back": (1, 2),
    "hyde": (1, 1),
    "logical_routing": (1, 1),
    "query_construction": (1, 1),
    "crag": (1, 1),
    "self_rag": (1, 1),
}


def test_every_technique_costs_what_its_paper_says(beir: Path, tmp_path: Path) -> None:
    dataset = open_dataset(beir)
    texts = [query.text for query in dataset.queries] * 5
    with open_collection(dataset, WordEmbedder(), tmp_path) as collection:
        figures = techniques.measured(texts, collection, RetrievalSettings.model_construct())
    assert {
        name: (each["LLM calls"], each["searches"]) for name, each in figures.items()
    } == CALLS_AND_SEARCHES
    assert [*figures] == [*NAMES]
    json.dumps(figures)


def test_a_missing_dataset_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = argparse.Namespace(data=tmp_path / "none", questions=1, json=None)
    assert techniques.run(missing) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_every_indexing_technique_is_measured(beir: Path) -> None:
    figures = enriched(open_dataset(beir), WordEmbedder(), techniques.InstantLLM)
    assert [*figures] == [*TECHNIQUES]
    for each in figures.values():
        assert each["LLM calls for 100 chunks"] >= 0
        assert each["entries for 100 chunks"] >= 100
    json.dumps(figures)
