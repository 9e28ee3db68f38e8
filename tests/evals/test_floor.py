"""Retrieval and answers on the demo handbook do not get worse unnoticed.

The floors stand in evals/floors.json: what was measured when they were written down, minus 0.02. Raise them when
something gets better; lower one only with the reason in the commit.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import evals
from evals import answers
from evals.answering import MEASURES as ANSWER_MEASURES
from evals.datasets import open_dataset
from evals.datasets.dataset import Dataset
from evals.indexing import Collection, open_collection
from evals.measuring import MEASURES as RETRIEVAL_MEASURES
from evals.retrieval import Scores, evaluate
from rag.composition import open_embedder
from rag.settings import (
    AnswerSettings,
    EmbeddingSettings,
    LLMSettings,
    RetrievalSettings,
    Settings,
    StorageSettings,
)

HANDBOOK = Path(__file__).resolve().parents[2] / "examples" / "handbook"
FLOORS: Mapping[str, Mapping[str, Mapping[str, float]]] = json.loads(
    (Path(evals.__file__).parent / "floors.json").read_text(encoding="utf-8")
)
DEFAULTS = Settings(  # whatever .env says
    retrieval=RetrievalSettings.model_construct(),
    llm=LLMSettings.model_construct(),
    answer=AnswerSettings.model_construct(),
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


@pytest.fixture(scope="session", params=sorted(FLOORS["retrieval"]))
def measured(
    request: pytest.FixtureRequest, opened: tuple[Dataset, Collection]
) -> tuple[str, Mapping[str, Scores]]:
    """A split, and the scores of all configurations on it."""
    split: str = request.param
    candidates = DEFAULTS.retrieval.candidates
    return split, evaluate(*opened, ["dense", "sparse", "default"], candidates=candidates, split=split).scores


def test_no_measure_falls_below_its_floor(measured: tuple[str, Mapping[str, Scores]]) -> None:
    split, scores = measured
    reached = scores["default"].overall
    fallen = {
        name: reached[name] for name, floor in FLOORS["retrieval"][split].items() if reached[name] < floor
    }
    assert fallen == {}


@pytest.mark.parametrize("split", sorted(FLOORS["answers"]))
def test_no_measure_of_quoted_answers_falls_below_its_floor(
    split: str, opened: tuple[Dataset, Collection]
) -> None:
    dataset, collection = opened
    figures = answers.run(dataset.part(split), collection, DEFAULTS, None, hold_out=False, baselines=())
    reached = {name: values["mean"] for name, values in figures["measures"].items()}
    reached["auroc"] = figures["abstention"]["auroc"]
    fallen = {
        name: reached[name] for name, floor in FLOORS["answers"][split].items() if reached[name] < floor
    }
    assert fallen == {}


def test_every_measure_has_a_floor() -> None:
    # Left out is what no quoted answer reaches: an exact match with the few words that a person gave.
    for floors in FLOORS["retrieval"].values():
        assert set(floors) == set(RETRIEVAL_MEASURES)
    for floors in FLOORS["answers"].values():
        assert set(floors) == {*ANSWER_MEASURES, "auroc"} - {"exact"}


def test_both_sides_together_are_no_worse_than_either(measured: tuple[str, Mapping[str, Scores]]) -> None:
    _, scores = measured
    for name in ("ndcg@10", "recall@10"):
        best = max(scores[side].overall[name] for side in ("dense", "sparse"))
        assert scores["default"].overall[name] >= best - _NOISE
