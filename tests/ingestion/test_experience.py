"""What reading has cost here, from runs and documents as the database has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from ingestion.catalogue import Catalogue, documents
from ingestion.estimating import Estimate, estimated
from ingestion.experience import experience
from ingestion.kinds import Proposal
from ingestion.report import SyncReport
from ingestion.runs import Runs
from rag.database import open_database, transaction
from rag.settings import FetchSettings, Settings, StorageSettings

TEAM = "T1"
GIT = Proposal("git", "https://git.example/r.git", "r")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


def read(engine: Engine, kind: str, report: SyncReport, *, chunks: int, team: str = TEAM) -> None:
    """A source of which one sync told this, and of which each document has so many chunks."""
    catalogue, runs = Catalogue(engine, team), Runs(engine, team)
    name = f"{kind} {len(catalogue.sources())}"
    source = catalogue.add_source(name, kind=kind, location=name, readers={"members"})
    run = runs.request(source.id, "sync", "test")
    assert runs.claim(run.id, owner="me", lease_seconds=60)
    assert runs.finish(run.id, owner="me", report=report)
    rows = [
        {
            "source_id": source.id,
            "document_id": str(number),
            "team_id": team,
            "title": "",
            "url": "",
            "version": "",
            "layout": "",
            "chunks": chunks,
            "synced_at": 0.0,
            "failures": 0,
        }
        for number in range(report.added)
    ]
    if rows:
        with transaction(engine) as connection:
            connection.execute(insert(documents), rows)


def settings(pause: float = 0.0) -> Settings:
    return Settings(
        storage=StorageSettings(database_url="", team_id=TEAM), fetch=FetchSettings(pause_seconds=pause)
    )


def test_nothing_read_is_nothing_known(engine: Engine) -> None:
    assert experience(engine, TEAM, "git") is None
    read(engine, "git", SyncReport(added=5, embedded=9, seconds=5), chunks=2, team="T2")
    assert experience(engine, TEAM, "git") is None, "another team's is not ours"
    assert estimated(GIT, settings(), engine) == Estimate()


def test_its_own_kind_goes_before_others(engine: Engine) -> None:
    read(engine, "folder", SyncReport(added=10, embedded=50, seconds=100), chunks=5)
    other = experience(engine, TEAM, "git")
    assert other is not None
    assert (other.is_alike, other.chunks_per_document, other.seconds_per_document) == (False, 5, 10)
    read(engine, "git", SyncReport(added=4, embedded=8, seconds=2), chunks=2)
    own = experience(engine, TEAM, "git")
    assert own is not None
    assert (own.is_alike, own.documents) == (True, 4)
    assert (own.chunks_per_document, own.seconds_per_document, own.seconds_per_chunk) == (2, 0.5, 0.25)
    assert estimated(GIT, settings(), engine) == Estimate(None, 200, 50.0, 4, is_alike=True)


def test_syncs_that_found_nothing_new_say_nothing(engine: Engine) -> None:
    read(engine, "git", SyncReport(added=1, unchanged=500, embedded=1, seconds=300), chunks=2)
    read(engine, "git", SyncReport(unchanged=500, seconds=300), chunks=2)
    assert experience(engine, TEAM, "git") is None


def test_what_needed_no_embedding_has_no_time_a_chunk(engine: Engine) -> None:
    read(engine, "git", SyncReport(added=4, reused=8, seconds=2), chunks=2)
    known = experience(engine, TEAM, "git")
    assert known is not None
    assert known.seconds_per_chunk is None


def test_a_site_takes_no_less_than_the_pauses_between_its_pages(engine: Engine) -> None:
    read(engine, "folder", SyncReport(added=10, embedded=50, seconds=1), chunks=5)
    site = Proposal("web", "http://127.0.0.1:1/", "site")
    assert estimated(site, settings(pause=0.5), engine).seconds == 50.0
