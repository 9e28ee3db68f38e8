"""One transaction on the database, its errors put into our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from rag.database import unavailable


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Committed when the block ends. IntegrityError comes through: whoever writes first wins, and callers ask.

    Raises DatabaseUnavailable for all else that the database says.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        raise unavailable(error) from error
