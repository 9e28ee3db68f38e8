"""Other settings against the default: the real index, and vectors that can be worked out by hand."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.datasets import open_dataset
from evals.indexing import Collection, open_collection
from evals.measuring import MEASURES
from evals.plotting import plot
from evals.reporting import show
from evals.retrieval import Scores
from evals.sweep import DEFAULT, Swept, first, sweep, sweep_json, sweep_tables, weighted
from evals.windowed import Windowed
from rag.domain import PUBLIC, Chunk, Passage
from rag.fusion import by_score
from rag.ports import Embedder, Hits
from tests.evals.conftest import write_rows
from tests.evals.fakes import WordEmbedder

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@pytest.fixture
def swept(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> Swept:
    dataset = open_dataset(beir)

    def opened(wanted: Embedder) -> AbstractContextManager[Collection]:
        return open_collection(dataset, wanted, tmp_path / "kept")

    return sweep(dataset, embedder, opened, candidates=50, windows=(48, 64))


def side(scores: list[float], offset: int = 0) -> tuple[Passage, ...]:
    return tuple(
        Passage(chunk(place + offset), score, place + 1)
        for place, score in enumerate(sorted(scores, reverse=True))
    )


def chunk(place: int) -> Chunk:
    return Chunk("team", "source", f"d{place}", 0, "Title", (), "text", "", frozenset([PUBLIC]))


@given(SCORES, SCORES, st.integers(0, 6))
def test_equal_weights_rank_as_the_product_does(dense: list[float], sparse: list[float], offset: int) -> None:
    hits = Hits(side(dense), side(sparse, offset))
    totals = {passage.chunk.document_id: passage.score for passage in by_score(hits)}
    ranked = weighted(0.5)(hits)
    assert {passage.chunk.document_id: passage.score for passage in ranked} == pytest.approx(totals)
    scores = [passage.score for passage in ranked]
    assert scores == sorted(scores, reverse=True)


@given(SCORES, SCORES)
def test_a_weight_of_all_lets_one_side_decide(dense: list[float], sparse: list[float]) -> None:
    hits = Hits(side(dense), side(sparse, offset=20))
    best = weighted(1.0)(hits)
    found = {passage.chunk.document_id for passage in hits.dense}
    normalised = {passage.chunk.document_id: passage.score for passage in by_score(Hits(hits.dense, ()))}
    order = [normalised.get(passage.chunk.document_id, 0.0) for passage in best]
    assert order == sorted(order, reverse=True)
    assert len(best) == len(found) + len(hits.sparse)


def test_all_variants_are_measured_and_the_whole_window_is_not_measured_twice(swept: Swept) -> None:
    names = [*swept.scores]
    assert names[0] == DEFAULT
    assert {"candidates 10", "passages 3", "fusion RRF k=60", "dense weight 0.2", "classic 100 words"} <= {
        *names
    }
    assert [name for name in names if name.startswith("chunks")] == ["chunks of 48 tokens"]
    assert all(set(scores.queries) == {"q1", "q2"} for scores in swept.scores.values())


def test_fewer_passages_find_no_more(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    dataset = open_dataset(beir)
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        one = first(1)(dataset, collection, 50)
        two = first(2)(dataset, collection, 50)
        for query in dataset.queries[:2]:
            assert len(one(query)) == 1
            assert [*two(query)][:1] == [*one(query)]


def test_a_smaller_window_cuts_smaller(tmp_path: Path, beir: Path, embedder: WordEmbedder) -> None:
    text = "\n\n".join(f"apple banana cherry number {place} " * 5 for place in range(6))
    write_rows(
        beir / "corpus.jsonl", [{"_id": name, "text": f"{name} {text}"} for name in ("d1", "d2", "d3")]
    )
    dataset = open_dataset(beir)
    with open_collection(dataset, embedder, tmp_path / "kept") as collection:
        whole = collection.chunks
    with open_collection(dataset, Windowed(embedder, 32), tmp_path / "kept") as collection:
        assert collection.chunks > whole
    assert len([*(tmp_path / "kept").iterdir()]) == 2


def test_chance_among_many_comparisons_is_not_called_a_difference(swept: Swept) -> None:
    names = {f"q{number}": 0.5 for number in range(8)}
    default = Scores({key: dict.fromkeys(MEASURES, value) for key, value in names.items()}, 1.0)
    better = Scores({key: dict.fromkeys(MEASURES, value + 0.1) for key, value in names.items()}, 1.0)
    alone = Swept(swept.dataset, {DEFAULT: default, "one": better})
    assert sweep_json(alone)["variants"]["one"]["ndcg@10"]["verdict"] == "better"
    many = Swept(swept.dataset, {DEFAULT: default, **{f"v{number}": better for number in range(10)}})
    row = sweep_json(many)["variants"]["v0"]["ndcg@10"]
    assert row["verdict"] == "no difference shown"
    assert row["difference"] == pytest.approx(0.1)
    assert "verdict" not in sweep_json(many)["variants"][DEFAULT]["ndcg@10"]


def test_table_and_picture(swept: Swept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(*sweep_tables(swept))
    shown = capsys.readouterr().out
    assert "each variant against the default" in shown
    assert all(name in shown for name in swept.scores)
    plot(tmp_path / "swept.png", {"fruit": swept.bars("ndcg@10")}, label="ndcg@10")
    assert (tmp_path / "swept.png").read_bytes().startswith(b"\x89PNG")


def test_a_split(beir: Path, tmp_path: Path, embedder: WordEmbedder) -> None:
    dataset = replace(open_dataset(beir), name="half")

    def opened(wanted: Embedder) -> AbstractContextManager[Collection]:
        return open_collection(dataset, wanted, tmp_path / "kept")

    swept = sweep(dataset, embedder, opened, candidates=50, split="heldout", windows=())
    assert sweep_json(swept)["queries"] == 1
