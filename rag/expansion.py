"""What stands around a passage is read with it: its neighbours, and the rest of its section. Pure.

A chunk is small so that it is found; what answers may begin a line before it ("small-to-big": the child is found, the parent
is read; https://docs.llamaindex.ai, sentence window and auto-merging retrieval). No text is read twice: where passages
overlap, the better ranked one has it.
"""

from collections.abc import Callable, Iterable, Sequence

from rag.domain import Chunk, Passage

NEIGHBOURS = 1
"""Chunks before and after a passage that are read with it, whatever their section."""

REACH = 4
"""Chunks before and after a passage up to which its own section is read with it."""

Around = Callable[[Passage, int], Sequence[Chunk]]
"""The chunks at most so many positions from the passage in its document, in order, itself included."""


def expanded(passages: Iterable[Passage], around: Around) -> list[tuple[Passage, str]]:
    """Each passage with the text that is read for it, in the order given; never empty.

    A passage that a better one has taken whole into its own text keeps just its own words, so that it can be cited.
    """
    passages = [*passages]
    taken = {_key(passage.chunk) for passage in passages}
    texts: list[tuple[Passage, str]] = []
    for passage in passages:
        chunks = _run(passage.chunk, around(passage, REACH))
        new = [chunk for chunk in chunks if _key(chunk) == _key(passage.chunk) or _key(chunk) not in taken]
        taken |= {_key(chunk) for chunk in new}
        texts.append((passage, "\n\n".join(chunk.text for chunk in new) or passage.chunk.text))
    return texts


def _run(found: Chunk, near: Sequence[Chunk]) -> list[Chunk]:
    """The unbroken run around the found chunk: neighbours, and as far as the section goes."""
    run = []
    for step in (-1, 1):
        position = found.position
        side = [chunk for chunk in near[::step] if (chunk.position - found.position) * step > 0]
        for chunk in side:
            if chunk.position != position + step or not _belongs(found, chunk):
                break
            run.append(chunk)
            position = chunk.position
    return sorted([found, *run], key=lambda chunk: chunk.position)


def _belongs(found: Chunk, chunk: Chunk) -> bool:
    return abs(chunk.position - found.position) <= NEIGHBOURS or chunk.heading_path == found.heading_path


def _key(chunk: Chunk) -> tuple[str, str, int]:
    return chunk.source_id, chunk.document_id, chunk.position
