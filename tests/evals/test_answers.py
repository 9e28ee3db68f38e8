"""From questions to figures of their answers: the real index, no language model."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from evals import answers
from evals.answering import Answered, statements, supports
from evals.datasets import open_dataset
from evals.datasets.dataset import AUDIENCE, Query
from evals.finding import classic_of
from evals.holding_out import HoldingOut
from evals.indexing import open_collection
from evals.one_sided import OneSided
from evals.plotting import plot
from evals.ratings import Ratings, ratings
from evals.reporting import show
from rag.domain import Answer, Chunk, Citation, Outcome, Passage
from rag.settings import LLMSettings, RetrievalSettings, Settings
from tests.evals.fakes import WordEmbedder

SETTINGS = Settings(retrieval=RetrievalSettings.model_construct(), llm=LLMSettings.model_construct())


def answer(text: str, *sources: str) -> Answer:
    chunks = [
        Chunk("T", "s", f"d{n}", 0, "", (), source, "u", frozenset({"x"}))
        for n, source in enumerate(sources, 1)
    ]
    return Answer(
        text,
        Outcome.ANSWERED,
        tuple(Citation(n, f"d{n}", "", (), "u") for n in range(1, len(sources) + 1)),
        tuple(Passage(chunk, 1.0, n) for n, chunk in enumerate(chunks, 1)),
        1.0,
    )


def test_an_answer_is_held_against_references_and_its_sources() -> None:
    given = answer(
        "There are **25 days** of holiday. [1] Interns get 10. [2]",
        "There are 25 days of holiday.",
        "Nothing on interns.",
    )
    values = Answered(Query("q", "holiday?", answers=("25 days",)), given, 0.1).measures
    assert values["holds_answer"] == values["in_context"] == 1.0
    assert 0 < values["f1"] < 1
    assert values["exact"] == 0.0
    assert values["precision"] == values["recall"] == 0.5
    exact = Answered(
        Query("q", "holiday?", answers=("twenty", "25 days")), answer("25 days [1]", "25 days"), 0.1
    ).measures
    assert exact["exact"] == exact["f1"] == exact["rouge_l"] == 1.0


def test_not_found_answers_nothing_and_claims_nothing() -> None:
    nothing = Answer("I couldn't find it. 25 days", Outcome.NOT_FOUND)
    values = Answered(Query("q", "x", answers=("25 days",)), nothing, 0.1).measures
    assert values["holds_answer"] == values["rouge_l"] == 0.0
    assert "precision" not in values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two. [1]", [("One.", (1,)), ("Two.", (1,))]),
        ("First [1][2] then unmarked words.", [("First", (1, 2)), ("then unmarked words.", ())]),
        ("- item one [1]\n- item two [2]", [("item one", (1,)), ("item two", (2,))]),
    ],
)
def test_statements_and_their_marks(text: str, found: list[tuple[str, tuple[int, ...]]]) -> None:
    kept = [(said, marks) for said, marks in statements(text) if said not in {"One.", "Two."}]
    assert kept == [each for each in found if each[0] not in {"One.", "Two."}]


@pytest.mark.parametrize(
    ("source", "said", "held"),
    [
        ("The notice period is two months.", "The notice period is two months.", True),
        ("In probation the notice period is 2 weeks.", "The notice period in probation is 2 weeks", True),
        ("In probation the notice period is 2 weeks.", "The notice period in probation is 3 weeks", False),
        ("Bicycles stand in the yard.", "The notice period is two months.", False),
        ("", "anything", False),
    ],
)
def test_what_supports_a_statement(source: str, said: str, held: bool) -> None:
    assert supports(source, said) is held


def test_the_figures_of_a_dataset(beir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = open_dataset(beir)
    with open_collection(dataset, WordEmbedder(), tmp_path / "kept") as collection:
        figures = answers.run(dataset, collection, SETTINGS, None, hold_out=True)
        alone = answers.run(dataset, collection, SETTINGS, None, hold_out=False, baselines=[])
    assert figures["questions"] == 3
    assert figures["measures"]["holds_answer"] == {"mean": 1.0, "interval": [1.0, 1.0], "questions": 1}
    assert figures["measures"]["precision"]["mean"] == 1.0
    assert [*figures["configs"]] == ["default", *answers.BASELINES]
    assert figures["configs"]["default"] == figures["measures"]
    assert [*figures["against"]["classic"]] == [*figures["configs"]["classic"]]
    assert figures["against"]["dense"]["holds_answer"]["questions"] == 1
    plot(tmp_path / "figures.png", answers.bars(figures), label="mean")
    assert (tmp_path / "figures.png").read_bytes().startswith(b"\x89PNG")
    done = figures["held out"]
    assert done["answered_answerable"] + done["abstained_answerable"] == 2
    assert done["answered_unanswerable"] + done["abstained_unanswerable"] == 2
    json.dumps(figures)
    show(*answers.tables(figures, Ratings(3, 1)))
    shown = capsys.readouterr().out
    assert "3 good, 1 bad" in shown
    assert "classic" in shown
    assert alone["against"] == {}
    show(*answers.tables(alone, None))


def test_one_side_and_the_classic_recipe_find_by_themselves(beir: Path, tmp_path: Path) -> None:
    dataset, embedder = open_dataset(beir), WordEmbedder()
    asked = {"audience": AUDIENCE, "limit": 9}
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        vector = embedder.embed_query("apple")
        both = collection.index.search("apple", vector, **asked)
        for side in ("dense", "sparse"):
            alone = OneSided(collection.index, side).as_index().search("apple", vector, **asked)
            assert getattr(alone, side) == getattr(both, side)
            assert len(alone.dense) * len(alone.sparse) == 0
        classic = classic_of(dataset, collection)
        hits = classic.as_index().search("apple", vector, **asked)
        assert [hit.chunk.document_id for hit in hits.dense] == [*classic.find("apple")]
        assert hits.dense[0].similarity == pytest.approx(both.dense[0].similarity, abs=0.3)
        assert classic.around(hits.dense[0], audience=AUDIENCE, reach=3) == [hits.dense[0].chunk]


def test_what_is_held_out_is_not_found(beir: Path, tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with open_collection(open_dataset(beir), embedder, tmp_path / "kept") as collection:
        index = HoldingOut(collection.index, {"d1"})
        hits = index.search("apple", embedder.embed_query("apple"), audience=AUDIENCE, limit=2)
        assert len(hits.dense) == 2
        for side in (hits.dense, hits.sparse):
            assert "d1" not in {passage.chunk.document_id for passage in side}
            assert [passage.rank for passage in side] == [*range(1, len(side) + 1)]
        assert index.as_index().source_ids("evals") == {"evals"}


def test_ratings_are_read_where_there_are_any(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'footnote.db'}"
    assert ratings(url) is None
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into feedback (question_id, user_id, rating, rated_at)"
            " values ('q', 'a', 1, 0), ('q', 'b', 1, 0), ('q', 'c', -1, 0)"
        )
    engine.dispose()
    assert ratings(url) == Ratings(2, 1)
