"""Query construction: what a question says of where to look becomes a typed filter.

Text to metadata filter as in LangChain's self-query retriever; "only if explicitly specified". By a language model, one call; without
one, by rules that know a few unmistakable phrases ("in the wiki source", "in runbooks/", "written by Ines Duarte", "updated
since March 2026"). Either may narrow the scope that is given, never widen it; where the narrower scope holds nothing, the given one is searched.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel

from rag.domain import Scope
from rag.ports import LLM
from rag.prompting import prompt_about
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import parsed
from rag.techniques.prompts import CONSTRUCT
from rag.techniques.routing import Described, Sources, called, listed, narrowed

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905 - reads as a line
_WHEN = rf"(?P<day>\d{{4}}-\d\d-\d\d)|(?:(?P<month>{'|'.join(_MONTHS)})\s+)?(?P<year>(?:19|20)\d\d)"
_DATED = re.compile(
    rf"\b(?:updated|changed|edited|written|modified)\s+(?P<side>since|after|before|until)\s+(?:{_WHEN})\b",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"\b(?:written|authored|edited)\s+by\s+(?P<author>[A-ZÀ-Þ][\w'’-]+(?:\s+[A-ZÀ-Þ][\w'’-]+)+)"
)
_PATH = re.compile(r"\b(?:in|under|from)\s+(?P<path>(?:[\w.-]+/)+)(?=[\s,.;:?!]|$)")


class Filter(BaseModel):
    """What a model may say; dates as in ISO 8601."""

    sources: list[str] = []
    author: str = ""
    path: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class QueryConstruction:
    llm: LLM | None
    sources: Sources

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        known = self.sources(search.audience)
        if self.llm is None:
            return narrowed(search, retrieve, said(search.text, known))
        reply = parsed(self.llm, prompt_about(CONSTRUCT, search.text, context=listed(known)), Filter)
        return narrowed(search, retrieve, _scope(reply, search.text, known) if reply else Scope())


def said(text: str, sources: Mapping[str, Described]) -> Scope:
    """The scope that a text names in so many words, by rules; everywhere where it names none."""
    named = {
        source_id
        for source_id, described in sources.items()
        if re.search(
            rf"\b(?:in|from)\s+(?:the\s+|our\s+)?{re.escape(described.name)}\s+(?:source|wiki|channel|repository|repo|space|drive|folder)\b",
            text,
            re.IGNORECASE,
        )
    }
    author, path = _AUTHOR.search(text), _PATH.search(text)
    since = until = None
    for match in _DATED.finditer(text):
        if match["side"].lower() in {"since", "after"}:
            since = _start(match)
        else:
            until = _start(match)
    return Scope(
        source_ids=frozenset(named) or None,
        authors=frozenset([author["author"]]) if author else None,
        path=path["path"] if path else None,
        since=since,
        until=until,
    )


def _start(match: re.Match[str]) -> datetime | None:
    """The first moment of the day, the month or the year that is named."""
    if match["day"]:
        return _date(match["day"])
    month = _MONTHS.index(match["month"].lower()) + 1 if match["month"] else 1
    return datetime(int(match["year"]), month, 1, tzinfo=UTC)


def _scope(reply: Filter, text: str, sources: Mapping[str, Described]) -> Scope:
    """What the model says, without an author or a path that the question does not name: a guess would hide pages."""
    author, path = _named(reply.author, text), _named(reply.path, text)
    return Scope(
        source_ids=called(sources, reply.sources) or None,
        authors=frozenset([author]) if author else None,
        path=path or None,
        since=_date(reply.since),
        until=_date(reply.until),
    )


def _named(value: str, text: str) -> str:
    value = value.strip()
    return value if value.strip("/").casefold() in text.casefold() else ""


def _date(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)
