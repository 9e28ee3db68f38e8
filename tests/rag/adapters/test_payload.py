"""What is stored of a chunk: all of it, and two hashes that notice what changed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.adapters.payload import from_payload, payload_hash, ranked, to_payload, to_stored
from rag.domain import Chunk

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CHUNKS = st.builds(
    Chunk,
    team_id=TEXT,
    source_id=TEXT,
    document_id=TEXT,
    position=st.integers(0, 10**6),
    title=TEXT,
    heading_path=st.lists(TEXT, max_size=3).map(tuple),
    text=TEXT,
    url=TEXT,
    readers=st.frozensets(TEXT, max_size=3),
    updated_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    author=st.none() | TEXT,
    repeat=st.integers(0, 5),
)
CHUNK = Chunk(
    "T1", "wiki", "page", 3, "Title", ("Title", "Part"), "text", "https://w.test/", frozenset({"b", "a"})
)


@given(CHUNKS)
def test_a_chunk_survives_the_round_trip(chunk: Chunk) -> None:
    assert from_payload(to_payload(chunk)) == chunk


def test_the_payload_is_json_with_sorted_readers_and_an_iso_date() -> None:
    payload = to_payload(replace(CHUNK, updated_at=datetime(2026, 1, 2, tzinfo=UTC)))
    assert payload["readers"] == ["a", "b"]
    assert payload["updated_at"] == "2026-01-02T00:00:00+00:00"
    assert payload["heading_path"] == ["Title", "Part"]


def test_stored_is_what_the_payload_says() -> None:
    stored = to_stored(to_payload(CHUNK))
    assert (stored.fingerprint, stored.payload_hash) == (CHUNK.fingerprint, payload_hash(CHUNK))


@pytest.mark.parametrize(
    "change",
    [
        {"position": 4},
        {"url": "https://w.test/#part"},
        {"readers": frozenset()},
        {"updated_at": datetime(2026, 1, 2, tzinfo=UTC)},
        {"author": "Ada"},
        {"text": "other"},
        {"heading_path": ("Part",)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_hash_notices_every_change(change: dict[str, Any]) -> None:
    assert payload_hash(replace(CHUNK, **change)) != payload_hash(CHUNK)


def test_the_hash_takes_one_audience_for_another_since_it_changes_without_a_sync() -> None:
    assert payload_hash(replace(CHUNK, readers=frozenset({"a"}))) == payload_hash(CHUNK)


def test_the_hash_is_the_same_in_every_process() -> None:
    assert payload_hash(CHUNK) == payload_hash(replace(CHUNK, readers=frozenset({"a", "b"})))


def test_hits_are_ranked_from_one_and_a_rounded_cosine_is_cut() -> None:
    first, second = ranked([(CHUNK, 9.0, 1.0000001), (CHUNK, 8.0, None)])
    assert (first.rank, first.similarity, second.rank, second.similarity) == (1, 1.0, 2, None)
