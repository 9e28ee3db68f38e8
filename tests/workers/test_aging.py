"""Answers that age: a line below once, whatever fails in between, and only where what was quoted is gone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine, update

from ingestion.catalogue import Catalogue, CataloguedDocument
from ingestion.runs import Runs
from rag.database import open_database
from rag.domain import Answer, Chunk, Citation, Outcome
from rag.ports import Index, Write
from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from workers.aging import Aging
from workers.asked import Incoming
from workers.attachments import ATTACHED
from workers.ledger import Ledger
from workers.replies import SlackReplies
from workers.showing import aged, shown
from workers.tables import answers

QUOTE = "Full-time employees have 25 days of **annual** leave."


@dataclass
class Pages:
    """An index of which only the text is asked."""

    texts: dict[str, str] = field(default_factory=dict)

    def export(self, team_id: str, source_id: str, document_id: str) -> list[Write]:
        chunk = Chunk(
            team_id, source_id, document_id, 0, "", (), self.texts.get(document_id, ""), "", frozenset()
        )
        return [Write(chunk, None)]


class World:
    """One answer about leave in #general, and the page that it rests on."""

    def __init__(self, engine: Engine, server: SandboxServer) -> None:
        self.engine, self.sandbox = engine, server.client
        self.client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
        self.ledger, self.pages = Ledger(engine), Pages()
        self.catalogue, self.runs = Catalogue(engine, "T"), Runs(engine, "T")
        self.source_id = self.catalogue.add_source("a", kind="folder", location="/", readers=["members"]).id
        self.aging = Aging(engine, "T", self.index, self.client)
        self.write("leave.md", QUOTE)

    @contextmanager
    def index(self) -> Iterator[Index]:
        yield cast("Index", self.pages)

    def write(self, document_id: str, text: str | None) -> None:
        """A sync that finds the page like this, or finds it gone."""
        run = self.runs.request(self.source_id, "sync", "test")
        assert self.runs.claim(run.id, owner="o", lease_seconds=30)
        if text is None:
            self.catalogue.forget(self.source_id, [document_id])
        else:
            self.pages.texts[document_id] = text
            self.catalogue.record(
                self.source_id, CataloguedDocument(document_id, "Leave", "https://x.test", text, "", 1)
            )
        assert self.runs.finish(run.id, owner="o", report=None, error=None)
        time.sleep(0.01)

    def answered(self, *, response_url: str | None = None, title: str = "Leave policy") -> Message | None:
        ts = self.sandbox.post("marco", "how many days?", channel="general")
        incoming = Incoming("T01FERNWAY", "C01GENERAL", ts, ts, "U01MARCO", "how many days?", response_url)
        quotes = ("Full-time employees have 25 days of annual leave.",)
        cited = Citation(1, "leave.md", title, (), "https://x.test/", quotes=quotes, source_id=self.source_id)
        answer = Answer("25 days. [1]", Outcome.ANSWERED, (cited,))
        self.question_id = self.ledger.accept(incoming).question_id
        claimed = self.ledger.claim(self.question_id, lease_seconds=30)
        assert claimed is not None
        replies = SlackReplies(self.client)
        self.ledger.store_answer(claimed, answer)
        posted = replies.finish(claimed, None, shown(self.question_id, incoming, answer))
        self.ledger.finish(claimed, posted)
        self.thread = ts
        return self.message()

    def message(self) -> Message | None:
        ours = [message for message in self.sandbox.thread("general", self.thread) if message.from_app]
        assert len(ours) < 2
        return ours[0] if ours else None

    def said(self) -> str:
        message = self.message()
        return message.as_text() if message else ""

    def sweep(self, times: int = 3) -> None:
        for _ in range(times):
            self.aging.sweep()

    def updates(self) -> int:
        return len(self.sandbox.calls("chat.update"))

    def later(self) -> None:
        """As if the time to the next try had passed."""
        with self.engine.begin() as connection:
            connection.execute(update(answers).values(aged_after=0))


@pytest.fixture
def world(tmp_path: Path, server: SandboxServer, sandbox: Sandbox) -> Iterator[World]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield World(engine, server)
    engine.dispose()


def test_a_quote_that_is_gone_is_said_under_the_answer_once(world: World) -> None:
    world.answered()
    before = world.updates()
    world.sweep()
    assert world.updates() == before, "nothing has changed"
    world.write("leave.md", QUOTE.replace("25", "28"))
    world.sweep()
    assert "25 days. [1]" in world.said()
    assert "⚠ “Leave policy” has changed since this answer (" in world.said()
    world.write("leave.md", "Nothing of it.")
    world.sweep()
    assert world.updates() == before + 1, "once"


def test_a_change_elsewhere_in_the_document_says_nothing(world: World) -> None:
    world.answered()
    before = world.updates()
    world.write("leave.md", f"A new line above.\n\n{QUOTE}\n\nAnd below.")
    world.write("other.md", "Something else.")
    world.sweep()
    assert world.updates() == before
    world.write("leave.md", "Gone.")
    world.sweep()
    assert "has changed" in world.said(), "a look that found nothing does not hide what comes after"


def test_a_document_that_is_gone_is_said_to_be(world: World) -> None:
    world.answered(title="<!channel> https://evil.example")
    world.write("leave.md", None)
    world.sweep()
    message = world.message()
    assert message is not None
    assert "not there any more" in message.as_text()
    assert message.pings() == []
    assert "//evil.example" not in str(message.blocks[-1])


def test_private_answers_and_withdrawn_questions_are_left_alone(world: World) -> None:
    world.answered(response_url="https://x.test/respond")
    before = world.updates()
    world.write("leave.md", None)
    world.sweep()
    assert world.updates() == before
    world.write("leave.md", QUOTE)
    world.answered()
    before = world.updates()
    world.ledger.withdraw("T01FERNWAY", "C01GENERAL", world.thread)
    world.write("leave.md", None)
    world.sweep()
    assert world.updates() == before


def test_a_message_that_was_deleted_stays_deleted(world: World) -> None:
    message = world.answered()
    assert message is not None
    world.sandbox.delete("ines", channel="general", ts=message.ts)
    world.write("leave.md", None)
    before = world.updates()
    world.sweep()
    world.later()
    world.sweep()
    assert world.message() is None
    assert world.updates() == before + 1, "it is not tried again"


def test_a_slack_that_is_away_is_tried_again_later_and_not_for_ever(world: World) -> None:
    world.answered()
    world.write("leave.md", None)
    world.sandbox.fault("http", "chat.update", count=None)
    before = world.updates()
    for _ in range(6):
        world.sweep()
        world.later()
    assert world.updates() == before + 3
    world.sandbox.clear_faults()


def test_what_failed_once_is_said_at_the_next_try(world: World) -> None:
    world.answered()
    world.write("leave.md", None)
    world.sandbox.fault("http", "chat.update")
    world.sweep()
    assert "not there" not in world.said()
    world.later()
    world.sweep()
    assert "not there" in world.said()


def test_each_sweep_says_it_under_one_answer(world: World) -> None:
    for _ in range(3):
        world.answered()
    before = world.updates()
    world.write("leave.md", None)
    for count in (1, 2, 3, 3):
        world.sweep(1)
        assert world.updates() == before + count


def test_the_line_names_a_few() -> None:
    incoming = Incoming("T", "C", "1", "1", "U", "q")
    message = shown("q", incoming, Answer("x", Outcome.ANSWERED))
    noted: dict[str, Any] = {"changed": list("abcde"), "gone": ["f"], "at": "2026-11-27T10:00:00+00:00"}

    assert [one["text"] for one in aged(message, noted).blocks[-1]["elements"]] == [
        "⚠ “a”, “b”, “c” and 2 more have changed since this answer (27 Nov). Ask again for the current text.",
        "⚠ “f” is not there any more (27 Nov). Ask again for what holds now.",
    ]


def test_a_file_that_came_with_the_question_does_not_age(world: World) -> None:
    world.source_id = ATTACHED
    world.answered()
    before = world.updates()
    world.source_id = world.catalogue.sources()[0].id
    world.write("other.md", "Something else.")
    world.sweep()
    assert world.updates() == before
