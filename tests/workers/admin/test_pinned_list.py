"""The list of sources in the admin channel: posted once, pinned, kept as things are."""

from pathlib import Path

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine, update

from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from workers.admin.pinned_list import NOTE, PinnedList, PinnedLists, pinned_lists
from workers.elements import rich_text, section, text_element
from workers.rendering import Rendered

ADMIN = "C01ADMIN"
MANIFEST = Path(__file__).parent.parent.parent.parent / "manifest.json"


class Board:
    """Sweeps by any number of processes, and what stands in the channel."""

    def __init__(self, server: SandboxServer, sandbox: Sandbox, engine: Engine) -> None:
        self.sandbox = sandbox
        self.engine = engine
        self.reads = "3 sources"
        self.lists = PinnedLists(engine, "T")
        self.client = WebClient(token=server.bot_token, base_url=server.api_url)

    def draw(self) -> Rendered:
        return Rendered(self.reads, [rich_text([section([text_element(self.reads)])])])

    def sweep(self, channel: str = ADMIN) -> None:
        PinnedList(self.lists, self.client, channel, self.draw).sweep()

    def a_minute_later(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(pinned_lists).values(change_after=0.0))

    def shown(self) -> list[Message]:
        return [one for one in self.sandbox.channel("footnote-admin") if one.from_app]

    def calls(self, method: str) -> int:
        return len(self.sandbox.calls(method))


@pytest.fixture
def board(server: SandboxServer, sandbox: Sandbox, engine: Engine) -> Board:
    return Board(server, sandbox, engine)


def test_until_somebody_wants_it_there_is_none(board: Board) -> None:
    board.sweep()
    assert board.shown() == []
    assert board.lists.want(ADMIN)
    assert not board.lists.want(ADMIN)
    board.sweep("")
    assert board.shown() == []


def test_it_is_posted_once_and_pinned(board: Board) -> None:
    board.lists.want(ADMIN)
    for _ in range(3):
        board.sweep()
    [message] = board.shown()
    assert "3 sources" in message.as_text()
    assert NOTE in message.as_text()
    assert (board.calls("chat.postMessage"), board.calls("pins.add"), board.calls("chat.update")) == (1, 1, 0)


def test_it_is_changed_in_place_once_a_minute_and_only_if_it_reads_otherwise(board: Board) -> None:
    board.lists.want(ADMIN)
    board.sweep()
    board.reads = "4 sources"
    board.sweep()
    assert "3 sources" in board.shown()[0].as_text()
    board.a_minute_later()
    board.sweep()
    board.a_minute_later()
    board.sweep()
    [message] = board.shown()
    assert "4 sources" in message.as_text()
    assert board.calls("chat.update") == 1


def test_deleted_it_is_posted_anew(board: Board) -> None:
    board.lists.want(ADMIN)
    board.sweep()
    board.client.chat_delete(channel=ADMIN, ts=board.shown()[0].ts)
    board.reads = "4 sources"
    for _ in range(2):
        board.a_minute_later()
        board.sweep()
    assert ["4 sources" in one.as_text() for one in board.shown()] == [True]
    assert board.calls("pins.add") == 2


def test_without_the_scope_it_stands_there_unpinned(board: Board) -> None:
    board.sandbox.fault("error", "pins.add", error="missing_scope")
    board.lists.want(ADMIN)
    for _ in range(2):
        board.sweep()
        board.a_minute_later()
    assert len(board.shown()) == 1
    assert board.calls("pins.add") == 1


def test_what_slack_does_not_take_now_it_takes_a_minute_later(board: Board) -> None:
    board.sandbox.fault("error", "chat.postMessage", error="internal_error")
    board.sandbox.fault("error", "pins.add", error="internal_error")
    board.lists.want(ADMIN)
    for _ in range(4):
        board.sweep()
        board.a_minute_later()
    assert len(board.shown()) == 1
    assert board.calls("pins.add") == 2
