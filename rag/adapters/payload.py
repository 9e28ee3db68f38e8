"""Between the words of `rag.domain` and what both engines keep and return. Pure."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rag.domain import Chunk, Passage
from rag.ports import Stored, Write

LAYOUT = 2
"""Version of what is stored: payload fields, vector names, term weights. A new number makes the index be rebuilt."""

READABLE_LAYOUTS = frozenset({1, 2})
"""The versions that `from_payload` and the searches understand: such an index answers while the new one is built."""


def to_payload(chunk: Chunk) -> dict[str, Any]:
    """The chunk as JSON values, with the two hashes by which a sync sees that nothing changed."""
    payload = _fields(chunk)
    return payload | {"fingerprint": chunk.fingerprint, "payload_hash": _hash(payload)}


def from_payload(payload: Mapping[str, Any]) -> Chunk:
    """The chunk that `to_payload` stored."""
    updated_at, review_at = payload["updated_at"], payload.get("review_at")
    return Chunk(
        team_id=payload["team_id"],
        source_id=payload["source_id"],
        document_id=payload["document_id"],
        position=payload["position"],
        title=payload["title"],
        heading_path=tuple(payload["heading_path"]),
        text=payload["text"],
        url=payload["url"],
        readers=frozenset(payload["readers"]),
        updated_at=datetime.fromisoformat(updated_at) if updated_at else None,
        author=payload["author"],
        repeat=payload["repeat"],
        context=payload.get("context", ""),
        leads_to=tuple(payload.get("leads_to", ())),
        review_at=datetime.fromisoformat(review_at) if review_at else None,
    )


def payload_hash(chunk: Chunk) -> str:
    """Equal for chunks stored with equal payloads, so that a new place or link is noticed.

    Who reads them does not count, since `Index.set_readers` changes that without a sync; that nobody does yet, counts.
    """
    return _hash(_fields(chunk))


def to_stored(payload: Mapping[str, Any]) -> Stored:
    return Stored(fingerprint=payload["fingerprint"], payload_hash=payload["payload_hash"])


def _fields(chunk: Chunk) -> dict[str, Any]:
    return {
        "team_id": chunk.team_id,
        "source_id": chunk.source_id,
        "document_id": chunk.document_id,
        "position": chunk.position,
        "title": chunk.title,
        "heading_path": list(chunk.heading_path),
        "text": chunk.text,
        "url": chunk.url,
        "readers": sorted(chunk.readers),
        "updated_at": chunk.updated_at.isoformat() if chunk.updated_at else None,
        "author": chunk.author,
        "repeat": chunk.repeat,
        # Only where there is something: what was stored without stays as it is.
        **({"context": chunk.context} if chunk.context else {}),
        **({"leads_to": list(chunk.leads_to)} if chunk.leads_to else {}),
        **({"review_at": chunk.review_at.isoformat()} if chunk.review_at else {}),
    }


def _hash(fields: Mapping[str, Any]) -> str:
    hashed = {**fields, "readers": bool(fields["readers"])}
    written = json.dumps([LAYOUT, hashed], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def check_one_document(team_id: str, source_id: str, document_id: str, writes: Iterable[Write]) -> None:
    """Raises ValueError when a write is of another document: it would be stored where no sync finds it."""
    for write in writes:
        chunk = write.chunk
        if (chunk.team_id, chunk.source_id, chunk.document_id) != (team_id, source_id, document_id):
            raise ValueError(f"a chunk of {chunk.document_id} cannot be written as one of {document_id}")


def ranked(hits: Iterable[tuple[Chunk, float, float | None]]) -> tuple[Passage, ...]:
    """Chunks with score and cosine, best first, as passages. Rounding may carry a cosine past 1: it is cut."""
    return tuple(
        Passage(chunk, score, rank, None if cosine is None else max(-1.0, min(1.0, cosine)))
        for rank, (chunk, score, cosine) in enumerate(hits, start=1)
    )


def checked_readers(readers: Collection[str]) -> list[str]:
    """The readers as they are stored. Raises ValueError when there are none: chunks would be lost to everybody."""
    if not readers:
        raise ValueError("a source needs a reader")
    return sorted(readers)


def batched(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The values in parts of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
