"""Sources and documents are kept per team."""

import dataclasses
from datetime import UTC, datetime
from time import sleep

import pytest
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue, CataloguedDocument, Failing, SourceStatus
from ingestion.remembering import Memory
from rag.database import open_database
from rag.domain import Audience
from rag.errors import ConfigError, DatabaseUnavailable
from rag.techniques.routing import Described

PAGE = CataloguedDocument(
    id="hr/a.md",
    title="A",
    url="https://x.org/a",
    version="1",
    layout="2",
    chunks=3,
    updated_at=datetime(2024, 3, 2, 10, 30, tzinfo=UTC),
)


@pytest.fixture
def catalogue(engine: Engine) -> Catalogue:
    return Catalogue(engine, "T1")


def test_a_source_is_kept_as_registered(catalogue: Catalogue) -> None:
    added = catalogue.add_source(
        "docs", kind="folder", location="/srv", readers={"public"}, options={"base_url": "https://x.org"}
    )
    assert catalogue.source(added.id) == catalogue.source_named("docs") == added
    assert added.readers == frozenset({"public"})
    assert added.options == {"base_url": "https://x.org"}
    assert catalogue.source_named("other") is None


def test_a_name_is_given_once(engine: Engine, catalogue: Catalogue) -> None:
    catalogue.add_source("docs", kind="folder", location="/a", readers=["members"])
    with pytest.raises(ConfigError, match="called docs already"):
        catalogue.add_source("docs", kind="folder", location="/b", readers=["members"])
    Catalogue(engine, "T2").add_source("docs", kind="folder", location="/b", readers=["members"])


def test_documents_are_recorded_and_forgotten(catalogue: Catalogue) -> None:
    source = catalogue.add_source("docs", kind="folder", location="/a", readers=["members"])
    bad = CataloguedDocument("b.md", "b.md", "u", "1", "2", 0, failure="is empty", failures=1)
    for document in (PAGE, bad, PAGE):
        catalogue.record(source.id, document)
    assert catalogue.documents(source.id) == {"hr/a.md": PAGE, "b.md": bad}
    (status,) = catalogue.overview()
    assert (status.source, status.documents, status.chunks, status.failing) == (source, 2, 3, 1)
    assert catalogue.failing(source.id, limit=5) == [Failing("b.md", "b.md", "is empty", 1)]
    catalogue.forget(source.id, ["b.md", *(f"none{number}" for number in range(1200))])
    assert catalogue.documents(source.id) == {"hr/a.md": PAGE}


def test_when_documents_were_written_is_told_of_those_that_are_asked_for(
    engine: Engine, catalogue: Catalogue
) -> None:
    one, other = (
        catalogue.add_source(name, kind="folder", location=name, readers=["members"]) for name in ("a", "b")
    )
    elsewhere = Catalogue(engine, "T2").add_source("c", kind="folder", location="c", readers=["members"])
    for source in (one, other):
        catalogue.record(source.id, PAGE)
    Catalogue(engine, "T2").record(elsewhere.id, PAGE)
    asked = {(one.id, PAGE.id), (other.id, "none"), (elsewhere.id, PAGE.id)}
    assert list(catalogue.written(asked)) == [(one.id, PAGE.id)]
    assert catalogue.written(set()) == {}


def test_forgotten_versions_are_equal_to_none(catalogue: Catalogue) -> None:
    source = catalogue.add_source("docs", kind="folder", location="/a", readers=["members"])
    catalogue.record(source.id, PAGE)
    catalogue.forget_versions()
    assert catalogue.documents(source.id)["hr/a.md"].version == ""


def test_a_dropped_source_takes_its_documents_along(engine: Engine, catalogue: Catalogue) -> None:
    source = catalogue.add_source("docs", kind="folder", location="/a", readers=["members"])
    memory = Memory(engine, source.id)
    memory.put({"seen": 1})
    catalogue.record(source.id, PAGE)
    catalogue.retire(source.id)
    assert [it.state for it in catalogue.sources()] == ["removing"]
    for _ in range(2):
        catalogue.drop(source.id)
    assert catalogue.sources() == []
    assert catalogue.documents(source.id) == {}
    assert memory.all() == {}


def test_a_new_source_has_no_documents(catalogue: Catalogue) -> None:
    source = catalogue.add_source("docs", kind="folder", location="/a", readers=["members"])
    assert catalogue.overview() == [SourceStatus(source, 0, 0, 0, None, None, is_stale=False)]


def test_a_source_is_due_once_each_interval(engine: Engine, catalogue: Catalogue) -> None:
    often, rarely, never = (
        catalogue.add_source(name, kind="folder", location="/a", readers=["members"], every_seconds=every)
        for name, every in (("often", 0.05), ("rarely", 3600), ("never", None))
    )
    assert [often.every_seconds, rarely.every_seconds, never.every_seconds] == [0.05, 3600, None]
    assert catalogue.take_due() == []
    sleep(0.06)
    assert Catalogue(engine, "T2").take_due() == []
    assert catalogue.take_due() == [often.id]
    assert catalogue.take_due() == []
    catalogue.schedule(often.id, None)
    sleep(0.06)
    assert catalogue.take_due() == []


def test_a_source_that_misses_its_syncs_is_stale(catalogue: Catalogue) -> None:
    source = catalogue.add_source(
        "docs", kind="folder", location="/a", readers=["members"], every_seconds=0.2
    )
    assert [it.is_stale for it in catalogue.overview()] == [False]
    sleep(0.45)
    assert [it.is_stale for it in catalogue.overview()] == [True]
    catalogue.synced(source.id)
    (status,) = catalogue.overview()
    assert status.synced_at is not None and status.due_at is not None and not status.is_stale
    assert (status.due_at - status.synced_at).total_seconds() == pytest.approx(0.2, abs=0.05)


def test_a_source_that_is_being_removed_is_not_due(catalogue: Catalogue) -> None:
    source = catalogue.add_source(
        "docs", kind="folder", location="/a", readers=["members"], every_seconds=0.01
    )
    catalogue.retire(source.id)
    sleep(0.02)
    assert catalogue.take_due() == []


def test_teams_do_not_see_each_other(engine: Engine, catalogue: Catalogue) -> None:
    source = catalogue.add_source("docs", kind="folder", location="/a", readers=["members"])
    catalogue.record(source.id, PAGE)
    other = Catalogue(engine, "T2")
    assert other.sources() == []
    assert other.documents(source.id) == {}
    Memory(engine, source.id).put({"seen": 1})
    other.drop(source.id)
    assert Memory(engine, source.id).get("seen") == 1
    other.forget(source.id, [PAGE.id])
    other.forget_versions()
    assert catalogue.documents(source.id) == {"hr/a.md": PAGE}


def test_a_database_that_does_not_answer_is_unavailable(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE documents")
    with pytest.raises(DatabaseUnavailable):
        Catalogue(engine, "T1").overview()
    engine.dispose()


def test_sources_are_described_to_those_who_may_read_them(engine: Engine, catalogue: Catalogue) -> None:
    docs = catalogue.add_source("docs", kind="folder", location="/a", readers=["members"])
    board = catalogue.add_source("board", kind="folder", location="/b", readers=["channel:C9"])
    pages = [dataclasses.replace(PAGE, id=f"{n:02}", title=f"Title {n}\n") for n in range(20)]
    failed = CataloguedDocument("00-failed", "Failed", "u", "1", "2", 0, failure="is empty", failures=1)
    catalogue.record_all(docs.id, [*pages, failed])
    catalogue.record(board.id, PAGE)
    Catalogue(engine, "T2").add_source("docs", kind="folder", location="/a", readers=["members"])
    titles = "; ".join(f"Title {n}" for n in range(12))
    assert catalogue.described(Audience("T1", frozenset({"members"}))) == {docs.id: Described("docs", titles)}
    both = catalogue.described(Audience("T1", frozenset({"members", "channel:C9"})))
    assert both[board.id] == Described("board", "A")
    assert catalogue.described(Audience("T2", frozenset({"members"}))) == {}


def test_the_newest_titles_are_those_that_one_may_read(catalogue: Catalogue) -> None:
    for name, readers in (("open", "members"), ("closed", "channel:C1")):
        source = catalogue.add_source(name, kind="folder", location="/", readers={readers})
        for day in (1, 3, 2):
            updated = datetime(2026, 1, day, tzinfo=UTC)
            page = dataclasses.replace(PAGE, id=f"{name}{day}", title=f"{name} {day}", updated_at=updated)
            catalogue.record(source.id, page)
        empty = dataclasses.replace(PAGE, id="unread", title="unread", chunks=0)
        catalogue.record(source.id, empty)
    assert catalogue.newest({"public", "members"}, limit=2) == ["open 3", "open 2"]
    assert catalogue.newest({"channel:C1"}, limit=9) == ["closed 3", "closed 2", "closed 1"]
    assert catalogue.newest({"public"}, limit=9) == []


def test_a_paused_source_is_not_due_and_keeps_its_schedule(catalogue: Catalogue) -> None:
    added = catalogue.add_source("wiki", kind="web", location="x", readers={"members"}, every_seconds=0.0)
    assert catalogue.pause(added.id).is_paused
    assert catalogue.take_due() == []
    assert not catalogue.overview()[0].is_stale
    resumed = catalogue.resume(added.id)
    assert (resumed.is_paused, resumed.every_seconds) == (False, 0.0)
    assert catalogue.take_due() == [added.id]
