"""What is known of an answer's sources, found where it is written down."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.citing import citations_of
from rag.domain import Answer, Chunk, Outcome, Passage
from workers.warnings import SourceWarnings


@pytest.fixture
def catalogue(engine: Engine) -> Catalogue:
    return Catalogue(engine, "T")


@pytest.fixture
def runs(engine: Engine) -> Runs:
    return Runs(engine, "T")


def passage(source_id: str, document_id: str, text: str = "25 days.", position: int = 1) -> Passage:
    title = document_id.removesuffix(".md")
    chunk = Chunk("T", source_id, document_id, position, title, (), text, "https://x.test/", frozenset())
    return Passage(chunk, 1.0, 1)


def answered(*passages: Passage) -> Answer:
    return Answer("25 days. [1]", Outcome.ANSWERED, citations_of(passages), passages)


def sync(runs: Runs, source_id: str, error: str | None) -> None:
    run = runs.request(source_id, "sync", "test")
    assert runs.claim(run.id, owner="o", lease_seconds=30)
    assert runs.finish(run.id, owner="o", report=None, error=error)


def test_the_source_that_could_not_be_read_last_time_is_told(catalogue: Catalogue, runs: Runs) -> None:
    bad, good = (
        catalogue.add_source(name, kind="folder", location="/", readers=["members"]).id for name in "ab"
    )
    answer = answered(passage(bad, "leave.md"), passage(good, "leave.md"))
    for source_id in (bad, good):
        sync(runs, source_id, None)
        catalogue.synced(source_id)
    sync(runs, bad, "It is away.")
    warned = SourceWarnings(runs).of(answer)
    assert [bool(citation.unread_since) for citation in warned.citations] == [True, False]
    read_at = next(status.synced_at for status in catalogue.overview() if status.source.id == bad)
    assert warned.citations[0].unread_since == read_at
    sync(runs, bad, None)
    assert SourceWarnings(runs).of(answer) == answer


def test_another_team_is_told_nothing(engine: Engine, catalogue: Catalogue, runs: Runs) -> None:
    source_id = catalogue.add_source("a", kind="folder", location="/", readers=["members"]).id
    sync(runs, source_id, "It is away.")
    assert set(runs.unread_since()) == {source_id}
    assert Runs(engine, "other").unread_since() == {}


@pytest.mark.parametrize(
    ("passages", "superseded"),
    [
        ([passage("s", "leave.md"), passage("s", "old.md", "This page is superseded.", 0)], [False, True]),
        (
            [passage("s", "new.md", "Replaces [the old one](old.md).", 0), passage("s", "old.md")],
            [False, True],
        ),
        ([passage("s", "leave 2019.md"), passage("s", "leave 2026.md")], [False, False]),
    ],
)
def test_a_page_that_does_not_hold_any_more_is_called_so(
    runs: Runs, passages: list[Passage], superseded: list[bool]
) -> None:
    dated = [
        replace(it, chunk=replace(it.chunk, updated_at=datetime(2026, 1, 1, tzinfo=UTC))) for it in passages
    ]
    warned = SourceWarnings(runs).of(answered(*dated))
    assert [citation.superseded for citation in warned.citations] == superseded
