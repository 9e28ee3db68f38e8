"""Where documents disagree, the answer says so: both statements, each with its date, the newest first.

Two statements from different documents are in conflict when they speak of the same (their words, and the meaning) and count
the same with other numbers, or one denies what the other asserts. Not when each names something that the other does not: the
rates of Leeds are no contradiction to those of London. Rather one too few than one too many: whoever is told of a conflict goes
and looks.

A document that says of itself that it is superseded, or that another one says it replaces, is stale: it is still shown, and
called so, after the one that holds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from rag.citing import citations_of, cite
from rag.domain import Citation, Passage
from rag.particulars import COUNTING_WORDS, contradict, particulars, subject
from rag.ports import Embedder
from rag.quotable import Quotable, quotables

DISAGREE = "The documents disagree. Here is what they say, the newest first:"
SUPERSEDED = "An older page says otherwise, and no longer holds:"

_SHARED = 0.5  # of the shorter statement's words, the share that both have
_MEANING = 0.61  # cosine of the two
_DENIED = 0.75  # where not numbers differ but a denial: share of words, and cosine
_READ, _LIKELY = 3, 6  # passages, and pieces of them, that may be quoted in a written answer
_MOST = 3  # statements of one disagreement
_CHARS = 400  # of a statement that is compared and quoted
_CLAUSE = re.compile(r"(?<=[\w)])[,;]\s+(?=\D)")
_STALE = re.compile(
    r"\b(?:superseded|outdated|out of date|obsolete|deprecated|no longer (?:valid|holds|applies|in force)|"
    r"(?:was|is|has been|been) replaced by|do not use (?:this|these))\b",
    re.IGNORECASE,
)
_OWN_MARK = re.compile(r"\[(\d{1,3})\]")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_REPLACES = re.compile(r"\b(?:replaces|supersedes)\b[^.]*?\[([^\]]+)\]\(([^)\s]+)\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one document says. `stale`: by its own words or another's it does not hold any more."""

    passage: Passage
    piece: Quotable
    stale: bool = False


_Piece = tuple[Passage, Quotable]


def disagreement(
    question: str, quotes: Sequence[str], passages: Sequence[Passage], embedder: Embedder
) -> tuple[Statement, ...]:
    """What the documents say otherwise than one of the `quotes` (plain text of pieces of `passages`), with that quote itself.

    One statement a document, those that hold first, then the newest; empty where nothing disagrees.
    """
    asked = subject(question)
    for quote in sorted(quotes, key=lambda quote: -len(subject(quote) & asked)):
        said = _found(quote, passages) if len(quote) <= _CHARS else None
        against = _meant(said, [*_otherwise(asked, said, passages)], embedder) if said else []
        if said and against:
            found = {_document(passage): (passage, piece) for passage, piece in reversed([said, *against])}
            return _in_order([*found.values()], passages)
    return ()


def suspected(question: str, passages: Sequence[Passage], embedder: Embedder) -> tuple[Statement, ...]:
    """A disagreement about what was asked, before anything is quoted: among the best passages' sentences nearest to it."""
    asked = subject(question)
    pieces = [piece.plain for passage in passages[:_READ] for piece in quotables(passage.chunk.text)]
    nearest = sorted(pieces, key=lambda plain: -len(subject(plain) & asked))[:_LIKELY]
    return disagreement(question, [plain for plain in nearest if subject(plain) & asked], passages, embedder)


def retold(
    statements: Sequence[Statement], quotes: Sequence[str], passages: Sequence[Passage]
) -> tuple[str, tuple[Citation, ...]]:
    """The disagreement as Markdown, then what else was quoted, with marks, and the citations that these mean."""
    told = [(it.passage, it.piece) for it in statements]
    others = [found for quote in quotes if (found := _found(quote, passages)) and found not in told]
    shown: dict[int, list[str]] = {}
    for passage, piece in (*told, *others):
        shown.setdefault(passage.rank, []).append(piece.plain)
    text, _ = cite("\n\n".join([_told(statements), *(_quoted(*other) for other in others)]), passages)
    return text, citations_of(dict.fromkeys(passage for passage, _ in (*told, *others)), quotes=shown)


def _told(statements: Sequence[Statement]) -> str:
    first, *rest = statements
    if all(it.stale for it in rest):
        older = [f"- {_quoted(it.passage, it.piece, dated=True)}" for it in rest]
        holding = _quoted(first.passage, first.piece, dated=True)
        return "\n".join([f"{holding}\n\n{SUPERSEDED}\n", *older])
    lines = [f"- {_quoted(it.passage, it.piece, dated=True)}" for it in statements]
    return "\n".join([f"{DISAGREE}\n", *lines])


def _quoted(passage: Passage, piece: Quotable, *, dated: bool = False) -> str:
    at = passage.chunk.updated_at
    updated = f" (updated {at.day} {at:%B %Y})" if dated and at else ""
    text = _OWN_MARK.sub(r"(\1)", piece.markdown)
    if piece.block and not dated:
        return f"{text}\n\n[{passage.rank}]"
    return f"{' '.join(text.split()) if dated else text}{updated} [{passage.rank}]"


def _in_order(found: Sequence[_Piece], passages: Sequence[Passage]) -> tuple[Statement, ...]:
    replaced = _replaced(passages)
    newest = max(_time(passage) for passage, _ in found)
    statements = [
        Statement(passage, piece, is_stale(passage, newest) or _document(passage) in replaced)
        for passage, piece in found
    ]
    return tuple(sorted(statements, key=lambda it: (it.stale, -_time(it.passage).timestamp()))[:_MOST])


def is_stale(passage: Passage, newest: datetime) -> bool:
    """Whether the passage says of its document, in title, headings or first lines, that it does not hold any more, or is
    of a year before the one in which what it is compared with was updated.
    """
    chunk = passage.chunk
    years = [int(year) for year in _YEAR.findall(chunk.title)]
    return (
        any(map(_STALE.search, (chunk.title, *chunk.heading_path)))
        or (chunk.position == 0 and bool(_STALE.search(chunk.text[:300])))
        or (bool(years) and max(years) < newest.year and _time(passage) < newest)
    )


def superseded(passages: Sequence[Passage]) -> frozenset[tuple[str, str]]:
    """Source and document id of those that do not hold any more, by their own words or those of another passage."""
    own = {_document(passage) for passage in passages if is_stale(passage, datetime.min.replace(tzinfo=UTC))}
    return frozenset(own | _replaced(passages))


def _replaced(passages: Sequence[Passage]) -> set[tuple[str, str]]:
    """The documents of which another one says that it replaces them, by a link or by their title."""
    said = [match.groups() for passage in passages for match in _REPLACES.finditer(passage.chunk.text)]
    return {
        _document(passage)
        for passage in passages
        for title, target in said
        if passage.chunk.document_id.endswith(target.rpartition("/")[2].partition("#")[0])
        or subject(title) == subject(passage.chunk.title)
    }


def _found(quote: str, passages: Sequence[Passage]) -> _Piece | None:
    """The piece that was quoted."""
    words = subject(quote)
    for passage in passages:
        if words <= subject(passage.chunk.text):
            for piece in quotables(passage.chunk.text):
                if piece.plain == quote:
                    return passage, piece
    return None


def _otherwise(asked: frozenset[str], said: _Piece, passages: Sequence[Passage]) -> Iterator[_Piece]:
    """Pieces of other documents that count otherwise, or deny, what is said: by their words."""
    own = _clauses(said[1])
    topics = [_topic(clause) for clause in own]
    names: frozenset[str] | None = None
    wanted = subject(f"{_headed(said[0])} {said[1].plain}") & asked
    for passage in passages:
        words = subject(passage.chunk.indexed_text)
        if (
            _document(passage) == _document(said[0])
            or wanted - words  # it speaks of less of what was asked
            or not any(_shares(topic, words) for topic in topics)
        ):
            continue
        for piece in quotables(passage.chunk.text):
            if len(piece.plain) > _CHARS or wanted - subject(f"{_headed(passage)} {piece.plain}"):
                continue
            if any(_disagree(one, other) for one in own for other in _clauses(piece)):
                names = _names(passages) if names is None else names
                if not _names_differ(said, (passage, piece), names):
                    yield passage, piece


def _meant(said: _Piece, others: Sequence[_Piece], embedder: Embedder) -> list[_Piece]:
    """Of these the ones that mean the same thing; embeds only what is left to compare."""
    if not others:
        return []
    vectors = np.asarray(embedder.embed_passages([said[1].plain, *(piece.plain for _, piece in others)]))
    cosines = vectors[1:] @ vectors[0]
    ranked = sorted(zip(cosines.tolist(), range(len(others)), strict=True), reverse=True)
    return [others[n] for cosine, n in ranked if cosine >= _MEANING]


def _clauses(piece: Quotable) -> list[str]:
    """The piece, in parts where it counts several things: "Laptops after four years, phones after three."."""
    if piece.block or _is_row(piece):
        return [piece.plain]
    clauses = [""]
    for part in _CLAUSE.split(piece.plain):
        if particulars(clauses[-1]).quantities and particulars(part).quantities:
            clauses.append(part)
        else:
            clauses[-1] = f"{clauses[-1]} {part}".strip()
    return clauses


def _disagree(one: str, other: str) -> bool:
    first, second = particulars(one), particulars(other)
    words, others = _topic(one), _topic(other)
    shared = len(words & others)
    if not _shares(words, others):
        return False
    for unit in (first.values.keys() & second.values.keys()) - {""}:
        if not first.values[unit] & second.values[unit]:
            return True
    return (
        not first.quantities
        and not second.quantities
        and shared >= max(2, _DENIED * min(len(words), len(others)))
        and contradict(first, second)
    )


def _shares(words: frozenset[str], others: frozenset[str]) -> bool:
    return len(words & others) >= max(1, _SHARED * min(len(words), len(others)))


def _topic(text: str) -> frozenset[str]:
    """What the statement is about, without how much of what it says: "working days a year" is no subject."""
    return frozenset(word for word in subject(text) if not word[0].isdigit()) - COUNTING_WORDS


def _names_differ(one: _Piece, other: _Piece, names: frozenset[str]) -> bool:
    """Whether each of the two names something that the other does not: another city, another team, another row."""
    if _is_row(one[1]) and _is_row(other[1]):
        first, second = (_first_cell(piece) for _, piece in (one, other))
        if first != second:
            return True
    first, second = (subject(f"{_headed(passage)} {piece.plain}") & names for passage, piece in (one, other))
    return bool(first - second) and bool(second - first)


def _names(passages: Sequence[Passage]) -> frozenset[str]:
    """Words that are written with a capital within a sentence, and nowhere without one."""
    capital: set[str] = set()
    small: set[str] = set()
    for passage in passages:
        words = re.findall(r"[^\W\d_]+|[.!?:;|\n>#*]", passage.chunk.text)
        for before, word in pairwise([".", *words]):
            if word[0].islower():
                small |= subject(word)
            elif word[0].isupper() and (before[0].isalpha() or before == "|"):
                capital |= subject(word)
    return frozenset(capital - small)


def _headed(passage: Passage) -> str:
    return " ".join((passage.chunk.title, *passage.chunk.heading_path))


def _is_row(piece: Quotable) -> bool:
    return "; " in piece.plain and ": " in piece.plain


def _first_cell(piece: Quotable) -> frozenset[str]:
    return subject(piece.plain.partition("; ")[0])


def _document(passage: Passage) -> tuple[str, str]:
    return passage.chunk.source_id, passage.chunk.document_id


def _time(passage: Passage) -> datetime:
    at = passage.chunk.updated_at or datetime.min.replace(tzinfo=UTC, year=1970)
    return at.replace(tzinfo=at.tzinfo or UTC)
