"""Retrieval on the demo handbook does not get worse unnoticed.

The floors stand in evals/floors.json: what was measured when they were written down, minus 0.02. Raise them when
retrieval gets better; lower one only with the reason in the commit.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import evals
from evals.datasets import open_dataset
from evals.datasets.dataset import Dataset
from evals.indexing import Collection, open_collection
from evals.retrieval import Scores, evaluate
from rag.composition import open_embedder
from rag.settings import EmbeddingSettings, RetrievalSettings, Settings, StorageSettings

HANDBOOK = Path(__file__).resolve().parents[2] / "examples" / "handbook"
FLOORS: Mapping[str, Mapping[str, float]] = json.loads(
    (Path(evals.__file__).parent / "floors.json").read_text(encoding="utf-8")
)
_NOISE = 0.01

pytestmark = pytest.mark.timeout(300)  # everything is embedded first, on whatever machine this is


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dataset, Collection]]:
    dataset = open_dataset(HANDBOOK)
    storage = StorageSettings(data_dir=tmp_path_factory.mktemp("models"))
    embedder = open_embedder(Settings(storage=storage, embedding=EmbeddingSettings.model_construct()))
    with open_collection(dataset, embedder, tmp_path_factory.mktemp("evals")) as collection:
        yield dataset, collection


@pytest.fixture(scope="session", params=sorted(FLOORS))
def measured(
    request: pytest.FixtureRequest, opened: tuple[Dataset, Collection]
) -> tuple[str, Mapping[str, Scores]]:
    """A split, and the scores of all configurations on it."""
    split: str = request.param
    candidates = RetrievalSettings.model_construct().candidates  # the default, whatever .env says
    return split, evaluate(*opened, ["dense", "sparse", "default"], candidates=candidates, split=split).scores


def test_no_measure_falls_below_its_floor(measured: tuple[str, Mapping[str, Scores]]) -> None:
    split, scores = measured
    reached = scores["default"].overall
    fallen = {name: reached[name] for name, floor in FLOORS[split].items() if reached[name] < floor}
    assert fallen == {}


def test_both_sides_together_are_no_worse_than_either(measured: tuple[str, Mapping[str, Scores]]) -> None:
    _, scores = measured
    for name in ("ndcg@10", "recall@10"):
        best = max(scores[side].overall[name] for side in ("dense", "sparse"))
        assert scores["default"].overall[name] >= best - _NOISE
