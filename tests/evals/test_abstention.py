"""What extractive answering gives and holds back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.abstention import SHORT, Trial, attempt, holding_answer, separation
from evals.datasets import open_dataset
from evals.datasets.dataset import Dataset, DatasetUnusable, Query
from evals.fitting import Logistic
from evals.indexing import Collection, open_collection
from evals.reporting import abstention_table, answers_table, constants, show, thresholds_table
from evals.separating import Confusion
from rag.confidence import NOTHING, Signals
from rag.settings import RetrievalSettings
from tests.evals.conftest import write_rows
from tests.evals.fakes import WordEmbedder


@pytest.fixture
def opened(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> Iterator[tuple[Dataset, Collection]]:
    dataset = open_dataset(beir)
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        yield dataset, collection


def test_every_query_is_tried(opened: tuple[Dataset, Collection]) -> None:
    trials = attempt(*opened, RetrievalSettings())
    assert [(trial.query.id, trial.answerable) for trial in trials] == [
        ("q1", True),
        ("q2", True),
        ("q3", False),
    ]
    assert "25 days of holiday" in trials[1].text
    assert trials[1].holds_answer
    assert trials[2].signals.words == 0
    assert separation(trials, 0.5).auroc == 1.0
    assert [trial.query.id for trial in attempt(*opened, RetrievalSettings(), "heldout")] == ["q2"]


def test_a_dataset_that_does_not_say(opened: tuple[Dataset, Collection], beir: Path) -> None:
    write_rows(beir / "queries.jsonl", [{"_id": "q1", "text": "apple"}, {"_id": "q2", "text": "holiday"}])
    with pytest.raises(DatasetUnusable, match=r"metadata\.answerable is missing"):
        attempt(open_dataset(beir), opened[1], RetrievalSettings())


def _trial(text: str, *answers: str, kind: str = "single", answerable: bool = True) -> Trial:
    return Trial(Query("q", "?", type=kind, answerable=answerable, answers=answers), text, 0.5, NOTHING, 0.0)


@pytest.mark.parametrize(
    ("text", "answer", "held"),
    [
        ("You have **25  days** of leave. [1]", "25 Days", True),
        ("City: Copenhagen; Full day: €78 [1]", "€78", True),
        ("Run `make  setup` first. [1]", "make setup", True),
        ("In 2025 we moved.", "25", False),
        ("Nothing of the kind. [25]", "25", False),
        ("", "25", False),
        ("anything", "", False),
    ],
)
def test_a_reference_answer_in_the_text(text: str, answer: str, held: bool) -> None:
    assert _trial(text, answer).holds_answer is held


def test_one_of_the_answers_is_enough_and_only_short_types_count() -> None:
    counts = holding_answer(
        [
            _trial("25 days", "six weeks", "25 days"),
            _trial("25 days", "26 days"),
            _trial("25 days", "25 days", kind="table"),
            _trial("25 days", "25 days", kind="multi"),
            _trial("25 days", kind="typo"),
            _trial("25 days", "25 days", answerable=False),
        ]
    )
    assert counts == {"single": (1, 2), "table": (1, 1)}
    assert set(counts) <= set(SHORT)


def test_tables(opened: tuple[Dataset, Collection], capsys: pytest.CaptureFixture[str]) -> None:
    trials = attempt(*opened, RetrievalSettings())
    show(
        abstention_table("fruit", {"all": separation(trials, 0.5), "dev": separation(trials[:1], 0.5)}, 0.5),
        answers_table({"all": holding_answer(trials), "none": {}}),
        thresholds_table({0.5: [Confusion(3, 1, 1, 3)]}, ["dev"]),
    )
    shown = capsys.readouterr().out
    assert "answered from a confidence of 0.5 on" in shown
    assert "1/1 (100%)" in shown
    assert "75%" in shown
    assert "25%" in shown


def test_constants_are_python() -> None:
    found: dict[str, object] = {"Signals": Signals}
    exec(constants(Logistic((1.0, 2.344, -3.0, 0.0, 1.5), 0.5)), found)  # noqa: S102 - they are there to be pasted
    assert found["_WEIGHTS"] == Signals(1.0, 2.34, -3.0, 0.0, 1.5)
    assert found["_BIAS"] == 0.5
