"""A folder of pages with questions beside it, as in `examples/handbook`.

pages/            what people wrote, read as the product reads a folder source
questions.jsonl   BEIR's queries.jsonl, whose metadata name the files that answer: `gold_files` (relevance 2) and
                  `also_files`, which say it, too (relevance 1); paths are relative to the folder
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from evals.datasets.dataset import READERS, SOURCE, TEAM, Dataset, DatasetUnusable, Page, Qrel
from evals.datasets.rows import Row, json_rows, query
from ingestion.parsing import parse
from ingestion.sources import Original
from ingestion.sources.folder import Folder
from rag.domain import Document
from rag.errors import DocumentUnreadable

PAGES = "pages"
QUESTIONS = "questions.jsonl"
_ADDRESS = "https://handbook.example/pages"
"""Where the pages are said to be: relative links become whole ones, and those must not depend on the checkout."""
_GRADES = (("gold_files", 2), ("also_files", 1))


def read(folder: Path) -> Dataset:
    """The dataset in the folder. Raises DatasetUnusable with file and line."""
    pages = folder / PAGES
    if not pages.is_dir():
        raise DatasetUnusable(f"{pages}: is missing; the questions in {QUESTIONS} are about the files in it.")
    read_pages = tuple(_pages(pages))
    ids = {page.document.id for page in read_pages}
    rows = list(json_rows(folder / QUESTIONS))
    return Dataset(
        folder.resolve().name,
        read_pages,
        tuple(map(query, rows)),
        tuple(qrel for row in rows for qrel in _qrels(row, ids)),
    )


def _pages(folder: Path) -> Iterator[Page]:
    """The pages, each under the id by which the questions name it."""
    for original in Folder(folder, base_url=_ADDRESS).originals():
        if isinstance(original, Original):
            yield _page(original)


def _page(original: Original) -> Page:
    try:
        parsed = parse(original.read(), original.name)
    except DocumentUnreadable as error:
        raise DatasetUnusable(f"{PAGES}/{original.name}: {error}.") from None
    document_id = f"{PAGES}/{original.id}"
    return Page(
        Document(
            TEAM, SOURCE, document_id, parsed.title, original.url, parsed.text, READERS, parsed.updated_at
        ),
        parsed.markup,
    )


def _qrels(row: Row, ids: Collection[str]) -> Iterator[Qrel]:
    metadata = row.inner("metadata")
    judged: set[str] = set()
    for field, relevance in _GRADES:
        for file in metadata.texts(field):
            if file not in ids:
                raise row.fault(f"`{field}` names {file}, which is not among the pages")
            if file not in judged:
                judged.add(file)
                yield Qrel(row.filled("_id"), file, relevance)
