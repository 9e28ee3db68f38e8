"""Recency and "superseded by" as gentle priors: of passages that answer alike, the newer page comes first.

Age as in Li & Croft 2003, "Time-based language models": an exponential prior, here with a half-life, counted from the newest
candidate, so that a collection nobody has touched for years is ranked as before. It may exchange neighbours; it cannot lift a
page that does not answer. A page counts as superseded when it says so itself, when another candidate says that it replaces it
and links there, or when a newer candidate has the same title but for a year or a version.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import fmean

from rag.domain import Chunk
from rag.retrieval import Found, Retrieve, Search

_SAYS_SO = re.compile(
    r"""\b(?:this|the)\ (?:page|policy|document|guide|version|text|runbook|process)\b[^.!?\n]{0,60}?
        \b(?:superseded|replaced\ by|no\ longer\ (?:valid|applies|in\ force|current|maintained)|out\ of\ date|outdated|
        deprecated|archived|obsolete|withdrawn)\b
      | ^\W*(?:superseded|deprecated|archived|obsolete|outdated|withdrawn)\b""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_TELLING = (
    "supersed",
    "replac",
    "longer",
    "of date",
    "outdated",
    "deprecated",
    "archived",
    "obsolete",
    "withdrawn",
)
_OLD_TITLE = re.compile(r"\b(?:archived?|deprecated|obsolete|superseded|outdated)\b", re.IGNORECASE)
_REPLACES = re.compile(r"\b(?:replaces|supersedes)\b[^.!?\n]{0,80}?\]\((?P<url>[^)\s]+)\)", re.IGNORECASE)
_EDITION = re.compile(
    r"\b(?:(?:19|20)\d\d|v(?:ersion)?\.?\s*\d+(?:\.\d+)*|edition|old|new|current|draft|archived?)\b",
    re.IGNORECASE,
)
_WEIGHED = 20  # candidates, among themselves; what is found further down is not read by anybody
_YEAR = timedelta(days=365.25)


@dataclass(frozen=True, slots=True)
class Recency:
    """Takes from the score of what is older than the newest candidate, at most `age`, and `superseded` from what was replaced.

    Scores are those of `rag.fusion`: the best of fifty has about 2, its neighbours lie 0.1 to 0.3 apart. A page
    without a date counts as the mean of the dated ones. Needs no LLM.
    """

    age: float = 0.2
    superseded: float = 0.4
    half_life_years: float = 2.0

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        found = retrieve(search)
        best, rest = found.candidates[:_WEIGHED], found.candidates[_WEIGHED:]
        lost = self._lost([passage.chunk for passage in best])
        if not any(lost):
            return found
        weighed = [
            replace(passage, score=passage.score - loss) for passage, loss in zip(best, lost, strict=True)
        ]
        return found.ranked([*sorted(weighed, key=lambda passage: -passage.score), *rest])

    def _lost(self, chunks: Sequence[Chunk]) -> list[float]:
        dates = [_updated_at(chunk) for chunk in chunks]
        newest = max(filter(None, dates), default=None)
        if newest is None:
            aged = [0.0] * len(chunks)
        else:
            known = {
                at: self.age * (1 - 0.5 ** ((newest - at) / _YEAR / self.half_life_years))
                for at in dates
                if at
            }
            usual = fmean(known[at] for at in dates if at)
            aged = [known[at] if at else usual for at in dates]
        gone = superseded(chunks)
        return [
            loss + (self.superseded if (chunk.source_id, chunk.document_id) in gone else 0.0)
            for chunk, loss in zip(chunks, aged, strict=True)
        ]


def superseded(chunks: Iterable[Chunk]) -> frozenset[tuple[str, str]]:
    """Source and id of those documents among the chunks' that others replace."""
    chunks = [*chunks]
    # Few have any of the words, and looking for those is ten times as fast as the expressions.
    lowered = [chunk.text.lower() for chunk in chunks]
    telling = [
        chunk for chunk, text in zip(chunks, lowered, strict=True) if any(word in text for word in _TELLING)
    ]
    replaced = {
        match["url"].partition("#")[0] for chunk in telling for match in _REPLACES.finditer(chunk.text)
    }
    gone = [chunk for chunk in telling if _SAYS_SO.search(chunk.text)]
    gone += [chunk for chunk in chunks if _OLD_TITLE.search(chunk.title)]
    gone += [chunk for chunk in chunks if replaced and chunk.url.partition("#")[0] in replaced]
    gone += _older_editions(chunks)
    return frozenset((chunk.source_id, chunk.document_id) for chunk in gone)


def _older_editions(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Those of which there is a newer one with the same title."""
    dated = [(_without_edition(chunk.title), at, chunk) for chunk in chunks if (at := _updated_at(chunk))]
    newest: dict[str, datetime] = {}
    for edition, at, _ in dated:
        newest[edition] = max(at, newest.get(edition, at))
    return [chunk for edition, at, chunk in dated if at < newest[edition]]


def _without_edition(title: str) -> str:
    return " ".join(re.findall(r"\w+", _EDITION.sub(" ", title).casefold())) or title


def _updated_at(chunk: Chunk) -> datetime | None:
    at = chunk.updated_at
    return at.replace(tzinfo=at.tzinfo or UTC) if at else None
