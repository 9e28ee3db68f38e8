"""A sandbox for the tests that talk to Slack."""

from collections.abc import Iterator

import pytest

from sandbox.client import Sandbox
from sandbox.server import SandboxServer


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    """The workspace as it is at the start."""
    client = Sandbox(server.url)
    client.reset()
    return client
