"""The words of a test collection, as information retrieval uses them. Values only."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from ingestion.formats import Markup
from rag.domain import PUBLIC, Audience, Document, Turn
from rag.errors import ConfigError

TEAM = "evals"
SOURCE = "evals"
READERS = frozenset([PUBLIC])
AUDIENCE = Audience(TEAM, READERS)
"""Everybody may read every document of a dataset: what is measured is finding, not permission."""


class DatasetUnusable(ConfigError):
    """A dataset is missing or malformed; the text is the one sentence to print, with file and line."""


class Query(NamedTuple):
    """One question. `answerable` is None, `type`, `split` and `lang` are empty where the dataset does not say.

    `mini`: it belongs to a smaller part that stands for the whole.
    """

    id: str
    text: str
    history: tuple[Turn, ...] = ()
    type: str = ""
    split: str = ""
    answerable: bool | None = None
    answers: tuple[str, ...] = ()
    lang: str = ""
    mini: bool = False


class Qrel(NamedTuple):
    """A relevance judgement, in the dataset's own grades: 0 is not relevant, higher is more so."""

    query_id: str
    document_id: str
    relevance: int


class Page(NamedTuple):
    """A document and what its original was written in, which chunking asks for; `lang` is empty where nobody says."""

    document: Document
    markup: Markup
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A test collection: documents, queries, judgements. Ids are unique; every judgement names known ids."""

    name: str
    pages: tuple[Page, ...]
    queries: tuple[Query, ...]
    qrels: tuple[Qrel, ...]

    def part(self, split: str | None) -> "Dataset":
        """The queries of one split with their judgements, over all documents; the whole for None.

        Raises DatasetUnusable where the split has no query.
        """
        if split is None:
            return self
        queries = tuple(query for query in self.queries if query.split == split)
        if not queries:
            raise DatasetUnusable(f"The dataset {self.name} has no query whose metadata.split is {split}.")
        kept = {query.id for query in queries}
        return replace(self, queries=queries, qrels=tuple(q for q in self.qrels if q.query_id in kept))

    def narrowed(self, *, lang: str | None = None, mini: bool = False, kind: str | None = None) -> "Dataset":
        """The queries of one language, of the smaller part, of one type, with their judgements.

        With a language, only the documents in it are left, too, where the dataset says which they are. Raises
        DatasetUnusable where no query is left.
        """
        queries = tuple(
            query
            for query in self.queries
            if (lang is None or query.lang == lang)
            and (not mini or query.mini)
            and (kind is None or query.type == kind)
        )
        if not queries:
            raise DatasetUnusable(f"The dataset {self.name} has no query of this language, part and type.")
        pages = tuple(page for page in self.pages if not (lang and page.lang) or page.lang == lang)
        ids = {page.document.id for page in pages}
        asked = {query.id for query in queries}
        qrels = tuple(q for q in self.qrels if q.query_id in asked and q.document_id in ids)
        name = f"{self.name}-{lang}" if lang else self.name
        return replace(self, name=name, pages=pages, queries=queries, qrels=qrels)

    def splits(self) -> tuple[str, ...]:
        """The splits that have queries, in the order in which they appear."""
        return tuple(dict.fromkeys(query.split for query in self.queries if query.split))
