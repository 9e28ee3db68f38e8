"""Datasets are read whole and right, or refused with the file and line to look at."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evals.datasets import open_dataset
from evals.datasets.dataset import DatasetUnusable, Qrel
from rag.domain import Turn
from tests.evals.conftest import QRELS, write_rows


def test_beir_layout(beir: Path) -> None:
    dataset = open_dataset(beir)
    assert dataset.name == "fruit"
    assert [(page.document.id, page.document.title) for page in dataset.pages][:2] == [
        ("d1", "Apple"),
        ("d2", "Banana"),
    ]
    assert dataset.qrels == (Qrel("q1", "d1", 1), Qrel("q1", "d2", 2), Qrel("q2", "d3", 2))
    query = dataset.queries[1]
    assert (query.id, query.type, query.split, query.answerable) == ("q2", "single", "heldout", True)
    assert query.answers == ("25 Days",)


def test_beir_needs_neither_metadata_nor_title_nor_header(beir: Path) -> None:
    (beir / "corpus.jsonl").write_text('{"_id": "d1", "text": "one"}\n\n{"_id": "d2", "text": ""}\n')
    (beir / "queries.jsonl").write_text('{"_id": "q1", "text": "two\\u2028lines"}\n')
    (beir / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    dataset = open_dataset(beir)
    assert [page.document.title for page in dataset.pages] == ["", ""]
    assert dataset.queries[0].answerable is None
    assert dataset.qrels == (Qrel("q1", "d1", 1),)


def test_handbook_layout(handbook: Path) -> None:
    dataset = open_dataset(handbook)
    assert [(page.document.id, page.document.title, page.markup) for page in dataset.pages] == [
        ("pages/faq.txt", "Faq", "plain"),
        ("pages/time-off/leave.md", "Leave", "markdown"),
    ]
    assert dataset.qrels == (
        Qrel("leave-01", "pages/time-off/leave.md", 2),
        Qrel("leave-01", "pages/faq.txt", 1),
    )
    assert dataset.queries[1].history == (
        Turn("asker", "how much holiday do we get?"),
        Turn("bot", "25 days."),
        Turn("other", "Nice."),
    )


def test_handbook_reads_the_same_wherever_it_lies(handbook: Path, tmp_path: Path) -> None:
    before = open_dataset(handbook).pages
    moved = handbook.rename(tmp_path / "elsewhere")
    after = open_dataset(moved).pages
    assert [page.document.url for page in after] == [page.document.url for page in before]


def test_a_part_has_its_split_only(beir: Path) -> None:
    dataset = open_dataset(beir)
    part = dataset.part("heldout")
    assert [query.id for query in part.queries] == ["q2"]
    assert part.qrels == (Qrel("q2", "d3", 2),)
    assert part.pages == dataset.pages
    assert dataset.part(None) == dataset
    assert dataset.splits() == ("dev", "heldout")
    with pytest.raises(DatasetUnusable, match=r"fruit has no query whose metadata\.split is test"):
        dataset.part("test")


def _write(name: str, text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    return write


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


GOOD = '{"_id": "d1", "text": "one"}\n'
BEIR_FAULTS = {
    "no queries": (_remove("queries.jsonl"), "queries.jsonl: cannot be read (no such file or directory)."),
    "no judgements file": (
        _remove("qrels/test.tsv"),
        "test.tsv: cannot be read (no such file or directory).",
    ),
    "not JSON": (_write("corpus.jsonl", f"{GOOD}{{"), "corpus.jsonl, line 2: is not JSON."),
    "not an object": (
        _write("corpus.jsonl", f"{GOOD}\n[1]\n"),
        "corpus.jsonl, line 3: must be a JSON object.",
    ),
    "no id": (_write("corpus.jsonl", '{"text": "one"}'), "corpus.jsonl, line 1: `_id` must be a text."),
    "empty id": (_write("corpus.jsonl", '{"_id": " "}'), "corpus.jsonl, line 1: `_id` is empty."),
    "no text": (_write("corpus.jsonl", '{"_id": "d1"}'), "corpus.jsonl, line 1: `text` must be a text."),
    "id twice": (
        _write("corpus.jsonl", GOOD * 2),
        "corpus.jsonl, line 2: `_id` d1 stands in an earlier line, too.",
    ),
    "number as text": (
        _write("queries.jsonl", '{"_id": "q1", "text": 7}'),
        "queries.jsonl, line 1: `text` must be a text.",
    ),
    "metadata no object": (
        _write("queries.jsonl", '{"_id": "q1", "text": "one", "metadata": "dev"}'),
        "queries.jsonl, line 1: `metadata` must be an object.",
    ),
    "answers no list": (
        _write("queries.jsonl", '{"_id": "q1", "text": "one", "metadata": {"answers": "25"}}'),
        "queries.jsonl, line 1: `answers` must be a list of texts.",
    ),
    "answerable no truth": (
        _write("queries.jsonl", '{"_id": "q1", "text": "one", "metadata": {"answerable": "yes"}}'),
        "queries.jsonl, line 1: `answerable` must be true or false.",
    ),
    "history no list of objects": (
        _write("queries.jsonl", '{"_id": "q1", "text": "one", "metadata": {"history": ["hi"]}}'),
        "queries.jsonl, line 1: `history` must be a list of objects.",
    ),
    "turn without text": (
        _write("queries.jsonl", '{"_id": "q1", "text": "one", "metadata": {"history": [{"role": "user"}]}}'),
        "queries.jsonl, line 1: `text` must be a text.",
    ),
    "two columns": (
        _write("qrels/test.tsv", "q1\td1\n"),
        "test.tsv, line 1: must be query id, document id and a whole number, with tabs between.",
    ),
    "half a grade": (
        _write("qrels/test.tsv", "q1\td1\t0.5\n"),
        "test.tsv, line 1: must be query id, document id and a whole number, with tabs between.",
    ),
    "unknown query": (
        _write("qrels/test.tsv", f"{QRELS}q9\td1\t1\n"),
        "test.tsv, line 5: the query q9 is not in queries.jsonl.",
    ),
    "unknown document": (
        _write("qrels/test.tsv", f"{QRELS}q1\td9\t1\n"),
        "test.tsv, line 5: the document d9 is not in corpus.jsonl.",
    ),
    "judged twice": (
        _write("qrels/test.tsv", f"{QRELS}q1\td1\t2\n"),
        "test.tsv, line 5: the same query and document stand in an earlier line, too.",
    ),
    "no judgement": (
        _write("qrels/test.tsv", "query-id\tcorpus-id\tscore\n"),
        "test.tsv: holds no judgement.",
    ),
}


@pytest.mark.parametrize(("spoil", "complaint"), BEIR_FAULTS.values(), ids=BEIR_FAULTS)
def test_faults_name_file_and_line(beir: Path, spoil: Callable[[Path], None], complaint: str) -> None:
    spoil(beir)
    with pytest.raises(DatasetUnusable) as raised:
        open_dataset(beir)
    assert str(raised.value).startswith(str(beir))
    assert str(raised.value).endswith(complaint)


def test_no_utf8(beir: Path) -> None:
    (beir / "queries.jsonl").write_bytes(b'{"_id": "q1", "text": "\xff"}')
    with pytest.raises(DatasetUnusable, match=r"queries\.jsonl: is not UTF-8\.$"):
        open_dataset(beir)


def test_handbook_without_pages(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text("")
    with pytest.raises(DatasetUnusable, match="pages: is missing"):
        open_dataset(tmp_path)


def test_handbook_names_a_page_that_is_not_there(handbook: Path) -> None:
    (handbook / "pages" / "faq.txt").unlink()
    with pytest.raises(
        DatasetUnusable,
        match=r"questions\.jsonl, line 1: `also_files` names pages/faq\.txt, which is not among",
    ):
        open_dataset(handbook)


def test_handbook_with_an_unreadable_page(handbook: Path) -> None:
    (handbook / "pages" / "faq.txt").write_text("")
    with pytest.raises(DatasetUnusable, match=r"pages/faq\.txt: is empty\.$"):
        open_dataset(handbook)


def test_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnusable, match="holds no dataset"):
        open_dataset(tmp_path)
    with pytest.raises(DatasetUnusable, match="is not a folder"):
        open_dataset(tmp_path / "nowhere")


def test_one_language_has_its_own_questions_and_documents(beir: Path) -> None:
    write_rows(
        beir / "corpus.jsonl",
        [{"_id": f"d{n}", "text": "x", "metadata": {"lang": lang}} for n, lang in enumerate(("en", "de"))],
    )
    write_rows(
        beir / "queries.jsonl",
        [
            {"_id": lang, "text": "x", "metadata": {"lang": lang, "mini": lang == "de"}}
            for lang in ("en", "de")
        ],
    )
    (beir / "qrels" / "test.tsv").write_text("en\td0\t2\nen\td1\t1\nde\td1\t2\n")
    dataset = open_dataset(beir)
    english = dataset.narrowed(lang="en")
    assert english.name == "fruit-en"
    assert [page.document.id for page in english.pages] == ["d0"]
    assert [tuple(qrel) for qrel in english.qrels] == [("en", "d0", 2)]
    assert [query.id for query in dataset.narrowed(mini=True).queries] == ["de"]
    with pytest.raises(DatasetUnusable, match="no query of this language"):
        dataset.narrowed(lang="fr")


def test_dates_come_from_the_row_or_from_the_file_beside_it(beir: Path) -> None:
    write_rows(
        beir / "corpus.jsonl",
        [
            {"_id": "d1", "text": "x", "metadata": {"updated_at": "2026-03-01"}},
            {"_id": "d2", "text": "x"},
            {"_id": "d3", "text": "x"},
        ],
    )
    write_rows(beir / "metadata.jsonl", [{"id": "d2", "last_modified": "2025-01-02T03:04:05+01:00"}])
    dates = [page.document.updated_at for page in open_dataset(beir).pages]
    assert [at and at.isoformat() for at in dates] == [
        "2026-03-01T00:00:00+00:00",
        "2025-01-02T03:04:05+01:00",
        None,
    ]
    write_rows(beir / "metadata.jsonl", [{"id": "d2", "last_modified": "spring"}])
    with pytest.raises(DatasetUnusable, match="`last_modified` must be a date"):
        open_dataset(beir)
