"""Datasets of a few lines, written to a folder."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.evals.fakes import WordEmbedder

CORPUS = (
    {"_id": "d1", "title": "Apple", "text": "An apple is a fruit."},
    {"_id": "d2", "title": "Banana", "text": "A banana and an apple go well together."},
    {"_id": "d3", "title": "Holiday", "text": "There are 25 days of holiday a year."},
    {"_id": "d4", "title": "Invoice", "text": "An invoice is paid within 30 days."},
)
QUERIES = (
    {"_id": "q1", "text": "apple", "metadata": {"type": "single", "split": "dev", "answerable": True}},
    {
        "_id": "q2",
        "text": "how many days of holiday",
        "metadata": {"type": "single", "split": "heldout", "answerable": True, "answers": ["25 Days"]},
    },
    {"_id": "q3", "text": "elephant", "metadata": {"type": "none", "split": "dev", "answerable": False}},
)
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t2\nq2\td3\t2\n"


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    """A folder in BEIR's layout."""
    folder = tmp_path / "fruit"
    (folder / "qrels").mkdir(parents=True)
    write_rows(folder / "corpus.jsonl", CORPUS)
    write_rows(folder / "queries.jsonl", QUERIES)
    (folder / "qrels" / "test.tsv").write_text(QRELS, encoding="utf-8")
    return folder


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """A folder of pages with questions beside it."""
    folder = tmp_path / "office"
    (folder / "pages" / "time-off").mkdir(parents=True)
    (folder / "pages" / "time-off" / "leave.md").write_text(
        "---\ntitle: Leave\n---\n\n# Leave\n\nThere are 25 days of holiday a year.\n", encoding="utf-8"
    )
    (folder / "pages" / "faq.txt").write_text(
        "Holiday is 25 days, see the page on leave.\n", encoding="utf-8"
    )
    (folder / "README.md").write_text("# Not a page\n", encoding="utf-8")
    write_rows(
        folder / "questions.jsonl",
        [
            {
                "_id": "leave-01",
                "text": "how much holiday do we get?",
                "metadata": {
                    "type": "single",
                    "answerable": True,
                    "answers": ["25 days"],
                    "gold_files": ["pages/time-off/leave.md"],
                    "also_files": ["pages/faq.txt", "pages/time-off/leave.md"],
                    "split": "dev",
                },
            },
            {
                "_id": "leave-02",
                "text": "and for interns?",
                "metadata": {
                    "type": "unanswerable",
                    "answerable": False,
                    "split": "heldout",
                    "history": [
                        {"author": "asker", "text": "how much holiday do we get?"},
                        {"role": "assistant", "text": "25 days."},
                        {"author": "somebody", "text": "Nice."},
                    ],
                },
            },
        ],
    )
    return folder


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()
