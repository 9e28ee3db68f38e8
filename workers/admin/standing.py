"""How the parts of an installation stand, each looked at for a short time, all at once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from rag.errors import ConfigError, Transient
from workers.operating.probing import within

_SECONDS = 1.5  # Slack waits three

Look = Callable[[], str]
"""What there is to say about a part that works; raises where it does not."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A part: `said` tells how it is, or why it does not work."""

    name: str
    works: bool
    said: str


def standing(looks: Mapping[str, Look], *, seconds: float = _SECONDS) -> Sequence[Standing]:
    """Each in its order; what does not answer within the time does not work."""
    if not looks:
        return []
    with ThreadPoolExecutor(len(looks), thread_name_prefix="look") as pool:
        return [*pool.map(partial(_looked_at, seconds), looks.items())]


def _looked_at(seconds: float, part: tuple[str, Look]) -> Standing:
    name, look = part
    try:
        return Standing(name, works=True, said=within(seconds, look))
    except (Transient, ConfigError) as error:
        return Standing(name, works=False, said=str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, it does not work
        return Standing(name, works=False, said=type(error).__name__)
