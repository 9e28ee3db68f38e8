"""The migrations build what the code declares, on both databases, whoever comes first."""

import subprocess
import sys
import warnings
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from ingestion import catalogue, remembering, runs, verified
from rag.database import metadata, open_database
from workers import channels, tables
from workers.admin import audit, once, pinned_list, reindexing, trials
from workers.reporting import report_book
from workers.tenancy import install_states, installations

MIGRATIONS = Path(__file__).parent.parent / "migrations"
CHAIN_BEGINS = "0019"
DECLARED = {
    *(tables.questions, tables.answers, tables.attempts, tables.feedback),
    *(catalogue.sources, catalogue.documents),
    runs.runs,
    audit.audit,
    install_states.install_states,
    installations.installations,
    once.handled,
    pinned_list.pinned_lists,
    report_book.reports,
    reindexing.reindexings,
    channels.channel_settings,
    trials.trials,
    remembering.memory,
    verified.verified_answers,
}


def test_the_database_is_as_declared(engine: Engine) -> None:
    assert set(metadata.tables.values()) == DECLARED
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLite cannot tell about partial indexes
            assert compare_metadata(context, metadata) == []


def test_opening_again_changes_nothing(database_url: str) -> None:
    first = open_database(database_url)
    tables = inspect(first).get_table_names()
    first.dispose()
    again = open_database(database_url)
    assert inspect(again).get_table_names() == tables
    again.dispose()


def test_processes_that_start_together_take_turns(database_url: str) -> None:
    start = "import sys; from rag.database import open_database; open_database(sys.argv[1]).dispose()"
    started = [subprocess.Popen([sys.executable, "-c", start, database_url]) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]


def test_entries_from_before_begin_the_chain(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    for team in ("T1", "T2"):
        for number in range(3):
            audit.Audit(engine, team).note("U1", "add", f"ü{number}", after={"every_seconds": number / 7})
    written = [audit.Audit(engine, team).checked() for team in ("T1", "T2")]
    command.downgrade(config, CHAIN_BEGINS)
    command.upgrade(config, "head")
    assert [audit.Audit(engine, team).checked() for team in ("T1", "T2")] == written
