"""What people thought of answers: the ratings that the feedback buttons leave in the database."""

from typing import NamedTuple

import sqlalchemy as sa

from rag.database import open_database

_TABLE = "feedback"
_RATING = "rating"


class Ratings(NamedTuple):
    """How many answers were found helpful, and how many not."""

    good: int
    bad: int


def ratings(database_url: str) -> Ratings | None:
    """The ratings kept so far, None where no table keeps any: a positive `rating` is a good one, a negative a bad one."""
    engine = open_database(database_url)
    try:
        inspected = sa.inspect(engine)
        if not inspected.has_table(_TABLE):
            return None
        column = sa.column(_RATING, sa.Integer)
        with engine.connect() as connection:
            values = [*connection.scalars(sa.select(column).select_from(sa.table(_TABLE, column)))]
    finally:
        engine.dispose()
    return Ratings(sum(value > 0 for value in values), sum(value < 0 for value in values))
