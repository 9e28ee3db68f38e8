"""A report that stands in the channel, though the bot was killed before it could note that: it is not posted again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from evals.processes import until
from evals.stack import Stack, embedded
from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.database import open_database, transaction
from sandbox.client import Message
from tests.e2e.asking import SECONDS
from workers.reporting.report_book import reports

SETTINGS = {"SWEEP_SECONDS": "0.5", "ADMIN_CHANNEL": "C01ADMIN", "ADMIN_DIGEST": "off"}
CHANNEL, NAME = "footnote-admin", "handbook"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "pier.md").write_text("# The pier\n\nThe ferry leaves from pier seven.\n")
    return folder


@pytest.fixture
def stack(pages: Path) -> Iterator[Stack]:
    with embedded(SETTINGS) as stack:
        stack.add_documents(pages)
        yield stack


def told(stack: Stack) -> list[Message]:
    heads = [one for one in stack.sandbox.channel(CHANNEL) if one.from_app]
    return [*{it.ts: it for head in heads for it in stack.sandbox.thread(CHANNEL, head.ts)}.values()]


def test_killed_between_posting_and_noting_it_tells_nothing_twice(stack: Stack, pages: Path) -> None:
    bot, engine = stack.process("bot"), open_database(stack.database_url)
    catalogue, runs = Catalogue(engine, "default"), Runs(engine, "default")
    [source] = catalogue.sources()
    shutil.move(pages, f"{pages}-away")
    stack.sandbox.fault("drop_reply", "chat.postMessage")
    runs.request(source.id, "sync", "test")
    until(lambda: len(told(stack)) == 1, "the failure to be told", 3 * SECONDS)
    bot.kill()
    stack.sandbox.clear_faults()
    with transaction(engine) as connection:
        [row] = connection.execute(select(reports)).all()
        assert (row.event, row.thread_ts) == ("", None)
        assert row.posting is not None
        connection.execute(update(reports).values(take_after=0.0))  # a minute later
    bot.start()
    bot.wait_until_ready()
    until(lambda: noted_thread(stack) == told(stack)[0].ts, "the report to be found", 3 * SECONDS)
    assert len(told(stack)) == 1

    shutil.move(f"{pages}-away", pages)
    runs.request(source.id, "sync", "test")
    until(lambda: len(told(stack)) == 2, "that it works again to be told", 3 * SECONDS)
    failed, fine = told(stack)
    assert "could not be read" in failed.as_text()
    assert "works again" in fine.as_text()
    assert fine.thread_ts == failed.ts
    engine.dispose()


def noted_thread(stack: Stack) -> str | None:
    """The thread that was noted."""
    engine = open_database(stack.database_url)
    with transaction(engine) as connection:
        thread_ts: str | None = connection.execute(select(reports.c.thread_ts)).scalar_one_or_none()
    engine.dispose()
    return thread_ts
