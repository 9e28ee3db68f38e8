"""From a folder to figures: the real index, and vectors that can be worked out by hand."""

from collections.abc import Iterator
from math import log2
from pathlib import Path

import pytest

from evals.datasets import open_dataset
from evals.datasets.dataset import DatasetUnusable, Query
from evals.indexing import open_collection
from evals.reporting import retrieval_json, retrieval_tables, show
from evals.retrieval import CONFIGURATIONS, Report, evaluate, search_text
from rag.domain import Turn
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
            {"ndcg@10": (apples + 1) / 2, "recall@5": 1.0, "recall@10": 1.0, "mrr@10": 1.0}
        )


def test_only_judged_queries_count(report: Report) -> None:
    assert [query.id for query in report.judged] == ["q1", "q2"]
    assert set(report.by_type("default")) == {"single"}


def test_json_shape(report: Report) -> None:
    content = retrieval_json(report)
    assert content["dataset"] == "fruit"
    assert set(content["configs"]) == {"dense", "sparse", "default"}
    for values in content["configs"].values():
        assert set(values) == {"ndcg@10", "recall@5", "recall@10", "mrr@10"}
        assert all(isinstance(value, float) for value in values.values())
    assert (content["documents"], content["chunks"], content["queries"]) == (4, 4, 2)
    assert content["types"]["dense"]["single"] == content["configs"]["dense"]
    assert set(content["seconds"]) == {"indexing", "dense", "sparse", "default"}


def test_tables(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    show(*retrieval_tables(report))
    shown = capsys.readouterr().out
    assert "fruit: 4 documents, 4 chunks, 2 judged queries" in shown
    for word in ("dense", "sparse", "default", "ndcg@10", "single"):
        assert word in shown


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
