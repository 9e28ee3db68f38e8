"""What a technique works with: a model that writes, and one that embeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from rag.budget import estimated_tokens
from rag.domain import Chunk, Embedding
from rag.ports import Embedder, Message
from rag.prompting import writing_prompt

Prompt = Sequence[Message]
Replies = Callable[[Sequence[Prompt]], list[str]]
"""The replies to the prompts, in order; empty where the model declined."""

_MARGIN = 500  # tokens of a prompt that are not the document's


@dataclass(frozen=True, slots=True)
class Telling:
    """`replies` asks a language model whose window holds `context_tokens`; `embed` gives the vectors of chunks."""

    replies: Replies
    embed: Callable[[Sequence[Chunk]], Sequence[Embedding]]
    embedder: Embedder
    context_tokens: int

    @property
    def text_tokens(self) -> int:
        """How much of a document fits into a prompt, as `rag.budget.estimated_tokens` counts."""
        return self.context_tokens - _MARGIN

    def summaries(self, groups: Sequence[Sequence[Chunk]], rules: str) -> list[Chunk]:
        """A summary for each group of chunks of one document, leading to the chunks or to what they lead to themselves."""
        prompts = [
            writing_prompt(
                rules,
                group[0].title,
                "\n\n".join(chunk.text for chunk in group),
                context_tokens=self.context_tokens,
            )
            for group in groups
        ]
        return [
            _summary(group, text)
            for group, text in zip(groups, self.replies(prompts), strict=True)
            if text.strip()
        ]


def size(chunks: Sequence[Chunk]) -> int:
    """The tokens of a language model that the texts have, nearly."""
    return sum(estimated_tokens(chunk.text) for chunk in chunks)


def _summary(group: Sequence[Chunk], text: str) -> Chunk:
    leads_to = dict.fromkeys(
        point_id for chunk in group for point_id in (chunk.leads_to or (chunk.point_id,))
    )
    return replace(
        group[0],
        heading_path=_shared([chunk.heading_path for chunk in group]),
        text=text.strip(),
        context="",
        repeat=0,
        leads_to=tuple(leads_to),
    )


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings that all of them begin with."""
    alike = takewhile(lambda level: len({*level}) == 1, zip(*paths, strict=False))
    return tuple(level[0] for level in alike)
