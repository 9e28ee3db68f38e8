"""`administer here`: who may say it, where, and what comes of it. Slack is the sandbox, whoever is said to have written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import BoltContext
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Engine

from bot.listeners.settling import AGAIN, NOT_PRIVATE, NOT_YOU, Settling
from rag.database import open_database
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from workers.admin.audit import Audit
from workers.admin.once import Once
from workers.tenancy.installations import Installations
from workers.tenancy.sealing import Seal, new_key

TEAM, ME = "T01FERNWAY", "U01FOOTNOTE"
INES, MARCO, PRIYA, TOM = "U01INES", "U01MARCO", "U01PRIYA", "U01TOM"  # Ines is an admin of the workspace
KEY = new_key()
ADMIN, PRIVATE, GENERAL = "C01ADMIN", "C01PEOPLE", "C01GENERAL"


class Room:
    def __init__(self, server: SandboxServer, engine: Engine) -> None:
        self.sandbox: Sandbox = server.client
        self.client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[])
        self.kept = Installations(engine, Seal(KEY))
        self.audit = Audit(engine, TEAM)
        self.settling = Settling(TEAM, self.kept, Once(engine, TEAM), self.audit)
        self.install(MARCO)

    def install(self, by: str) -> None:
        self.kept.save(Installation(team_id=TEAM, bot_token="xoxb-1", user_id=by))

    def says(self, user: str, channel: str, text: str = "administer here", **more: Any) -> bool:
        ts = self.sandbox.post("ines", f"(for {user})", channel=channel)
        event = {"user": user, "channel": channel, "ts": ts, "text": f"<@{ME}> {text}", "type": "app_mention"}
        return self.settling.took(event | more, BoltContext({"bot_user_id": ME}), self.client)

    @property
    def channel(self) -> str:
        installed = self.kept.of(TEAM)
        assert installed is not None
        return installed.admin_channel

    @property
    def whispered(self) -> str:
        return str(self.sandbox.calls("chat.postEphemeral")[-1]["arguments"]["text"])


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def room(server: SandboxServer, tmp_path: Path) -> Iterator[Room]:
    server.client.reset()
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield Room(server, engine)
    engine.dispose()


@pytest.mark.parametrize("user", [INES, MARCO], ids=["an admin of the workspace", "who installed us"])
def test_who_may_say_it_at_first(room: Room, user: str) -> None:
    room.sandbox.do("join", user=user, channel=ADMIN) if user == MARCO else None
    assert room.says(user, ADMIN)
    assert room.channel == ADMIN
    [entry] = room.audit.latest()
    assert (entry.user_id, entry.action, entry.outcome, entry.subject) == (user, "administer", "done", ADMIN)


@pytest.mark.parametrize(
    ("user", "channel", "told"),
    [
        (PRIYA, PRIVATE, NOT_YOU),
        (INES, GENERAL, NOT_PRIVATE),
        (MARCO, GENERAL, NOT_PRIVATE),
    ],
)
def test_who_may_not_is_told_so_and_it_is_noted(room: Room, user: str, channel: str, told: str) -> None:
    assert room.says(user, channel)
    assert room.channel == ""
    assert room.whispered == told
    [entry] = room.audit.latest()
    assert (entry.user_id, entry.outcome) == (user, "refused")


def test_who_installed_us_and_is_a_guest_or_gone_by_now_may_not(room: Room) -> None:
    room.install(PRIYA)
    for flag in ("is_restricted", "deleted"):
        room.sandbox.change_user("priya", **{flag: True})
        assert room.says(PRIYA, PRIVATE)
        assert room.channel == ""
        room.sandbox.change_user("priya", **{flag: False})
    assert room.says(PRIYA, PRIVATE)
    assert room.channel == PRIVATE


def test_where_there_is_one_only_its_members_or_admins_of_the_workspace_move_it(room: Room) -> None:
    room.kept.administer_from(TEAM, ADMIN)
    room.install(PRIYA)  # installing again makes nobody an admin
    room.says(PRIYA, PRIVATE)
    assert (room.channel, room.whispered) == (ADMIN, NOT_YOU)
    room.sandbox.join("priya", ADMIN)
    room.says(PRIYA, PRIVATE)
    assert room.channel == PRIVATE
    room.says(INES, ADMIN)
    assert room.channel == ADMIN


def test_an_admin_channel_that_is_public_by_now_makes_nobody_an_admin(room: Room) -> None:
    room.sandbox.join("priya", ADMIN)
    room.kept.administer_from(TEAM, ADMIN)
    room.sandbox.change_channel("footnote-admin", kind="public")
    room.says(PRIYA, PRIVATE)
    assert (room.channel, room.whispered) == (ADMIN, NOT_YOU)


def test_a_channel_shared_with_another_organisation_is_none(room: Room) -> None:
    room.sandbox.change_channel("people-private", is_ext_shared=True)
    room.says(INES, PRIVATE)
    assert (room.channel, room.whispered) == ("", NOT_PRIVATE)


def test_a_slack_that_does_not_tell_means_no(room: Room) -> None:
    room.sandbox.fault("error", "users.info")
    room.says(INES, ADMIN)
    assert (room.channel, room.whispered) == ("", AGAIN)


@pytest.mark.parametrize(
    "text", ["how do I administer here?", "administer", "please administer here now", ""]
)
def test_nothing_else_is_taken(room: Room, text: str) -> None:
    assert not room.says(INES, ADMIN, text)
    assert room.audit.latest() == []


@pytest.mark.parametrize("text", ["Administer here", "administer here!", "administer from here."])
def test_it_may_be_said_in_some_ways(room: Room, text: str) -> None:
    assert room.says(INES, ADMIN, text)
    assert room.channel == ADMIN


def test_bots_say_nothing_and_what_is_told_twice_is_done_once(room: Room) -> None:
    assert not room.says(INES, ADMIN, bot_id="B1")
    ts = room.sandbox.post("ines", "once", channel=ADMIN)
    for _ in range(2):
        assert room.says(INES, ADMIN, ts=ts)
    assert len(room.audit.latest()) == 1
