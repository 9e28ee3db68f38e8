"""What people thought of answers: the votes that the feedback buttons leave in the database."""

from typing import NamedTuple

import sqlalchemy as sa

from rag.database import open_database


class Ratings(NamedTuple):
    """How many answers were found helpful, and how many not."""

    good: int
    bad: int


def ratings(database_url: str) -> Ratings | None:
    """The votes so far, None where nobody voted yet. Raises DatabaseUnavailable."""
    engine = open_database(database_url)
    rating = sa.column("rating", sa.Integer)  # the table is the workers', whom nothing here imports
    try:
        with engine.connect() as connection:
            values = [*connection.scalars(sa.select(rating).select_from(sa.table("feedback", rating)))]
    finally:
        engine.dispose()
    return Ratings(sum(value > 0 for value in values), sum(value < 0 for value in values)) if values else None
