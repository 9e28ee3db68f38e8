"""Events from a connected workspace: noted before they are acknowledged, questions undisturbed, nothing of what was said kept."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from slack_bolt import BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from sqlalchemy import Engine, select

from bot.app import build_app, identify
from bot.listeners import Changes
from bot.wiring import Wiring
from ingestion.catalogue import Catalogue
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory, memory
from ingestion.runs import Runs
from ingestion.sources.slack_notes import Notes
from rag.database import open_database
from rag.errors import DatabaseUnavailable, SourceGone
from rag.settings import AdminSettings, Settings, SlackSettings, StorageSettings
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from sandbox.settings import Settings as SandboxSettings
from tests.e2e.waiting import eventually
from workers.ledger import Ledger
from workers.privacy.purging import Purging
from workers.slack.shared_pace import Paces
from workers.slack_changes import Heard, SlackChanges

MANIFEST = Path(__file__).parent.parent.parent.parent / "manifest.json"


class Breakable(SlackChanges):
    """Loses its database for as many events as a test wants."""

    lost = 0

    def heard(self, heard: Heard) -> None:
        if self.lost:
            self.lost -= 1
            raise DatabaseUnavailable("away")
        super().heard(heard)


class Office:
    """A bot connected to a workspace, a source on #general, and one on the files of the admin channel."""

    def __init__(self, server: SandboxServer, engine: Engine) -> None:
        self.sandbox = server.client
        self.engine = engine
        self.asked: list[str] = []
        self.gone: set[str] = set()
        self.catalogue, self.runs = Catalogue(engine, "T1"), Runs(engine, "T1")
        self.changes = Breakable(engine, "T1", self.look)
        self.client = client = WebClient(token=server.bot_token, base_url=server.api_url)
        settings = Settings(
            slack=SlackSettings(
                bot_token=server.bot_token, app_token=server.app_token, api_url=server.api_url
            ),
            storage=StorageSettings(team_id="T1"),
            admin=AdminSettings(channel=""),
        )
        wiring = Wiring(
            *(engine, Paces("memory://")), wake=self.asked.append, wake_trial=self.asked.append, parts=None
        )
        wired, _ = wiring.listeners_of(settings, client, identify(client))
        listeners = replace(wired, changes=Changes(self.changes, purge=Purging(engine, "T1").purge))
        self.app = build_app(client, identify(client), listeners)
        self.handler = SocketModeHandler(self.app, server.app_token, ping_interval=1)
        self.general = self.add("slack_channel", "C01GENERAL")
        self.files = self.add("slack_files", "C01ADMIN")

    def look(self, channel_id: str) -> None:
        if channel_id in self.gone:
            raise SourceGone("The bot is no longer in the channel.")

    def add(self, kind: str, location: str) -> RegisteredSource:
        return self.catalogue.add_source(kind, kind=kind, location=location, readers={"members"})

    def threads(self, source: RegisteredSource) -> list[str]:
        return [change.thread_ts for change in Notes(Memory(self.engine, source.id)).changes()]

    def action(self, source: RegisteredSource) -> str | None:
        run = self.runs.latest().get(source.id)
        return run.action if run else None


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    quick = SandboxSettings(ack_timeout_seconds=1.5, retry_delays_seconds=(0.0, 0.1, 0.2), drain_seconds=0.3)
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    with SandboxServer(manifest=MANIFEST, settings=quick) as server:
        office = Office(server, engine)
        office.handler.connect()
        office.sandbox.wait_for_socket()
        yield office
        office.handler.client.auto_reconnect_enabled = False
        office.sandbox.disconnect("abrupt")
        with suppress(AttributeError):  # a session that is gone already
            office.handler.close()
    engine.dispose()


def acknowledged(sandbox: Sandbox) -> Callable[[], bool]:
    return lambda: all(one["outcome"] == "acknowledged" for one in sandbox.deliveries())


def test_listeners_call_slack_as_all_others_do(office: Office) -> None:
    """Bolt would give each event a client of its own, which knows of no limits."""
    lent: list[WebClient] = []

    @office.app.event("team_join")
    def on_join(client: WebClient) -> None:
        lent.append(client)

    event = {"type": "team_join", "user": {"id": "U1"}}
    body = {"type": "event_callback", "team_id": "T1", "event": event}
    assert office.app.dispatch(BoltRequest(body=body, mode="socket_mode")).status == 200
    assert lent == [office.client]


def test_messages_edits_and_deletions_are_noted_by_thread(office: Office) -> None:
    sandbox = office.sandbox
    ts = sandbox.post("marco", "The secret word is swordfish.", channel="general")
    reply = sandbox.post("ines", "Which one?", channel="general", thread_ts=ts)
    sandbox.edit("ines", channel="general", ts=reply, text="Really?")
    sandbox.delete("ines", channel="general", ts=reply)
    sandbox.post("marco", "not in a source", channel="ask-footnote")
    eventually(lambda: office.threads(office.general) == [ts] * 4)
    eventually(acknowledged(sandbox))

    with office.engine.connect() as connection:
        kept = json.dumps([list(row) for row in connection.execute(select(memory.c.key, memory.c.value))])
    assert "swordfish" not in kept and "Really" not in kept
    assert office.asked == []


def test_a_question_in_a_source_is_a_question_and_no_change(office: Office) -> None:
    office.sandbox.post("marco", "@footnote how many days of leave do I have?", channel="general")
    eventually(lambda: len(office.asked) == 1)
    eventually(acknowledged(office.sandbox))
    assert office.threads(office.general) == []


def test_an_event_that_could_not_be_noted_comes_again(office: Office) -> None:
    office.changes.lost = 2
    ts = office.sandbox.post("marco", "Do not lose me.", channel="general")
    eventually(lambda: office.threads(office.general) == [ts])


def test_files_are_noted_where_files_are_the_source(office: Office) -> None:
    office.sandbox.post("ines", "hello", channel="footnote-admin")
    _, file_id = office.sandbox.upload("ines", "a.md", b"# A", channel="footnote-admin")
    eventually(lambda: len(office.threads(office.files)) == 1)
    office.sandbox.change_file(file_id, content=b"# B")
    eventually(lambda: len(office.threads(office.files)) == 2)
    office.sandbox.delete_file(file_id)
    eventually(lambda: len(office.threads(office.files)) == 3)


def test_put_out_of_a_channel(office: Office) -> None:
    office.gone.add("C01GENERAL")
    office.sandbox.leave("footnote", "general")
    notes = Notes(Memory(office.engine, office.general.id))
    eventually(notes.has_left)
    office.changes.follow()
    assert (office.action(office.general), office.action(office.files)) == ("remove", None)


def test_somebody_else_leaving_is_nothing(office: Office) -> None:
    office.sandbox.leave("marco", "general")
    office.sandbox.join("tom", "general")
    eventually(acknowledged(office.sandbox))
    assert not Notes(Memory(office.engine, office.general.id)).has_left()
    assert office.threads(office.general) == []


def test_a_channel_that_becomes_private_is_looked_at_again(office: Office) -> None:
    office.sandbox.change_channel("general", kind="private")
    eventually(lambda: office.threads(office.general))


def test_a_channel_that_is_shared_is_looked_at_again(office: Office) -> None:
    office.sandbox.change_channel("general", is_ext_shared=True)
    eventually(lambda: office.threads(office.general))


def test_a_deleted_channel(office: Office) -> None:
    office.sandbox.delete_channel("general")
    eventually(lambda: office.action(office.general) == "remove")
    assert office.action(office.files) is None


def test_uninstalled(office: Office) -> None:
    office.sandbox.post("marco", "<@U01FOOTNOTE> how many days?", channel="general")
    eventually(lambda: office.asked)
    office.sandbox.uninstall()
    eventually(lambda: office.action(office.general) == office.action(office.files) == "remove")
    (question_id,) = office.asked

    def purged() -> bool:
        left = Ledger(office.engine).asked(question_id)
        return left is None or (left.user_id, left.text) == ("", "")

    eventually(purged)
