"""Texts of like length embedded together, so that little of the work is padding. Pure."""

from collections.abc import Iterator, Sequence

BATCH_TOKENS = 512
"""Larger batches were no faster on a CPU, and a question waits for the one at work."""


def length_batches(lengths: Sequence[int], most_tokens: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """The places of `lengths`, shortest first, in batches of at most `most_tokens` when padded to their longest.

    What is longer than that by itself is a batch of its own.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[place] > most_tokens:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
