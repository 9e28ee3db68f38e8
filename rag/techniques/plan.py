"""What stands around retrieval where nothing else is asked for: what helped, or did no harm, on every set measured."""

from rag.ports import Embedder
from rag.retrieval import Technique
from rag.techniques.recency import Recency
from rag.techniques.spelling import Spelling


def usual(embedder: Embedder) -> tuple[Technique, ...]:
    """The first outermost: dates are weighed on what was found with the words as they were meant."""
    return Recency(), Spelling(embedder.count_tokens)
