"""What people verified in a conversation: listed from our own record, and never for more people than the conversation's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.fetching import Fetcher
from ingestion.parsing import parse
from ingestion.remembering import Memory
from ingestion.sources import Means, Original, Skipped, Source, Unlisted, open_source
from ingestion.sources.answers import readers_of
from ingestion.sources.slack_notes import Change, Notes
from ingestion.verified import Verified, VerifiedAnswers
from rag.database import open_database
from rag.domain import MEMBERS, PUBLIC
from rag.errors import SourceUnavailable
from rag.settings import FetchSettings, Settings, SlackSettings
from sandbox.client import Sandbox
from sandbox.server import SandboxServer

GENERAL = "C01GENERAL"
OPEN = frozenset({MEMBERS, f"channel:{GENERAL}"})
SAID = Verified(
    'Who has: the "key"?\n---',
    "Ask **Hanna**.",
    "https://x.example/p1",
    "U1",
    "Hanna",
    date(2027, 5, 1),
    "U2",
)


class Shelf:
    """A source of answers, and what is kept in it."""

    def __init__(self, server: SandboxServer, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.answers = VerifiedAnswers(engine)
        self.catalogue = Catalogue(engine, "T")
        self.source = self.catalogue.add_source("answers", kind="answers", location=GENERAL, readers=OPEN)
        self.notes = Notes(Memory(engine, self.source.id))
        slack = SlackSettings(
            bot_token=server.bot_token, app_token=server.app_token, api_url=server.api_url, timeout_seconds=3
        )
        self._settings = Settings(slack=slack)
        self._folder = folder

    def opened(self, readers: frozenset[str] = OPEN) -> Source:
        means = Means(
            self._settings,
            Fetcher(FetchSettings()),
            Memory(self.engine, self.source.id),
            self._folder,
            partial(self.answers.of_source, self.source.id),
        )
        return open_source(replace(self.source, readers=readers), means)

    def listed(self, *, readers: frozenset[str] = OPEN) -> list[Original | Skipped | Unlisted]:
        return [*self.opened(readers).originals()]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    server.client.reset()
    return server.client


@pytest.fixture
def shelf(server: SandboxServer, sandbox: Sandbox, tmp_path: Path) -> Iterator[Shelf]:
    engine = open_database(f"sqlite:///{tmp_path / 'shelf.db'}")
    yield Shelf(server, engine, tmp_path)
    engine.dispose()


def test_an_answer_is_a_document_with_its_question_as_title(shelf: Shelf) -> None:
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    [original] = shelf.listed()
    assert isinstance(original, Original)
    assert (original.url, original.author) == (SAID.url, "Hanna")
    assert original.review_at == datetime(2027, 5, 1, tzinfo=UTC)
    parsed = parse(original.read(), original.name, original.media_type)
    assert parsed.title == 'Who has: the "key"? ---'
    assert parsed.text.strip() == SAID.answer


def test_saved_again_it_is_the_same_document_in_a_new_version(shelf: Shelf) -> None:
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    [before] = shelf.listed()
    shelf.answers.save(shelf.source.id, "1.1", replace(SAID, answer="Ask Jo."))
    [after] = shelf.listed()
    assert isinstance(before, Original)
    assert isinstance(after, Original)
    assert after.id == before.id
    assert after.version != before.version
    assert b"Ask Jo." in after.read()


def test_when_all_are_deleted_the_source_is_empty_and_not_away(shelf: Shelf) -> None:
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    assert shelf.answers.delete(shelf.source.id, "1.1")
    assert not shelf.answers.delete(shelf.source.id, "1.1")
    assert [type(it) for it in shelf.listed()] == [Skipped]


def test_what_is_saved_while_the_record_is_read_makes_another_sync(shelf: Shelf) -> None:
    before, meanwhile = Change("1.1", "5.0"), Change("1.2", "6.0")
    shelf.notes.changed(before)
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    for _ in shelf.opened().originals():
        shelf.notes.changed(meanwhile)
    assert shelf.notes.changes() == [meanwhile]


@pytest.mark.parametrize("readers", [OPEN | {PUBLIC}, OPEN | {"channel:C01ASK"}, frozenset({PUBLIC})])
def test_nobody_outside_the_conversation_is_let_in(shelf: Shelf, readers: frozenset[str]) -> None:
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    with pytest.raises(SourceUnavailable):
        shelf.listed(readers=readers)
    assert shelf.notes.is_found_private(), "who follows the notes makes it narrower"


@pytest.mark.parametrize("change", [{"kind": "private"}, {"is_ext_shared": True}])
def test_a_channel_that_is_not_public_any_more_is_not_read_by_all(
    shelf: Shelf, sandbox: Sandbox, change: dict[str, object]
) -> None:
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    sandbox.change_channel("general", **change)
    with pytest.raises(SourceUnavailable):
        shelf.listed()
    assert len(shelf.listed(readers=frozenset({f"channel:{GENERAL}"}))) == 1


def test_one_that_is_not_shown_any_more_is_not_read_by_all(shelf: Shelf, sandbox: Sandbox) -> None:
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    sandbox.leave("footnote", "general")
    assert len(shelf.listed()) == 1, "a public channel is shown to those outside, too"
    sandbox.change_channel("general", kind="private")
    with pytest.raises(SourceUnavailable):
        shelf.listed()
    assert shelf.notes.is_found_private()


def test_with_the_source_its_answers_go(shelf: Shelf) -> None:
    shelf.answers.save(shelf.source.id, "1.1", SAID)
    shelf.catalogue.drop(shelf.source.id)
    assert shelf.answers.of_source(shelf.source.id) == []


@pytest.mark.parametrize(
    ("conversation", "readers"),
    [
        ({"is_private": False}, {"channel:C1", MEMBERS}),
        ({"is_private": True}, {"channel:C1"}),
        ({}, {"channel:C1"}),
        ({"is_private": False, "is_im": True}, {"channel:C1"}),
        ({"is_private": False, "is_mpim": True}, {"channel:C1"}),
        ({"is_private": False, "is_ext_shared": True}, {"channel:C1"}),
        ({"is_private": False, "is_pending_ext_shared": True}, {"channel:C1"}),
    ],
)
def test_who_reads_a_conversation_reads_its_answers(conversation: dict[str, bool], readers: set[str]) -> None:
    assert readers_of({"id": "C1", **conversation}) == readers
