"""The message of a reindexing lives on, whatever dies meanwhile: there is one, and it ends with the summary."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine, select, update

from ingestion.catalogue import Catalogue
from ingestion.report import Progress, SyncReport
from ingestion.runs import Runs
from rag.database import open_database, transaction
from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from workers.admin.reindexing import Reindexing, ReindexingMessages, Started, reindexings
from workers.admin.source_admin import Asker

ADMIN_CHANNEL = "C01ADMIN"
INES = Asker("U01INES", ADMIN_CHANNEL)


class World:
    """A source, and two workers that sweep."""

    def __init__(self, engine: Engine, server: SandboxServer) -> None:
        self.engine = engine
        self.sandbox: Sandbox = server.client
        self.client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
        self.runs, self.catalogue = Runs(engine, "T"), Catalogue(engine, "T")
        self.wiki = self.catalogue.add_source("wiki", kind="folder", location="/", readers=["members"])
        self.reindexing = Reindexing(engine, "T")
        self.messages = [ReindexingMessages(engine, "T", self.client, ADMIN_CHANNEL) for _ in range(2)]

    def start(self) -> Started:
        return self.reindexing.start(self.wiki, INES)

    def sweep(self) -> None:
        """As both workers do, after a while."""
        for messages in self.messages:
            messages.sweep()

    def later(self, seconds: float = 60) -> None:
        with transaction(self.engine) as connection:
            connection.execute(
                update(reindexings).values(change_after=0.0, asked_at=reindexings.c.asked_at - seconds)
            )

    def ended(self) -> bool:
        with transaction(self.engine) as connection:
            return connection.scalars(select(reindexings.c.ended_at)).one() is not None

    def told(self) -> list[Message]:
        return [one for one in self.sandbox.channel("footnote-admin") if one.from_app]

    def work(self, progress: Progress) -> str:
        """A worker is that far with it; the id of the run."""
        run = self.runs.latest()[self.wiki.id]
        self.runs.claim(run.id, owner="o", lease_seconds=30)
        self.runs.renew(run.id, owner="o", lease_seconds=30, progress=progress)
        return run.id


@pytest.fixture
def world(tmp_path: Path, server: SandboxServer, sandbox: Sandbox) -> Iterator[World]:
    assert sandbox
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield World(engine, server)
    engine.dispose()


def test_one_message_is_changed_in_place_until_the_end(world: World) -> None:
    started = world.start()
    assert world.messages[0].post(started.reindexing_id)
    [first] = world.told()
    run_id = world.work(Progress(documents=5, total=10, embedded=8))
    world.later()
    world.sweep()
    [midway] = world.told()
    assert (midway.ts, "5 of 10 documents" in midway.as_text()) == (first.ts, True)
    world.runs.finish(run_id, owner="o", report=SyncReport(added=10, chunks=20, embedded=20))
    world.later()
    world.sweep()
    [last] = world.told()
    assert last.ts == first.ts
    assert "10 new" in last.as_text()
    assert world.ended()


def test_what_was_never_posted_is_posted_by_a_sweep_once(world: World) -> None:
    world.start()  # and the process died
    world.sweep()
    assert world.told() == []
    world.later()
    world.sweep()
    world.later()
    world.sweep()
    assert len(world.told()) == 1


def test_a_message_whose_posting_was_not_noted_is_found_again(world: World) -> None:
    started = world.start()
    world.messages[0].post(started.reindexing_id)
    with transaction(world.engine) as connection:
        connection.execute(update(reindexings).values(ts=None, reads=""))
    world.work(Progress(documents=5, total=10))
    world.later()
    world.sweep()
    world.later()
    world.sweep()
    [only] = world.told()
    assert "5 of 10" in only.as_text()


def test_slack_is_not_called_while_it_reads_as_it_did(world: World) -> None:
    world.messages[0].post(world.start().reindexing_id)
    world.sandbox.fault("error", "chat.update", count=None)  # would be refused
    world.later()
    world.sweep()
    world.sandbox.clear_faults()
    assert not world.ended()
    assert len(world.told()) == 1


def test_slack_that_is_away_is_told_later(world: World) -> None:
    world.sandbox.fault("http", "chat.postMessage", count=None)
    assert world.messages[0].post(world.start().reindexing_id)
    world.sandbox.clear_faults()
    assert world.told() == []
    world.later()
    world.sweep()
    assert len(world.told()) == 1


def test_a_deleted_message_is_left_alone_and_the_run_goes_on(world: World) -> None:
    world.messages[0].post(world.start().reindexing_id)
    [message] = world.told()
    world.client.chat_delete(channel=ADMIN_CHANNEL, ts=message.ts)
    world.work(Progress(documents=5, total=10))
    world.later()
    world.sweep()
    assert world.ended()
    assert world.told() == []
    assert world.runs.latest()[world.wiki.id].state == "running"


def test_two_days_without_slack_are_enough(world: World) -> None:
    world.start()
    world.sandbox.fault("http", "chat.postMessage", count=None)
    world.later(3 * 86_400)
    world.sweep()
    world.sandbox.clear_faults()
    assert world.ended()


def test_others_metadata_is_not_taken_for_ours(world: World) -> None:
    """A message of a person cannot be ours, whatever its metadata; ours of another reindexing is not this one's."""
    first = world.start()
    world.messages[0].post(first.reindexing_id)
    run_id = world.work(Progress(documents=1))
    world.runs.finish(run_id, owner="o", report=SyncReport())
    world.later()
    world.sweep()
    world.start()
    world.later()
    world.sweep()
    assert len(world.told()) == 2
