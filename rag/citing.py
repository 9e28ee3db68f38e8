"""[n] marks in a reply become Citations. Pure.

A model sees passages numbered in the order found; a reader sees documents numbered in the order cited, one number for
each document, so that marks and source list always match.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rag.domain import Citation, Passage
from rag.quotable import plain_text

_MARKS = re.compile(r"[ \t]*((?:\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\][ \t]*)+)")
_NUMBER = re.compile(r"\d+")


def cite(reply: str, passages: Sequence[Passage]) -> tuple[str, tuple[Citation, ...]]:
    """The reply with its marks renumbered by document, and the citations they mean, in order, each with the passages cited of it.

    Marks of passages that do not exist are dropped.
    """
    by_document: dict[tuple[str, str], Citation] = {}

    def renumber(match: re.Match[str]) -> str:
        numbers = [int(number) for number in _NUMBER.findall(match[1])]
        cited = [passages[number - 1] for number in numbers if 1 <= number <= len(passages)]
        marks = dict.fromkeys(_quoted(passage, by_document).number for passage in cited)
        ending = " " if match[0].endswith((" ", "\t")) else ""
        return (" " + "".join(f"[{number}]" for number in marks) if marks else "") + ending

    text = _MARKS.sub(renumber, reply).strip()
    return text, tuple(by_document.values())


def citations_of(
    passages: Iterable[Passage], *, quotes: Mapping[int, Sequence[str]] | None = None
) -> tuple[Citation, ...]:
    """One citation for each document among the passages, in order; `quotes` by the passage's rank."""
    by_document: dict[tuple[str, str], Citation] = {}
    for passage in passages:
        citation = _register(passage, by_document)
        added = tuple((quotes or {}).get(passage.rank, ()))
        key = (passage.chunk.source_id, passage.chunk.document_id)
        by_document[key] = replace(citation, quotes=citation.quotes + added)
    return tuple(by_document.values())


def _quoted(passage: Passage, by_document: dict[tuple[str, str], Citation]) -> Citation:
    """The citation of the passage's document, which quotes the passage now, if it did not before."""
    citation, quote = _register(passage, by_document), plain_text(passage.chunk.text)
    if quote not in citation.quotes:
        citation = replace(citation, quotes=(*citation.quotes, quote))
        by_document[passage.chunk.source_id, passage.chunk.document_id] = citation
    return citation


def _register(passage: Passage, by_document: dict[tuple[str, str], Citation]) -> Citation:
    chunk = passage.chunk
    return by_document.setdefault(
        (chunk.source_id, chunk.document_id),
        Citation(
            number=len(by_document) + 1,
            document_id=chunk.document_id,
            title=chunk.title,
            heading_path=chunk.heading_path,
            url=chunk.url,
            updated_at=chunk.updated_at,
            author=chunk.author,
            also=passage.also,
            source_id=chunk.source_id,
            review_at=chunk.review_at,
        ),
    )
