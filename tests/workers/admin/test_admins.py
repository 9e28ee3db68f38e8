"""Who may administer, against the sandbox: the members of a private channel, and nobody where that is not sure."""

import pytest
from slack_sdk import WebClient

from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from workers.admin.admins import Admins


@pytest.fixture
def client(server: SandboxServer) -> WebClient:
    return WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)


@pytest.mark.usefixtures("sandbox")
def test_members_of_the_channel_may_and_nobody_else(client: WebClient) -> None:
    admins = Admins(client, "C01ADMIN")
    assert admins.may_administer("U01INES")
    assert not any(map(admins.may_administer, ("U01MARCO", "U01TOM", "U02DANA", "U0NOBODY", "")))


def test_who_left_a_moment_ago_may_no_more(sandbox: Sandbox, client: WebClient) -> None:
    admins = Admins(client, "C01ADMIN")
    sandbox.join("marco", "footnote-admin")
    assert admins.may_administer("U01MARCO")
    sandbox.leave("marco", "footnote-admin")
    assert not admins.may_administer("U01MARCO")


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("channel", ["", "C01GENERAL", "C0NOWHERE"])
def test_without_a_private_channel_there_are_no_admins(client: WebClient, channel: str) -> None:
    assert not Admins(client, channel).may_administer("U01INES")


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members"])
@pytest.mark.parametrize("fault", ["error", "http", "reset", "rate_limited"])
def test_a_slack_that_does_not_say_makes_nobody_an_admin(
    sandbox: Sandbox, client: WebClient, method: str, fault: str
) -> None:
    sandbox.fault(fault, method)
    assert not Admins(client, "C01ADMIN").may_administer("U01INES")
