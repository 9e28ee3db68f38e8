"""What is to be done once, though Slack tells of it twice, or somebody clicks twice: written down before it is done."""

from sqlalchemy import Column, Engine, Float, String, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from rag.database import metadata, now, transaction

handled = Table(
    "handled",
    metadata,
    Column("team_id", String(64), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("at", Float, nullable=False),
)

_DAYS = 7  # nobody tells of it again after that


class Once:
    """The record of one team. All methods raise DatabaseUnavailable."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id

    def claim(self, key: str) -> bool:
        """Whether nobody did before; whoever is told so is to do it. `key`: at most 128 characters."""
        old = delete(handled).where(handled.c.team_id == self._team_id, handled.c.at < now() - _DAYS * 86_400)
        try:
            with transaction(self._engine) as connection:
                connection.execute(old)
                connection.execute(insert(handled).values(team_id=self._team_id, key=key, at=now()))
        except IntegrityError:
            return False
        return True

    def is_claimed(self, key: str) -> bool:
        one = select(handled.c.at).where(handled.c.team_id == self._team_id, handled.c.key == key)
        with transaction(self._engine) as connection:
            return connection.execute(one).one_or_none() is not None

    def release(self, key: str) -> None:
        """It came to nothing, and may be claimed again."""
        with transaction(self._engine) as connection:
            connection.execute(
                delete(handled).where(handled.c.team_id == self._team_id, handled.c.key == key)
            )
