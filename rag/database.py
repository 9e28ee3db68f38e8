"""The one database behind ledger and catalogue: SQLite (WAL) in a file, or PostgreSQL.

Time is the database's own, as seconds since 1970, so that leases hold between machines whose clocks differ.
Tables are declared by those who own them (`ingestion.catalogue`, `workers.ledger`) on `metadata`; `migrations/` builds
them, and a test compares the two.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float

from rag.errors import ConfigError, DatabaseUnavailable

metadata = MetaData()

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_BUSY_SECONDS = 15
_CONNECT_SECONDS = 5
_MOST_VALUES = 500  # in one statement

Value = TypeVar("Value")


class now(FunctionElement[float]):  # noqa: N801 - reads as SQL's own functions do
    """The database's clock, in seconds since 1970 with fractions; moves within a transaction."""

    type = Float()
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(_element: Any, _compiler: SQLCompiler, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_postgresql(_element: Any, _compiler: SQLCompiler, **_: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


def open_database(url: str) -> Engine:
    """An engine on the database, its tables brought up to date.

    Raises ConfigError when the URL makes no sense, DatabaseUnavailable when nothing answers there.
    """
    engine = connect(url)
    try:
        migrate(engine)
    except OperationalError as error:
        engine.dispose()
        raise DatabaseUnavailable(f"the database does not answer ({type(error.orig).__name__})") from error
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest revision; processes that start together take turns (see `migrations/env.py`)."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of the newest revision. Raises DatabaseUnavailable."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with transaction(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def connect(url: str) -> Engine:
    """An engine on the database as it is. Raises ConfigError when the URL makes no sense."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("DATABASE_URL is malformed; see .env.example.") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database)
    if parsed.drivername != "postgresql+psycopg":
        raise ConfigError(
            "DATABASE_URL must start with sqlite:/// or postgresql+psycopg://; see .env.example."
        )
    return create_engine(
        url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": _CONNECT_SECONDS}
    )


def _sqlite(url: str, path: str | None) -> Engine:
    if path:
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"DATA_DIR or DATABASE_URL: the folder {Path(path).parent} cannot be used ({error.strerror})."
            ) from None
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # isolation_level None: the driver begins no transaction of its own; "begin" below does, as a writer at once,
        # so that two writers wait for each other instead of failing half-way ("database is locked").
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


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
        raise DatabaseUnavailable(f"the database refused or lost a call ({type(error).__name__})") from error


def portions(values: Iterable[Value]) -> Iterator[list[Value]]:
    """The values in order, as many at a time as one statement may be given."""
    rest = iter(values)
    while some := list(islice(rest, _MOST_VALUES)):
        yield some
