"""From a folder to figures: the real index, and vectors that can be worked out by hand."""

from collections.abc import Iterator
from math import log2
from pathlib import Path

import pytest

from evals.classic import Classic
from evals.datasets import open_dataset
from evals.datasets.dataset import DatasetUnusable, Query
from evals.finding import CONFIGURATIONS, search_text
from evals.indexing import open_collection
from evals.measuring import MEASURES
from evals.plotting import plot
from evals.reporting import show, write_json
from evals.retrieval import Report, evaluate
from evals.retrieval_reporting import (
    LEADING,
    baseline_of,
    intervals,
    read_baseline,
    retrieval_json,
    retrieval_tables,
)
from rag.domain import Turn
from rag.errors import ConfigError
from tests.evals.conftest import write_rows
from tests.evals.fakes import WordEmbedder


@pytest.fixture
def report(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> Iterator[Report]:
    dataset = open_dataset(beir)
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        yield evaluate(dataset, collection, CONFIGURATIONS, candidates=50)


def test_measures_of_each_configuration(report: Report) -> None:
    # By meaning, "apple" finds d1 (apples only) before d2 (apples and bananas), whose grade is higher.
    apples = (1 + 2 / log2(3)) / (2 + 1 / log2(3))
    for name in CONFIGURATIONS:
        assert report.scores[name].queries["q1"]["ndcg@10"] == pytest.approx(apples), name
        assert report.scores[name].overall == pytest.approx(
            {
                "ndcg@10": (apples + 1) / 2,
                "recall@5": 1.0,
                "recall@10": 1.0,
                "mrr@10": 1.0,
                "all@5": 1.0,
                "all@10": 1.0,
            }
        ), name


def test_only_judged_queries_count(report: Report) -> None:
    assert [query.id for query in report.judged] == ["q1", "q2"]
    assert set(report.by_type("default")) == {"single"}


def test_json_shape(report: Report) -> None:
    content = retrieval_json(report)
    assert content["dataset"] == "fruit"
    assert {"classic", "dense", "sparse", "default"} <= set(content["configs"]) == set(CONFIGURATIONS)
    for values in content["configs"].values():
        assert set(values) == set(MEASURES)
        assert all(isinstance(value, float) for value in values.values())
    assert (content["documents"], content["chunks"], content["queries"]) == (4, 4, 2)
    assert content["types"]["dense"]["single"] == content["configs"]["dense"]
    assert set(content["seconds"]) == {"indexing", *CONFIGURATIONS}
    assert content["intervals"]["dense"]["recall@10"] == [1.0, 1.0]


def test_tables(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    show(*retrieval_tables(report, baseline_of(report, "classic")))
    shown = capsys.readouterr().out
    assert "fruit: 4 documents, 4 chunks, 2 judged queries" in shown
    for word in ("dense", "sparse", "default", "ndcg@10", "single"):
        assert word in shown


def test_a_later_run_is_compared_with_an_earlier_one(report: Report, tmp_path: Path) -> None:
    write_json(tmp_path / "run.json", retrieval_json(report, baseline_of(report, "dense")))
    name, queries = read_baseline(tmp_path / "run.json", "sparse")
    assert name == "sparse of run.json"
    assert queries["q1"] == pytest.approx(report.scores["sparse"].queries["q1"], abs=1e-4)
    against = retrieval_json(report, (name, queries))["against"]
    assert against["baseline"] == name
    assert against["configs"]["default"][LEADING]["queries"] == 2
    assert against["configs"]["default"][LEADING]["verdict"] == "no difference shown"
    with pytest.raises(DatasetUnusable, match="no JSON of an earlier run that measured best"):
        read_baseline(tmp_path / "run.json", "best")
    with pytest.raises(DatasetUnusable, match="was not measured"):
        baseline_of(report, "best")


def test_the_plot_is_a_picture(report: Report, tmp_path: Path) -> None:
    spans = intervals(report)
    means = {name: (scores.overall[LEADING], spans[name]) for name, scores in report.scores.items()}
    plot(tmp_path / "plot.png", {"fruit": means}, label=LEADING)
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ConfigError, match="cannot be written"):
        plot(tmp_path / "none" / "plot.png", {"fruit": means}, label=LEADING)


def test_the_classic_recipe_embeds_once_and_gives_five(
    beir: Path, tmp_path: Path, embedder: WordEmbedder
) -> None:
    write_rows(beir / "corpus.jsonl", [{"_id": f"d{n}", "text": "apple " * 160} for n in range(1, 9)])
    dataset = open_dataset(beir)
    find = Classic(dataset, embedder, tmp_path / "classic.npy").find
    assert embedder.embedded == 16  # two chunks of each: 150 words and the ten that are left
    assert 1 <= len(find("apple")) <= 5
    Classic(dataset, embedder, tmp_path / "classic.npy")
    assert embedder.embedded == 16


def test_a_second_run_embeds_no_document(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    dataset = open_dataset(beir)
    for fresh, embedded in ((False, 4), (False, 4), (True, 8)):
        with open_collection(dataset, embedder, tmp_path / "kept", fresh=fresh) as collection:
            assert collection.chunks == 4
        assert embedder.embedded == embedded


def test_another_text_or_model_is_indexed_anew(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    kept = tmp_path / "kept"
    with open_collection(open_dataset(beir), embedder, kept):
        pass
    write_rows(
        beir / "corpus.jsonl", [{"_id": name, "text": f"fig {name}"} for name in ("d1", "d2", "d3", "d4")]
    )
    with open_collection(open_dataset(beir), embedder, kept):
        pass
    other = WordEmbedder()
    other.name = "other words"
    with open_collection(open_dataset(beir), other, kept):
        pass
    assert (embedder.embedded, other.embedded) == (8, 4)
    assert len(list(kept.iterdir())) == 3


def test_ten_documents_are_found_though_one_has_the_best_chunks(
    tmp_path: Path, embedder: WordEmbedder
) -> None:
    folder = tmp_path / "long"
    (folder / "qrels").mkdir(parents=True)
    long = "\n\n".join(f"# Apple {number}\n\n{'apple ' * 50}" for number in range(8))
    rows = [{"_id": "long", "text": long}]
    rows += [{"_id": f"d{number}", "text": f"apple and banana {number}"} for number in range(12)]
    write_rows(folder / "corpus.jsonl", rows)
    write_rows(folder / "queries.jsonl", [{"_id": "q", "text": "apple"}])
    (folder / "qrels" / "test.tsv").write_text("".join(f"q\td{number}\t1\n" for number in range(12)))
    dataset = open_dataset(folder)
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        report = evaluate(dataset, collection, ["dense"], candidates=2)
    assert report.scores["dense"].overall["recall@10"] == pytest.approx(9 / 12)


def test_one_split(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    dataset = open_dataset(beir)
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        report = evaluate(dataset, collection, ["dense"], candidates=50, split="heldout")
        with pytest.raises(DatasetUnusable, match="no query whose"):
            evaluate(dataset, collection, ["dense"], candidates=50, split="test")
    assert retrieval_json(report)["split"] == "heldout"
    assert list(report.scores["dense"].queries) == ["q2"]


def test_a_follow_up_is_searched_with_what_it_leans_on() -> None:
    query = Query("q", "and for interns?", (Turn("asker", "how much holiday do we get?"), Turn("bot", "25.")))
    assert search_text(query) == "how much holiday do we get?\nand for interns?"
    assert search_text(query._replace(history=())) == "and for interns?"
