"""Contextual retrieval: in front of each chunk stands what a model says of its place in the document.

Anthropic 2024, "Introducing contextual retrieval" (https://www.anthropic.com/news/contextual-retrieval): the whole document and the
chunk are shown, and a short context is asked for that is embedded and matched with the chunk. Of a document that is longer than
the model's window, what stands around the chunk is shown. One call a chunk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingestion.indexing.prompts import SITUATE
from ingestion.indexing.telling import Prompt, Telling, size
from rag.budget import fitted
from rag.domain import Chunk
from rag.prompting import writing_prompt


@dataclass(frozen=True, slots=True)
class ContextualHeaders:
    version: int = 1
    reserved_tokens: int = 64

    def __call__(self, chunks: Sequence[Chunk], telling: Telling) -> list[Chunk]:
        if len(chunks) == 1:  # it is the document
            return [*chunks]
        sizes = [size([chunk]) for chunk in chunks]  # once: a document may have thousands
        prompts = [_prompt(chunks, sizes, place, telling) for place in range(len(chunks))]
        replies = telling.replies(prompts)
        return [_headed(chunk, reply, telling) for chunk, reply in zip(chunks, replies, strict=True)]


def _prompt(chunks: Sequence[Chunk], sizes: Sequence[int], place: int, telling: Telling) -> Prompt:
    around = surroundings(chunks, sizes, place, telling.text_tokens - sizes[place])
    return writing_prompt(
        SITUATE,
        chunks[place].title,
        "\n\n".join(chunk.text for chunk in around),
        passage=chunks[place].text,
        context_tokens=telling.context_tokens,
    )


def surroundings(chunks: Sequence[Chunk], sizes: Sequence[int], place: int, tokens: int) -> Sequence[Chunk]:
    """The chunk with as many of those before and after it, in equal parts, as have so many tokens together; all where they fit.

    `sizes` are the chunks' own tokens.
    """
    if sum(sizes) <= tokens:
        return chunks
    first = last = place
    left = tokens - sizes[place]
    while True:
        grown = False
        for step, end in ((first - 1, "before"), (last + 1, "after")):
            if 0 <= step < len(chunks) and sizes[step] <= left:
                left -= sizes[step]
                grown = True
                first, last = (step, last) if end == "before" else (first, step)
        if not grown:
            return chunks[first : last + 1]


def _headed(chunk: Chunk, reply: str, telling: Telling) -> Chunk:
    """With as much of the reply as leaves the chunk's own text whole in the embedding model's window."""
    room = telling.embedder.max_tokens - telling.embedder.count_tokens(chunk.indexed_text)
    return replace(chunk, context=fitted(" ".join(reply.split()), room, telling.embedder.count_tokens))
