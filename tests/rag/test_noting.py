"""Whoever listens is told; nobody else notices."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rag.noting import Labels, count, lasted, listening, stage


class Recorder:
    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def counted(self, event: str, times: int, labels: Labels) -> None:
        self.told.append((event, times, dict(labels)))

    def lasted(self, event: str, seconds: float, labels: Labels) -> None:
        self.told.append((event, seconds, dict(labels)))

    @contextmanager
    def stage(self, name: str, labels: Labels) -> Iterator[None]:
        self.told.append(("begins", name, dict(labels)))
        try:
            yield
        finally:
            self.told.append(("ends", name))


def test_who_listens_is_told_until_the_block_ends() -> None:
    one, other = Recorder(), Recorder()
    with listening(one):
        with listening(other):
            count("a", kind="x")
        lasted("b", 0.5)
    count("a")
    assert one.told == [("a", 1, {"kind": "x"}), ("b", 0.5, {})]
    assert other.told == one.told[:1]


def test_stages_stand_within_stages_and_end_whatever_happens() -> None:
    heard = Recorder()
    with listening(heard), pytest.raises(ValueError, match="ours"), stage("outer", id="1"), stage("inner"):
        raise ValueError("ours")
    assert heard.told == [
        ("begins", "outer", {"id": "1"}),
        ("begins", "inner", {}),
        ("ends", "inner"),
        ("ends", "outer"),
    ]
