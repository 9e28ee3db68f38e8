"""BEIR's layout of a dataset: corpus.jsonl, queries.jsonl, qrels/test.tsv; beside them, where there is one, metadata.jsonl.

Thakur et al. 2021, "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval Models"
(https://arxiv.org/abs/2104.08663); the files as described at https://github.com/beir-cellar/beir/wiki.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from evals.datasets.dataset import READERS, SOURCE, TEAM, Dataset, DatasetUnusable, Page, Qrel
from evals.datasets.rows import Row, json_rows, lines, query
from rag.domain import Document

CORPUS = "corpus.jsonl"
_QUERIES = "queries.jsonl"
_METADATA = "metadata.jsonl"
_QRELS = Path("qrels", "test.tsv")
_HEADER = ("query-id", "corpus-id", "score")


def read(folder: Path) -> Dataset:
    """The dataset in the folder. Raises DatasetUnusable with file and line."""
    dates = _dates(folder / _METADATA)
    pages = tuple(_page(row, dates) for row in json_rows(folder / CORPUS))
    queries = tuple(map(query, json_rows(folder / _QUERIES)))
    qrels = _qrels(folder / _QRELS, {query.id for query in queries}, {page.document.id for page in pages})
    return Dataset(folder.resolve().name, pages, queries, qrels)


def _dates(path: Path) -> dict[str, datetime | None]:
    """When each document was last changed, of those that a file beside the corpus tells."""
    if not path.exists():
        return {}
    return {row.filled("id"): row.date("last_modified") for row in json_rows(path, key="id")}


def _page(row: Row, dates: Mapping[str, datetime | None]) -> Page:
    """A row of the corpus, its text taken for Markdown; without an address, for none is needed."""
    title, text, document_id = row.optional("title"), row.text("text"), row.filled("_id")
    metadata = row.inner("metadata")
    updated_at = metadata.date("updated_at") or dates.get(document_id)
    document = Document(TEAM, SOURCE, document_id, title, "", text, READERS, updated_at)
    return Page(document, "markdown", metadata.optional("lang"))


def _qrels(path: Path, query_ids: Collection[str], document_ids: Collection[str]) -> tuple[Qrel, ...]:
    found: dict[tuple[str, str], Qrel] = {}
    for place, line in lines(path):
        fields = tuple(field.strip() for field in line.split("\t"))
        if fields == _HEADER:
            continue
        qrel = _qrel(fields, place)
        if qrel.query_id not in query_ids:
            raise DatasetUnusable(f"{place}: the query {qrel.query_id} is not in {_QUERIES}.")
        if qrel.document_id not in document_ids:
            raise DatasetUnusable(f"{place}: the document {qrel.document_id} is not in {CORPUS}.")
        if qrel[:2] in found:
            raise DatasetUnusable(f"{place}: the same query and document stand in an earlier line, too.")
        found[qrel[:2]] = qrel
    if not found:
        raise DatasetUnusable(f"{path}: holds no judgement.")
    return tuple(found.values())


def _qrel(fields: tuple[str, ...], place: str) -> Qrel:
    try:
        query_id, document_id, score = fields
        return Qrel(query_id, document_id, int(score))
    except ValueError:
        raise DatasetUnusable(
            f"{place}: must be query id, document id and a whole number, with tabs between."
        ) from None
