"""What stands around retrieval: always what helped, or did no harm, on every set measured, and around that what is asked for."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.errors import ConfigError
from rag.ports import LLM, Embedder
from rag.retrieval import Technique
from rag.techniques.adaptive import Adaptive
from rag.techniques.crag import CorrectiveRag
from rag.techniques.decomposition import Decomposition
from rag.techniques.hyde import HyDE
from rag.techniques.multi_query import MultiQuery
from rag.techniques.query_construction import QueryConstruction
from rag.techniques.rag_fusion import RagFusion
from rag.techniques.recency import Recency
from rag.techniques.routing import LogicalRouting, SemanticRouting, Sources
from rag.techniques.self_rag import Relevant
from rag.techniques.spelling import Spelling
from rag.techniques.step_back import StepBack

log = logging.getLogger(__name__)


def usual(embedder: Embedder) -> tuple[Technique, ...]:
    """The first outermost: dates are weighed on what was found with the words as they were meant."""
    return Recency(), Spelling(embedder.count_tokens)


@dataclass(frozen=True, slots=True)
class Parts:
    """What techniques are made of."""

    embedder: Embedder
    sources: Sources


WITHOUT_LLM: Mapping[str, Callable[[Parts], Technique]] = {
    "greetings": lambda parts: Adaptive(),  # noqa: ARG005 - needs nothing
    "semantic_routing": lambda parts: SemanticRouting(parts.embedder, parts.sources),
    "filters": lambda parts: QueryConstruction(None, parts.sources),
}

WITH_LLM: Mapping[str, Callable[[Parts, LLM], Technique]] = {
    "adaptive": lambda _, llm: Adaptive(llm, Decomposition(llm)),
    "multi_query": lambda _, llm: MultiQuery(llm),
    "rag_fusion": lambda _, llm: RagFusion(llm),
    "decomposition": lambda _, llm: Decomposition(llm),
    "parallel_decomposition": lambda _, llm: Decomposition(llm, recursive=False),
    "step_back": lambda _, llm: StepBack(llm),
    "hyde": lambda _, llm: HyDE(llm),
    "logical_routing": lambda parts, llm: LogicalRouting(llm, parts.sources),
    "query_construction": lambda parts, llm: QueryConstruction(llm, parts.sources),
    "crag": lambda _, llm: CorrectiveRag(llm),
    "self_rag": lambda _, llm: Relevant(llm),
}

NAMES = (*WITHOUT_LLM, *WITH_LLM)


def plan(names: Sequence[str], parts: Parts, llm: LLM | None) -> tuple[Technique, ...]:
    """The techniques of these names, the first outermost.

    What needs a language model is left out where there is none, and a line in the log says so. Raises ConfigError for a
    name that is not among `NAMES`.
    """
    chosen: list[Technique] = []
    for name in names:
        if name in WITHOUT_LLM:
            chosen.append(WITHOUT_LLM[name](parts))
        elif name not in WITH_LLM:
            raise ConfigError(f"RETRIEVAL_TECHNIQUES names {name}; there are {', '.join(NAMES)}.")
        elif llm is None:
            log.warning("%s needs a language model, and none is configured: it is left out", name)
        else:
            chosen.append(WITH_LLM[name](parts, llm))
    return tuple(chosen)
