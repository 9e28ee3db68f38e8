"""Each command × each role: who may, and that nothing comes of it where somebody may not. With `-s` it prints the table."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.admin.commands import Command, parse
from bot.admin.vocabulary import USAGE
from tests.bot.offices import ADMIN_CHANNEL, ME, AdminOffice, admin_office
from workers.admin.administering import NOT_AN_ADMIN

INES, MARCO, TOM, DANA = "U01INES", "U01MARCO", "U01TOM", "U02DANA"
TYPED = (
    *("help", "list", "show wiki", "add https://new.example", "remove wiki", "pause wiki", "resume wiki"),
    *("reindex", "reindex wiki", "reindex wiki --full", "audience wiki public", "schedule wiki off"),
    *("settings", "settings <#C01GENERAL|general>", "settings <#C01GENERAL|general> reset", "digest"),
    *('test "how many days?"', 'test "how many days?" as <@U01MARCO>', 'test "x1" in <#C01GENERAL|general>'),
    *("audit", "audit csv", "erase <@U01MARCO>", "show nothing at"),
)
SLASHED = ("", "wiki", "wiki --full", "status", "cancel")


@dataclass(frozen=True)
class Role:
    """Who it is, and whether that one administers. `event`: what Slack tells of them besides."""

    user_id: str
    is_admin: bool = False
    is_heard: bool = True
    event: tuple[tuple[str, Any], ...] = ()


ROLES = {
    "admin": Role(INES, is_admin=True),
    "guest in the channel": Role(TOM, is_admin=True),  # its members administer, whoever they are
    "member": Role(MARCO),
    "guest": Role(TOM),
    "external": Role(DANA),
    "ex-admin": Role(MARCO),
    "unknown": Role("U0NOBODY"),
    "bot": Role(MARCO, is_heard=False, event=(("bot_id", "B0OTHER"),)),
}


@pytest.fixture(params=[*ROLES])
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def office(tmp_path: Path, role: str) -> Iterator[AdminOffice]:
    with admin_office(tmp_path) as office:
        if role == "guest in the channel":
            office.sandbox.join("tom", "footnote-admin")
        if role == "ex-admin":
            office.sandbox.join("marco", "footnote-admin")
            assert NOT_AN_ADMIN not in office.reply(office.says(MARCO, "list")).as_text()
            office.sandbox.leave("marco", "footnote-admin")
        yield office


def test_every_command_is_in_the_table(tmp_path: Path) -> None:
    with admin_office(tmp_path) as office:
        parsed = [parse(text, office.catalogue.sources(), ME) for text in TYPED]
    assert {one.action for one in parsed if isinstance(one, Command)} == set(USAGE)


def test_typed_in_the_channel(office: AdminOffice, role: str) -> None:
    who, before = ROLES[role], state(office)
    for text in TYPED:
        noted = len(office.audit.latest())
        ts = office.says(who.user_id, text, **dict(who.event))
        told = office.replies(ts)
        entries = office.audit.latest()[: len(office.audit.latest()) - noted]
        sys.stdout.write(f"{text:45} {role:22} {verdict(who)}\n")
        if who.is_admin:
            assert all(one.ephemeral is None and NOT_AN_ADMIN not in one.as_text() for one in told)
            assert told
            assert {one.outcome for one in entries} <= {"done", "failed"}
            continue
        assert state(office) == before
        assert [one.outcome for one in entries] == (["refused"] if who.is_heard else [])
        assert all(one.ephemeral == who.user_id for one in told)
        assert office.asked == []


@pytest.mark.parametrize("role", [name for name, one in ROLES.items() if one.is_heard], indirect=True)
def test_by_slash_command(office: AdminOffice, role: str) -> None:
    who, before = ROLES[role], state(office)
    with office.connected():
        for text in SLASHED:
            noted = len(office.audit.latest())
            answer = office.types(
                {
                    "command": "/reindex",
                    "text": text,
                    "user_id": who.user_id,
                    "channel_id": ADMIN_CHANNEL,
                    "team_id": "T01FERNWAY",
                }
            )
            sys.stdout.write(f"/reindex {text:36} {role:22} {verdict(who)}\n")
            assert (NOT_AN_ADMIN in answer) is not who.is_admin
            if not who.is_admin:
                entries = office.audit.latest()[: len(office.audit.latest()) - noted]
                assert [one.outcome for one in entries] == ["refused"]
                assert state(office) == before


def verdict(who: Role) -> str:
    return "allowed" if who.is_admin else "refused" if who.is_heard else "unheard"


def state(office: AdminOffice) -> Any:
    """All that commands change."""
    return (
        *(office.catalogue.overview(), office.runs.latest(), office.channels.all()),
        *(list(office.tried), office.reports.all()),
    )
