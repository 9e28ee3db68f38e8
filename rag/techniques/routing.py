"""Routing: of all sources, only those that may hold the answer are searched.

Logical, a language model names them (structured output; one call). Semantic, the question's vector is compared with those of
the sources' descriptions, and only a clear winner is followed: no model but the one for embeddings. As in LangChain's
"RAG from scratch", parts 10; the idea in Mekala et al. 2022, "Intent detection and routing". A source that is not searched cannot
answer, so both narrow only where something is found there, and never beyond the scope that is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from pydantic import BaseModel

from rag.domain import Scope
from rag.ports import LLM, Embedder
from rag.prompting import prompt_about
from rag.retrieval import Found, Retrieve, Search
from rag.techniques.asking import parsed
from rag.techniques.prompts import ROUTE

Sources = Callable[[str], Mapping[str, str]]
"""The sources of a team: what each holds, in a few words, by its id."""


class Route(BaseModel):
    sources: list[str]


@dataclass(frozen=True, slots=True)
class LogicalRouting:
    llm: LLM
    sources: Sources

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        known = _within(self.sources(search.audience.team_id), search.scope)
        if len(known) < 2:  # noqa: PLR2004 - nothing to choose from
            return retrieve(search)
        listed = "\n".join(f"- {name}: {described}" for name, described in known.items())
        route = parsed(self.llm, prompt_about(ROUTE, search.text, context=f"Sources:\n{listed}"), Route)
        return narrowed(search, retrieve, _scope(known, route.sources if route else []))


@dataclass(frozen=True, slots=True)
class SemanticRouting:
    """`least` and `margin` are cosines: of the best, and by how much it must lead the second."""

    embedder: Embedder
    sources: Sources
    least: float = 0.35
    margin: float = 0.1

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        known = _within(self.sources(search.audience.team_id), search.scope)
        if len(known) < 2:  # noqa: PLR2004 - nothing to choose from
            return retrieve(search)
        vectors = np.asarray(self.embedder.embed_passages([*known.values()]))
        cosines = vectors @ np.asarray(self.embedder.embed_query(search.text))
        first, second = np.argsort(-cosines)[:2]
        clear = cosines[first] >= self.least and cosines[first] - cosines[second] >= self.margin
        return narrowed(search, retrieve, _scope(known, [[*known][first]] if clear else []))


def narrowed(search: Search, retrieve: Retrieve, scope: Scope) -> Found:
    """What is found within the scope as well; where that is nothing, what is found without it."""
    inside = search.scope.narrowed(scope)
    if inside == search.scope:
        return retrieve(search)
    found = retrieve(replace(search, scope=inside))
    return found if found.passages else retrieve(search)


def _within(sources: Mapping[str, str], scope: Scope) -> dict[str, str]:
    allowed = scope.source_ids
    return {name: described for name, described in sources.items() if allowed is None or name in allowed}


def _scope(known: Mapping[str, str], named: list[str]) -> Scope:
    chosen = frozenset(named) & known.keys()
    return Scope(source_ids=frozenset(chosen)) if chosen else Scope()
