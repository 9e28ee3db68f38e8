"""The indexes of one installation: the one that serves, and at most one that is built aside to take its place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rag.adapters.identity import Identity
from rag.errors import IndexUnavailable
from rag.ports import Index


@dataclass(frozen=True, slots=True)
class Generation:
    """An index as it is recorded. Numbers grow; `made_for` is the id of the run that builds it, or a command's name."""

    number: int
    identity: Identity
    made_for: str = ""


class Generations(Protocol):
    """Every change of what serves is one durable step: a crash leaves the old or the new.

    All methods raise IndexUnavailable, and EmbeddingMismatch where an index does not say what it was built with.
    """

    grace_seconds: ClassVar[float]
    """How long other processes may go on with what no longer serves."""

    def serving(self) -> Generation | None:
        """The one that answers; None where there is no index yet."""

    def building(self) -> Generation | None:
        """The one that is being built, or was when a crash cut it short."""

    def index(self, generation: Generation) -> Index:
        """Its chunks. Opened once; closed by `close`, or when the generation is dropped."""

    def begin(self, identity: Identity, made_for: str) -> Generation:
        """The generation to build: what there is of it for the same purpose and identity, else an empty one."""

    def switch(self) -> None:
        """From now on the one that was being built serves."""

    def discard(self) -> None:
        """Drops the one that is being built; no error when there is none."""

    def tidy(self) -> None:
        """Drops whatever neither serves nor is being built."""

    def close(self) -> None: ...


def every_index(generations: Generations) -> list[Index]:
    """What serves, and what will."""
    return [generations.index(generation) for generation in _every(generations)]


def in_every_index(generations: Generations, change: Callable[[Index], None]) -> None:
    """Make a change that may be made twice in what serves and in what will, whatever is switched or dropped meanwhile.

    Raises what `change` raises.
    """
    while True:
        found = _every(generations)
        try:
            for generation in found:
                change(generations.index(generation))
        except IndexUnavailable:
            if found == _every(generations):
                raise
        else:
            return


def _every(generations: Generations) -> list[Generation]:
    # In this order: one that is switched to in between is found, if twice.
    found = (generations.building(), generations.serving())
    return [generation for generation in found if generation is not None]
