"""Runs the revisions in one transaction, one process at a time (the bot, its workers and commands may start together)."""

from alembic import context
from sqlalchemy import Engine, text

_ADVISORY_LOCK = 0x666F6F74  # "foot": any number that nobody else on the server uses


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    # On SQLite every transaction begins as a writer (rag/database.py), which is the lock already.
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        context.configure(connection=connection, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()


run()
