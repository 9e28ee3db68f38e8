"""Replacing chunks in two steps of the engine so that a crash between them is put right at the next start.

The engine takes one operation as a whole, but writing the new chunks and deleting the old ones are two. The second is
therefore noted first. After a crash the note tells: when the new chunks are there the old ones go,
when they are not the first step never happened and the document is as it was.
"""

import json
from pathlib import Path
from typing import Any, TypedDict

from qdrant_edge import EdgeShard, Filter, Point, UpdateOperation

from rag.adapters.edge_shard import write_durably


class _Note(TypedDict):
    written: dict[str, str]
    """Payload hashes by point id."""
    removed: list[str]


class Changes:
    """Writes and deletions of one shard. Not for use by two threads at once. Raises what the engine raises."""

    def __init__(self, shard: EdgeShard, note: Path) -> None:
        self._shard = shard
        self._note = note

    def apply(self, points: list[Point], removed: list[str]) -> None:
        """Stores `points` and deletes `removed`, both or none after a crash. Durable when it returns."""
        self.settle()
        if points and removed:
            written = {str(point.id): _hash(point.payload) for point in points}
            write_durably(self._note, _Note(written=written, removed=removed))
        if points:
            self._shard.update(UpdateOperation.upsert_points(points))
        if removed:
            self._delete(removed)
        self._shard.flush()
        self._note.unlink(missing_ok=True)

    def delete(self, scope: Filter) -> None:
        """Deletes what is in scope. Durable when it returns."""
        self.settle()
        self._shard.update(UpdateOperation.delete_points_by_filter(scope))
        self._shard.flush()

    def settle(self) -> None:
        """Ends what was cut short."""
        if not self._note.exists():
            return
        note: _Note = json.loads(self._note.read_text(encoding="utf-8"))
        records = self._shard.retrieve([*note["written"]], with_payload=["payload_hash"], with_vector=False)
        if note["written"] == {str(record.id): _hash(record.payload) for record in records}:
            self._delete(note["removed"])
            self._shard.flush()
        self._note.unlink()

    def _delete(self, point_ids: list[str]) -> None:
        self._shard.update(UpdateOperation.delete_points([*point_ids]))


def _hash(payload: dict[str, Any] | None) -> str:
    return str((payload or {}).get("payload_hash"))
