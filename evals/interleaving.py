"""Several ways of doing the same, timed in turn on each question, so that none profits from what another has warmed."""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from time import perf_counter
from typing import TypeVar

from evals.datasets.dataset import Dataset

WARM_UP = 10
"""Questions that are asked and not counted."""

_SEED = 7

Result = TypeVar("Result")


def asked(dataset: Dataset, questions: int) -> list[str]:
    """So many questions of the dataset, over and over where it has fewer, and before them those that warm up."""
    return [query.text for query in islice(cycle(dataset.queries), questions + WARM_UP)]


def interleaved(paths: Mapping[str, Callable[[str], Result]], texts: Sequence[str]) -> dict[str, list[float]]:
    """Seconds by path, one for each text after the first `WARM_UP`, in their order; the order of the paths is drawn anew each time."""
    order = random.Random(_SEED)  # noqa: S311 - an order, not a secret
    seconds: dict[str, list[float]] = {name: [] for name in paths}
    for text in texts:
        for name in order.sample([*paths], len(paths)):
            began = perf_counter()
            paths[name](text)
            seconds[name].append(perf_counter() - began)
    return {name: values[WARM_UP:] for name, values in seconds.items()}
