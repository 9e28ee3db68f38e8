"""Growing out is a copy: there and back the index holds the same, and the database the same rows."""

import uuid
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ingestion.catalogue import Catalogue
from ingestion.moving import move_database, move_index
from ingestion.report import Progress, SyncReport
from ingestion.runs import Runs
from rag.adapters.edge_generations import EdgeGenerations
from rag.adapters.identity import Identity
from rag.composition import index_folder, open_generations
from rag.database import open_database
from rag.domain import Chunk
from rag.errors import ConfigError
from rag.ports import Write
from rag.settings import IndexSettings, Settings, StorageSettings
from tests.ingestion.fakes import WordEmbedder
from tests.qdrant_server import Engine, handler

EMBEDDER = WordEmbedder()
TEAM = "T1"


@pytest.fixture
def server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(Engine(), ""))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def settings_in(folder: Path, url: str | None = None) -> Settings:
    return Settings(
        storage=StorageSettings(
            data_dir=folder, team_id=TEAM, database_url=f"sqlite:///{folder / 'footnote.db'}"
        ),
        index=IndexSettings(url=url, collection=f"c{uuid.uuid5(uuid.NAMESPACE_URL, str(folder)).hex[:6]}"),
    )


def filled(settings: Settings, number: int) -> list[Write]:
    generations = EdgeGenerations.open(index_folder(settings))
    index = generations.index(generations.begin(Identity.of(EMBEDDER, model="words"), "first"))
    for name in map(str, range(number)):
        chunks = [
            Chunk(
                TEAM,
                "s1",
                name,
                at,
                "T",
                ("T",),
                f"text {name} {at}",
                "https://x.test/",
                frozenset({"members"}),
            )
            for at in range(3)
        ]
        writes = [Write(chunk, EMBEDDER.embed_query(chunk.indexed_text)) for chunk in chunks]
        index.replace(TEAM, "s1", name, writes=writes, removed=[])
    generations.switch()
    generations.close()
    return held(settings)


def held(settings: Settings) -> list[Write]:
    generations = open_generations(settings.index, index_folder(settings))
    serving = generations.serving()
    assert serving is not None
    index = generations.index(serving)
    found = [it for name in sorted(index.document_ids(TEAM, "s1")) for it in index.export(TEAM, "s1", name)]
    generations.close()
    return found


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    engine = open_database(settings_in(tmp_path).storage.database_url)
    yield Runs(engine, TEAM)
    engine.dispose()


def test_there_and_back_holds_the_same(tmp_path: Path, server: str, runs: Runs) -> None:
    here, there = settings_in(tmp_path), settings_in(tmp_path, server)
    before = filled(here, 5)
    told: list[Progress] = []
    moved = move_index(here, server, runs=runs, told=told.append)
    assert (moved.what, moved.settings) == ("15 chunks", (f"INDEX_URL={server}",))
    assert told[-1].documents == 5
    assert same(held(there), before)
    told.clear()
    assert move_index(here, server, runs=runs, told=told.append) == moved
    assert told == [], "done twice, it changes nothing"
    generations = open_generations(there.index, index_folder(there))
    serving = generations.serving()
    assert serving is not None
    generations.index(serving).delete_document(TEAM, "s1", "0")
    generations.close()
    assert move_index(there, None, runs=runs, told=told.append).settings == ("INDEX_URL=",)
    assert same(held(here), before[3:])


def same(writes: list[Write], others: list[Write]) -> bool:
    return [it.chunk for it in writes] == [it.chunk for it in others] and all(
        list(it.vector or ()) == pytest.approx(list(its.vector or ()), abs=1e-6)
        for it, its in zip(writes, others, strict=True)
    )


def test_a_move_that_was_cut_short_goes_on(tmp_path: Path, server: str, runs: Runs) -> None:
    here, there = settings_in(tmp_path), settings_in(tmp_path, server)
    before = filled(here, 4)

    def interrupt(progress: Progress) -> None:
        if progress.documents == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_index(here, server, runs=runs, told=interrupt)
    generations = open_generations(there.index, index_folder(there))
    assert generations.serving() is None
    generations.close()
    move_index(here, server, runs=runs, told=lambda _: None)
    assert same(held(there), before)


def test_nothing_is_moved_under_a_running_bot(tmp_path: Path, server: str, runs: Runs) -> None:
    here = settings_in(tmp_path)
    filled(here, 1)
    bot = EdgeGenerations.open(index_folder(here))
    with pytest.raises(ConfigError, match=r"The bot is running on .*: stop it first"):
        move_index(here, server, runs=runs, told=lambda _: None)
    with pytest.raises(ConfigError, match="stop it first"):
        move_database(here, f"sqlite:///{tmp_path / 'other.db'}", runs=runs)
    bot.close()
    with pytest.raises(ConfigError, match="there already"):
        move_index(here, None, runs=runs, told=lambda _: None)


def test_all_rows_are_carried_to_postgresql_and_back(tmp_path: Path, postgresql_url: str, runs: Runs) -> None:
    settings = settings_in(tmp_path)
    engine = open_database(settings.storage.database_url)
    catalogue = Catalogue(engine, TEAM)
    source = catalogue.add_source("docs", kind="folder", location="/srv", readers=["members"])
    run = runs.request(source.id, "sync", "U1")
    runs.claim(run.id, owner="w", lease_seconds=60)
    runs.finish(run.id, owner="w", report=SyncReport(added=2))
    moved = move_database(settings, postgresql_url, runs=runs)
    assert moved.what == "2 rows"
    assert move_database(settings, postgresql_url, runs=runs) == moved
    theirs = open_database(postgresql_url)
    assert Catalogue(theirs, TEAM).sources() == [source]
    assert Runs(theirs, TEAM).latest() == runs.latest()
    there = Settings(
        storage=StorageSettings(data_dir=tmp_path, team_id=TEAM, database_url=postgresql_url),
        index=settings.index,
    )
    back = f"sqlite:///{tmp_path / 'back.db'}"
    assert move_database(there, back, runs=Runs(theirs, TEAM)).what == "2 rows"
    Catalogue(theirs, TEAM).add_source("more", kind="folder", location="/srv", readers=["members"])
    with pytest.raises(ConfigError, match="other sources already"):
        move_database(there, back, runs=Runs(theirs, TEAM))
    engine.dispose()
    theirs.dispose()
