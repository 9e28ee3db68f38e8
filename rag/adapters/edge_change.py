"""Replacing chunks in two steps of the engine so that a crash between them is put right at the next start.

The engine takes one operation as a whole, but writing the new chunks and deleting the old ones are two. The second is
therefore noted first, a line of JSON a replacement. After a crash the notes tell: when the new chunks are there the old
ones go, when they are not the first step never happened and the document is as it was.

What the engine took survives the end of the process at once, and that of the machine from the next `flush` on, which
costs as much for a thousand changes as for one. The notes are kept until then, since a machine that stops may lose the
second step of any of them. What they delete must still be meant to go when they are read: a chunk that one of them took
away comes back only after a flush.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from qdrant_edge import EdgeShard, Filter, Point, UpdateOperation


class _Note(TypedDict):
    written: dict[str, str]
    """Payload hashes by point id."""
    removed: list[str]


class Changes:
    """Writes and deletions of one shard. Not for use by two threads at once. Raises what the engine raises, and OSError."""

    def __init__(self, shard: EdgeShard, notes: Path) -> None:
        self._shard = shard
        self._notes = notes
        self._removed: set[str] = set()
        self._cut_short = True  # as far as we know

    def apply(self, points: list[Point], removed: list[str]) -> None:
        """Stores `points` and deletes `removed`, both or none after a crash."""
        self.settle()
        written = {str(point.id): _hash(point.payload) for point in points}
        if not self._removed.isdisjoint(written):
            self.flush()
        self._cut_short = True
        if written and removed:
            self._note(_Note(written=written, removed=removed))
        if points:
            self._shard.update(UpdateOperation.upsert_points(points))
        if removed:
            self._delete(removed)
        self._cut_short = False

    def delete(self, scope: Filter) -> None:
        """Deletes what is in scope."""
        self.settle()
        self._shard.update(UpdateOperation.delete_points_by_filter(scope))

    def set_payload(self, scope: Filter, fields: dict[str, Any]) -> None:
        """Gives the fields of all that is in scope new values."""
        self.settle()
        self._shard.update(UpdateOperation.set_payload_by_filter(scope, fields))

    def flush(self) -> None:
        """All that was done is durable when this returns."""
        self.settle()
        self._shard.flush()
        if self._notes.exists():
            _write(self._notes, "w", "")
        self._removed.clear()

    def settle(self) -> None:
        """Ends what was cut short; does nothing otherwise."""
        if not self._cut_short:
            return
        for note in _read(self._notes):
            ids = [*note["written"]]
            records = self._shard.retrieve([*ids], with_payload=["payload_hash"], with_vector=False)
            if note["written"] == {str(record.id): _hash(record.payload) for record in records}:
                self._delete(note["removed"])
        self._cut_short = False
        self.flush()

    def _note(self, note: _Note) -> None:
        self._removed.update(note["removed"])
        _write(self._notes, "a", json.dumps(note) + "\n")

    def _delete(self, point_ids: list[str]) -> None:
        self._shard.update(UpdateOperation.delete_points([*point_ids]))


def _write(path: Path, mode: str, text: str) -> None:
    with path.open(mode, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Iterator[_Note]:
    """The notes up to one that was cut short while it was written: nothing was done of that."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        try:
            note: _Note = json.loads(line)
        except ValueError:
            return
        yield note


def _hash(payload: dict[str, Any] | None) -> str:
    return str((payload or {}).get("payload_hash"))
