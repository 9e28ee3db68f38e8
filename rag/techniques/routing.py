"""Routing: of all sources, only those that may hold the answer are searched.

Logical, a language model names them (structured output; one call). Semantic, the question's vector is compared with those of
the sources' descriptions, and only a clear winner is followed: no model but the one for embeddings. As in LangChain's
"RAG from scratch", parts 10; the idea in Mekala et al. 2022, "Intent detection and routing". A source that is not searched cannot
answer, so both narrow only where something is found there, and never beyond the scope that is given.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel

from rag.domain import Audience, Scope
from rag.ports import LLM, Embedder
from rag.prompting import prompt_about
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import parsed
from rag.techniques.prompts import ROUTE


class Described(NamedTuple):
    """A source as its team calls it, and what it holds, in a few words."""

    name: str
    content: str


Sources = Callable[[Audience], Mapping[str, Described]]
"""The sources that an audience may read, by id."""


class Route(BaseModel):
    sources: list[str]


@dataclass(frozen=True, slots=True)
class LogicalRouting:
    llm: LLM
    sources: Sources

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        known = _within(self.sources(search.audience), search.scope)
        if len(known) < 2:  # noqa: PLR2004 - nothing to choose from
            return retrieve(search)
        route = parsed(self.llm, prompt_about(ROUTE, search.text, context=listed(known)), Route)
        return narrowed(search, retrieve, _scope(called(known, route.sources if route else [])))


@dataclass(frozen=True, slots=True)
class SemanticRouting:
    """`least` and `margin` are cosines: of the best, and by how much it must lead the second."""

    embedder: Embedder
    sources: Sources
    least: float = 0.35
    margin: float = 0.1

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        known = _within(self.sources(search.audience), search.scope)
        if len(known) < 2:  # noqa: PLR2004 - nothing to choose from
            return retrieve(search)
        texts = [f"{described.name}: {described.content}" for described in known.values()]
        vectors = np.asarray(self.embedder.embed_passages(texts))
        cosines = vectors @ np.asarray(self.embedder.embed_query(search.text))
        first, second = np.argsort(-cosines)[:2]
        clear = cosines[first] >= self.least and cosines[first] - cosines[second] >= self.margin
        return narrowed(search, retrieve, _scope(frozenset([[*known][first]] if clear else [])))


def narrowed(search: Search, retrieve: Retrieve, scope: Scope) -> Found:
    """What is found within the scope as well; where that is nothing, what is found without it."""
    inside = search.scope.narrowed(scope)
    if inside == search.scope:
        return retrieve(search)
    found = retrieve(replace(search, scope=inside))
    return found if found.passages else retrieve(search)


def listed(sources: Mapping[str, Described]) -> str:
    """The sources for a prompt, a line each."""
    return "Sources:\n" + "\n".join(f"- {name}: {content}" for name, content in sources.values())


def called(sources: Mapping[str, Described], names: Iterable[str]) -> frozenset[str]:
    """The ids of the sources with these names."""
    wanted = {name.strip().casefold() for name in names}
    return frozenset(
        source_id for source_id, described in sources.items() if described.name.casefold() in wanted
    )


def _within(sources: Mapping[str, Described], scope: Scope) -> dict[str, Described]:
    allowed = scope.source_ids
    return {
        source_id: described
        for source_id, described in sources.items()
        if allowed is None or source_id in allowed
    }


def _scope(chosen: frozenset[str]) -> Scope:
    return Scope(source_ids=chosen or None)
