"""The measures, against values worked out by hand."""

from math import log2

import pytest

from evals.datasets.dataset import Qrel
from evals.measuring import MEASURES, mean, measure

QRELS = [Qrel("q", "best", 2), Qrel("q", "good", 1), Qrel("q", "bad", 0)]
IDEAL = 2 / log2(2) + 1 / log2(3)


def test_a_perfect_ranking() -> None:
    assert measure({"q": ["best", "good", "bad"]}, QRELS) == {
        "q": pytest.approx(
            {"ndcg@10": 1.0, "recall@5": 1.0, "recall@10": 1.0, "mrr@10": 1.0, "all@5": 1.0, "all@10": 1.0}
        )
    }


def test_grades_count_as_gains() -> None:
    values = measure({"q": ["bad", "good", "best"]}, QRELS)["q"]
    assert values["ndcg@10"] == pytest.approx((1 / log2(3) + 2 / log2(4)) / IDEAL)
    assert values["mrr@10"] == pytest.approx(1 / 2)


def test_each_measure_looks_as_far_as_its_name_says() -> None:
    ranking = ["x1", "x2", "x3", "x4", "x5", "best", "x7", "x8", "x9", "x10", "good"]
    assert measure({"q": ranking}, QRELS)["q"] == pytest.approx(
        {
            "ndcg@10": 2 / log2(7) / IDEAL,
            "recall@5": 0.0,
            "recall@10": 0.5,
            "mrr@10": 1 / 6,
            "all@5": 0.0,
            "all@10": 0.0,
        }
    )


def test_the_given_order_counts_and_no_document_id() -> None:
    for first, second in (("a", "b"), ("b", "a")):
        assert measure({"q": [first, second]}, [Qrel("q", second, 1)])["q"]["mrr@10"] == pytest.approx(1 / 2)


def test_a_query_without_a_ranking_gets_zeros_and_one_without_judgements_nothing() -> None:
    found = measure({"other": ["best"]}, QRELS)
    assert found == {"q": dict.fromkeys(MEASURES, 0.0)}


def test_queries_count_alike_in_the_mean() -> None:
    qrels = [Qrel("q1", "a", 1), Qrel("q2", "b", 1), Qrel("q2", "c", 1)]
    overall = mean(measure({"q1": ["a"], "q2": ["x", "b"]}, qrels).values())
    ndcg = (1 + (1 / log2(3)) / (1 + 1 / log2(3))) / 2
    assert overall == pytest.approx(
        {"ndcg@10": ndcg, "recall@5": 0.75, "recall@10": 0.75, "mrr@10": 0.75, "all@5": 0.5, "all@10": 0.5}
    )
    assert mean([]) == dict.fromkeys(MEASURES, 0.0)
