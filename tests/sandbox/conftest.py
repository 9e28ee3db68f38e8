"""A sandbox per test, and a Bolt app that is connected to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from sandbox.settings import Settings

QUICK = Settings(ack_timeout_seconds=1.5, retry_delays_seconds=(0.0, 0.1, 0.2), drain_seconds=0.3)

Connect = Callable[[App], SocketModeHandler]


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(settings=QUICK) as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    return server.client


@pytest.fixture
def web(server: SandboxServer) -> WebClient:
    """The official client; without its retries, so that a test sees every failure."""
    return WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[])


@pytest.fixture
def app(web: WebClient) -> App:
    """A Bolt app that acknowledges only when its listener is done."""
    return App(client=web, process_before_response=True)


@pytest.fixture
def connect(server: SandboxServer) -> Iterator[Connect]:
    """Opens a Socket Mode connection for an app, and closes it after the test."""
    with ExitStack() as closing:

        def open_socket(app: App) -> SocketModeHandler:
            handler = SocketModeHandler(app, server.app_token, ping_interval=1)
            handler.connect()
            closing.callback(_close, handler, server.client)
            server.client.wait_for_socket()
            return handler

        yield open_socket


def _close(handler: SocketModeHandler, sandbox: Sandbox) -> None:
    # The built-in client waits three seconds for a last message; a socket that is gone keeps it from that.
    handler.client.auto_reconnect_enabled = False
    sandbox.disconnect("abrupt")
    # After a reconnection close() may find that the session is gone already.
    with suppress(AttributeError):
        handler.close()
