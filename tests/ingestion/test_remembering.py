"""What a source remembers is its own, and survives what is put beside it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ingestion.remembering import Memory


@pytest.fixture
def memory(engine: Engine) -> Iterator[Memory]:
    return Memory(engine, "s1")


def test_what_is_put_is_there_until_it_is_forgotten(memory: Memory) -> None:
    assert memory.get("cursor") is None
    memory.put({"cursor": "a", "page:1": {"etag": "x"}, "page:2": None})
    memory.put({"cursor": "b"})
    assert memory.get("cursor") == "b"
    assert memory.all("page:") == {"page:1": {"etag": "x"}, "page:2": None}
    memory.forget(["cursor", "page:2", *(f"none{number}" for number in range(1200))])
    assert memory.all() == {"page:1": {"etag": "x"}}


def test_a_prefix_is_taken_as_it_is_written(memory: Memory) -> None:
    memory.put({"a_b": 1, "axb": 2, "a%": 3})
    assert memory.all("a_") == {"a_b": 1}
    assert memory.all("a%") == {"a%": 3}


def test_sources_do_not_share(engine: Engine, memory: Memory) -> None:
    other = Memory(engine, "s2")
    memory.put({"cursor": 1})
    other.put({"cursor": 2})
    other.forget(["cursor"])
    assert (memory.get("cursor"), other.get("cursor")) == (1, None)
