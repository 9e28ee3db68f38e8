"""What a source wants to know again at its next sync: where it stood, what it saw, what it need not fetch again.

Nothing here is believed to be in the index: that stands in the catalogue. Losing all of it costs time, never content.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Engine,
    String,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)

from rag.database import metadata, portions, transaction

memory = Table(
    "source_memory",
    metadata,
    Column("source_id", String(32), primary_key=True),
    Column("key", String(500), primary_key=True),
    Column("value", JSON, nullable=False),
)


class Memory:
    """Small JSON values of one source, by key (at most 500 characters). All methods raise DatabaseUnavailable."""

    def __init__(self, engine: Engine, source_id: str) -> None:
        self._engine = engine
        self._source_id = source_id

    def get(self, key: str) -> Any:
        """The value, or None."""
        with transaction(self._engine) as connection:
            return connection.execute(select(memory.c.value).where(self._is(key))).scalar_one_or_none()

    def all(self, prefix: str = "") -> dict[str, Any]:
        """The values of all keys that begin with `prefix`, by key."""
        begins = memory.c.key.startswith(prefix, autoescape=True)
        chosen = select(memory.c.key, memory.c.value).where(memory.c.source_id == self._source_id, begins)
        with transaction(self._engine) as connection:
            return {row.key: row.value for row in connection.execute(chosen.order_by(memory.c.key))}

    def put(self, values: Mapping[str, Any]) -> None:
        """Remember these values, all or none; others stay as they are."""
        with transaction(self._engine) as connection:
            for key, value in values.items():
                known = connection.execute(update(memory).where(self._is(key)).values(value=value))
                if known.rowcount == 0:
                    row = {"source_id": self._source_id, "key": key, "value": value}
                    connection.execute(insert(memory).values(row))

    def forget(self, keys: Collection[str]) -> None:
        """Strike these keys out. No error for those that are not there."""
        with transaction(self._engine) as connection:
            for portion in portions(keys):
                some = memory.c.key.in_(portion)
                connection.execute(delete(memory).where(memory.c.source_id == self._source_id, some))

    def _is(self, key: str) -> ColumnElement[bool]:
        return and_(memory.c.source_id == self._source_id, memory.c.key == key)
