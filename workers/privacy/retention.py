"""What was asked is kept for so many days, and then gone: the question, its answer, its tries and what people thought of it.

Only what is finished goes; the database takes along what hangs on it (`ON DELETE CASCADE`). What a person saved as a verified answer
is a document of its own by then, and stays. Belongs to the sweep: a few hundred at a time, so that nobody waits for it.
"""

import logging
from typing import Any

from sqlalchemy import Engine, delete, select

from rag.database import now, transaction
from workers.privacy.erasing import DELIVERED_SECONDS, NOBODY
from workers.tables import questions

log = logging.getLogger(__name__)

_AT_ONCE = 300
_DAY = 86_400


class Retention:
    """`days` is how long after it was asked a question is kept; 0: for ever."""

    def __init__(self, engine: Engine, days: int) -> None:
        self._engine = engine
        self._days = days

    def sweep(self) -> int:
        """Delete the oldest of what is too old, and what is left of what was erased; how many questions.

        Raises DatabaseUnavailable; the next sweep goes on.
        """
        nobodys = questions.c.user_id == NOBODY
        deleted = self._delete(nobodys, questions.c.accepted_at < now() - DELIVERED_SECONDS)
        if self._days:
            deleted += self._delete(questions.c.accepted_at < now() - self._days * _DAY)
        return deleted

    def _delete(self, *which: Any) -> int:
        chosen = (
            select(questions.c.id)
            .where(questions.c.state == "finished", *which)
            .order_by(questions.c.accepted_at)
            .limit(_AT_ONCE)
            # What another sweep, or somebody who deletes a message, is at just now, is left to the next one.
            .with_for_update(skip_locked=True)
        )
        with transaction(self._engine) as connection:
            ids = list(connection.scalars(chosen))
            if ids:
                connection.execute(delete(questions).where(questions.c.id.in_(ids)))
        if ids:
            log.info("questions deleted=%d", len(ids))
        return len(ids)
