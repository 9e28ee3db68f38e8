"""Two workspaces in one installation, with the same ids of people and channels, documents of the same names and the same question:
installed by OAuth, each is answered from its own documents with its own token, and one that goes takes nothing of the other's along.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, func, select

from bot.http_door import PATH
from bot.listeners.settling import DONE, NOT_YOU
from bot.running import run
from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.database import transaction
from rag.settings import (
    AnswerSettings,
    JobSettings,
    LLMSettings,
    Settings,
    SlackHttpSettings,
    SlackOAuthSettings,
    SlackSettings,
    StorageSettings,
)
from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from tests.bot.serving import headers, send
from tests.e2e.conftest import MANIFEST
from tests.e2e.installing import install
from tests.e2e.test_http_mode import SECRET, delivered_to, free_port
from tests.e2e.waiting import eventually
from tests.sandbox.test_installs import second_workspace
from workers.admin.audit import Audit
from workers.privacy.erasing import NOBODY
from workers.replies import PLACEHOLDER
from workers.tables import answers, questions
from workers.tenancy.installations import Installations
from workers.tenancy.sealing import Seal, new_key

FERNWAY, BRIGHT = "T01FERNWAY", "T02BRIGHT"
DAYS = {FERNWAY: "25", BRIGHT: "31"}
QUESTION = "how many days of annual leave do I have?"
ME = "<@U01FOOTNOTE>"
KEY = new_key()
SECONDS = 20


@dataclass
class Both:
    """The two workspaces, the bot's port, and its database."""

    server: SandboxServer
    port: int
    engine: Engine

    def slack(self, team_id: str) -> Sandbox:
        return self.server.client if team_id == FERNWAY else self.server.client_of(team_id)

    @property
    def kept(self) -> Installations:
        return Installations(self.engine, Seal(KEY))

    def install(self, team_id: str, user: str = "U01INES") -> tuple[int, str]:
        return install(self.port, team_id, user)

    def index(self, team_id: str, folder: Path) -> None:
        """A page for members, and one for the private channel of people; the same names and places in both."""
        catalogue, runs = Catalogue(self.engine, team_id), Runs(self.engine, team_id)
        pages, secret = folder / team_id / "pages", folder / team_id / "private"
        for place in (pages, secret):
            place.mkdir(parents=True)
        (pages / "leave.md").write_text(
            f"# Annual leave\n\nFull-time employees have {DAYS[team_id]} days of annual leave each year."
        )
        (secret / "bands.md").write_text(
            f"# Salary bands\n\nThe salary of band seven is {DAYS[team_id]}00 euros a month."
        )
        for name, place, reader in (("pages", pages, "members"), ("salaries", secret, "channel:C01PEOPLE")):
            source = catalogue.add_source(
                name,
                kind="folder",
                location=str(place),
                readers={reader},
                options={"base_url": "https://handbook.example/"},
            )
            run_id = runs.request(source.id, "sync", "test").id
            eventually(
                lambda run_id=run_id: (found := runs.get(run_id)) is not None and found.state == "done", 60
            )

    def ask(self, team_id: str, question: str = QUESTION, channel: str = "general") -> Message:
        slack = self.slack(team_id)
        ts = slack.post("ines", f"{ME} {question}", channel=channel)
        return slack.wait_for_reply(channel, ts, SECONDS, lambda one: one.text != PLACEHOLDER)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    seed, port = second_workspace(tmp_path_factory.mktemp("seed")), free_port()
    storage = StorageSettings(data_dir=tmp_path_factory.mktemp("data"), database_url="", team_id="default")
    with SandboxServer(also=[seed], manifest=MANIFEST) as server:
        settings = Settings(
            llm=LLMSettings(base_url=None, api_key=None),
            answer=AnswerSettings(),
            slack=SlackSettings(
                mode="http",
                client_id="client-footnote",
                bot_token=SecretStr(""),
                app_token=None,
                api_url=server.api_url,
                timeout_seconds=3,
            ),
            slack_http=SlackHttpSettings(signing_secret=SecretStr(SECRET), http_port=port),
            slack_oauth=SlackOAuthSettings(
                client_secret=SecretStr("secret-footnote"), token_key=SecretStr(KEY)
            ),
            storage=storage,
            jobs=JobSettings(broker_url="memory://", sweep_seconds=0.5, worker_threads=4),
        )
        stop = threading.Event()
        thread = threading.Thread(target=run, args=[settings, stop], name="bot")
        thread.start()
        engine = create_engine(storage.database_url)
        one = Both(server, port, engine)
        try:
            for team_id in (FERNWAY, BRIGHT):
                slack = one.slack(team_id)
                eventually(lambda slack=slack: delivered_to(slack, port), 60)
                assert one.install(team_id)[0] == 200
                one.index(team_id, tmp_path_factory.getbasetemp())
            yield one
        finally:
            stop.set()
            thread.join(30)
            engine.dispose()
        assert not thread.is_alive()


@pytest.mark.parametrize("team_id", [FERNWAY, BRIGHT])
def test_each_is_answered_from_its_own_documents_in_its_own_thread(both: Both, team_id: str) -> None:
    [other] = {FERNWAY, BRIGHT} - {team_id}
    before = len(both.slack(other).channel("general"))
    said = both.ask(team_id).as_text()
    assert f"{DAYS[team_id]} days" in said
    assert DAYS[other] not in said
    assert len(both.slack(other).channel("general")) == before


def test_what_was_asked_stands_under_the_workspace_it_was_asked_in(both: Both) -> None:
    with transaction(both.engine) as connection:
        asked = connection.execute(select(questions.c.team_id, func.count()).group_by(questions.c.team_id))
        assert {row[0] for row in asked} == {FERNWAY, BRIGHT}


@pytest.mark.parametrize("team_id", [FERNWAY, BRIGHT])
def test_a_private_channel_of_the_same_id_opens_its_own_workspaces_documents_only(
    both: Both, team_id: str
) -> None:
    [other] = {FERNWAY, BRIGHT} - {team_id}
    slack = both.slack(team_id)
    ts = slack.post("ines", f"{ME} what is the salary of band seven?", channel="people-private")
    said = slack.wait_for_reply("people-private", ts, SECONDS, lambda one: one.text != PLACEHOLDER).as_text()
    assert f"{DAYS[team_id]}00 euros" in said
    assert f"{DAYS[other]}00" not in said


def test_who_installed_it_is_told_what_comes_next(both: Both) -> None:
    for team_id in (FERNWAY, BRIGHT):
        told = [
            call
            for call in both.slack(team_id).calls("chat.postMessage")
            if call["arguments"].get("channel") == "U01INES"
        ]
        assert len(told) == 1


def test_each_has_an_admin_channel_of_its_own(both: Both) -> None:
    slack, other = both.slack(BRIGHT), both.slack(FERNWAY)
    ts = slack.post("marco", f"{ME} administer here", channel="general")
    slack.wait_for_reply("general", ts, SECONDS, lambda one: one.from_app, as_user="marco")
    installed = both.kept.of(BRIGHT)
    assert installed is not None
    assert installed.admin_channel == ""
    ts = slack.post("ines", f"{ME} administer here", channel="footnote-admin")
    assert slack.wait_for_reply("footnote-admin", ts, SECONDS, lambda one: one.from_app).text == DONE
    listed = both.ask(BRIGHT, "list", channel="footnote-admin").as_text()
    assert "salaries" in listed
    # The channel of the same id in the other workspace is none, and its people are no admins.
    unset = both.kept.of(FERNWAY)
    assert unset is not None
    assert unset.admin_channel == ""
    ts = other.post("ines", f"{ME} list", channel="footnote-admin")
    said = other.wait_for_reply("footnote-admin", ts, SECONDS, lambda one: one.text != PLACEHOLDER).as_text()
    assert "salaries" not in said
    assert [entry.action for entry in Audit(both.engine, BRIGHT).latest(5)].count("administer") == 2
    assert not [entry for entry in Audit(both.engine, FERNWAY).latest(5) if entry.action == "administer"]


def test_installing_again_changes_the_token_and_makes_nobody_an_admin(both: Both) -> None:
    assert both.install(BRIGHT, "U01MARCO")[0] == 200
    slack = both.slack(BRIGHT)
    private = slack.add_channel("marcos", members=["marco", "footnote"], kind="private")
    ts = slack.post("marco", f"{ME} administer here", channel=private)
    said = slack.wait_for_reply(private, ts, SECONDS, lambda one: one.from_app, as_user="marco")
    assert said.text == NOT_YOU
    installed = both.kept.of(BRIGHT)
    assert installed is not None
    assert installed.admin_channel == "C01ADMIN"


def test_a_workspace_that_takes_it_out_is_forgotten_and_the_other_is_not(both: Both) -> None:
    slack = both.slack(BRIGHT)
    slack.uninstall()
    eventually(lambda: [one.team_id for one in both.kept.all()] == [FERNWAY], SECONDS)
    eventually(lambda: Catalogue(both.engine, BRIGHT).sources() == [], SECONDS)
    with transaction(both.engine) as connection:
        left = select(questions).where(questions.c.team_id == BRIGHT)
        assert {(row.text, row.user_id) for row in connection.execute(left)} <= {("", NOBODY)}
        given = select(answers).join(questions).where(questions.c.team_id == BRIGHT)
        assert connection.execute(given).all() == []
    eventually(lambda: Runs(both.engine, BRIGHT).latest() == {}, SECONDS)
    assert {one.name for one in Catalogue(both.engine, FERNWAY).sources()} == {"pages", "salaries"}
    assert f"{DAYS[FERNWAY]} days" in both.ask(FERNWAY).as_text()


def test_installed_once_more_it_begins_with_nothing(both: Both) -> None:
    assert both.install(BRIGHT)[0] == 200
    installed = both.kept.of(BRIGHT)
    assert installed is not None
    assert installed.admin_channel == ""
    said = both.ask(BRIGHT).as_text()
    assert not [days for days in DAYS.values() if f"{days} days" in said]


def test_what_is_of_a_workspace_that_never_had_it_is_taken_and_forgotten(both: Both) -> None:
    body = b'{"type": "event_callback", "team_id": "T99NOBODY", "event": {"type": "app_mention"}}'
    assert send(both.port, body, headers(body, secret=SECRET), path=PATH) == (200, "")
