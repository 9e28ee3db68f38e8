"""Who will read an answer, asked of the sandbox. Unknown means no."""

import pytest
from slack_sdk import WebClient

from rag.domain import MEMBERS, PUBLIC
from rag.errors import SlackUnavailable
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from workers.access import SlackAccess
from workers.asked import Incoming


@pytest.fixture
def access(server: SandboxServer) -> SlackAccess:
    client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
    return SlackAccess(client, team_id="tenant")


def asked_in(channel: str, user: str = "U01MARCO") -> Incoming:
    return Incoming("T01FERNWAY", channel, "1.1", "1.1", user, "?")


def test_a_channel_of_full_members_reads_what_members_read(access: SlackAccess, sandbox: Sandbox) -> None:
    audience = access.audience(asked_in("C01GENERAL"))
    assert audience.team_id == "tenant"
    assert audience.readers == {PUBLIC, MEMBERS, "channel:C01GENERAL"}
    assert sandbox.calls("conversations.members")


def test_one_guest_in_the_channel_leaves_public_and_the_channels_own(access: SlackAccess) -> None:
    assert access.audience(asked_in("C01ASK")).readers == {PUBLIC, "channel:C01ASK"}


def test_a_channel_shared_with_another_organisation_reads_public_sources_only(access: SlackAccess) -> None:
    assert access.audience(asked_in("C01PARTNERS")).readers == {PUBLIC}


def test_a_private_channel_reads_its_own(access: SlackAccess) -> None:
    assert access.audience(asked_in("C01PEOPLE", "U01PRIYA")).readers == {
        PUBLIC,
        MEMBERS,
        "channel:C01PEOPLE",
    }


def test_a_direct_message_reads_what_its_asker_may(access: SlackAccess, sandbox: Sandbox) -> None:
    channel, _ = sandbox.direct("priya", "hello")
    readers = access.audience(asked_in(channel, "U01PRIYA")).readers
    assert {PUBLIC, MEMBERS, "channel:C01PEOPLE", "channel:C01GENERAL"} <= readers
    assert "channel:C01ADMIN" not in readers
    assert f"channel:{channel}" in readers, "what was said there is for both to read"
    assert f"channel:{channel}" not in access.person("U01PRIYA").readers


def test_a_guest_directly_reads_public_and_the_guests_channels(access: SlackAccess, sandbox: Sandbox) -> None:
    channel, _ = sandbox.direct("tom", "hello")
    readers = access.audience(asked_in(channel, "U01TOM")).readers
    assert PUBLIC in readers
    assert MEMBERS not in readers
    assert "channel:C01PEOPLE" not in readers


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "deleted"])
def test_whoever_is_no_full_member_makes_the_channel_less(
    access: SlackAccess, sandbox: Sandbox, flag: str
) -> None:
    sandbox.change_user("ines", **{flag: True})
    assert MEMBERS not in access.audience(asked_in("C01GENERAL")).readers


def test_a_person_of_another_team_who_is_no_stranger_counts_as_outside(
    access: SlackAccess, sandbox: Sandbox
) -> None:
    sandbox.change_user("dana", is_stranger=False)
    sandbox.join("dana", "general")
    assert MEMBERS not in access.audience(asked_in("C01GENERAL")).readers


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.list", "auth.test"])
def test_what_slack_does_not_tell_is_not_assumed(access: SlackAccess, sandbox: Sandbox, method: str) -> None:
    sandbox.fault("error", method, error="internal_error", count=None)
    with pytest.raises(SlackUnavailable):
        access.audience(asked_in("C01GENERAL"))


def test_a_failure_is_not_remembered(access: SlackAccess, sandbox: Sandbox) -> None:
    sandbox.fault("error", "users.list")
    with pytest.raises(SlackUnavailable):
        access.audience(asked_in("C01GENERAL"))
    assert MEMBERS in access.audience(asked_in("C01GENERAL")).readers


def test_what_was_told_is_remembered_for_a_while(access: SlackAccess, sandbox: Sandbox) -> None:
    for _ in range(5):
        access.audience(asked_in("C01GENERAL"))
    assert len(sandbox.calls("conversations.members")) == 1
