"""Two teams in one index, with sources and documents of the same names and ids: what is done for one leaves the other alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue, teams
from ingestion.performing import perform
from ingestion.rebuilding import REQUESTED_BY, give_up
from ingestion.registered import RegisteredSource
from ingestion.runs import ALL_SOURCES, Run, Runs
from ingestion.syncing import Tools, remove_source
from rag.adapters.edge_generations import EdgeGenerations
from rag.database import open_database
from rag.domain import Audience, Question
from rag.generations import every_index
from rag.ports import Embedder
from tests.ingestion.fakes import WordEmbedder
from tests.ingestion.tooling import serving_of, tools_with

ONE, OTHER = "T1", "T2"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def opened(tmp_path: Path, engine: Engine) -> Iterator[Callable[[Embedder], Tools]]:
    generations: list[EdgeGenerations] = []

    def start(embedder: Embedder) -> Tools:
        while generations:
            generations.pop().close()
        generations.append(EdgeGenerations.open(tmp_path / "index"))
        serving = serving_of(generations[0], embedder, load=lambda _: WordEmbedder())
        return tools_with(engine, serving, tmp_path)

    yield start
    while generations:
        generations.pop().close()


def of(team_id: str, tools: Tools) -> Tools:
    return replace(tools, runs=Runs(tools.engine, team_id), catalogue=Catalogue(tools.engine, team_id))


def done(tools: Tools, source_id: str, action: str) -> Run:
    run = tools.runs.request(source_id, action, "test")  # type: ignore[arg-type]
    perform(run.id, owner=run.id, tools=tools)
    found = tools.runs.get(run.id)
    assert found is not None
    assert found.state == "done"
    return found


def source_of(tools: Tools, folder: Path) -> RegisteredSource:
    """A page "leave.md" of the source "docs", which says whose it is."""
    team_id = tools.catalogue.team_id
    place = folder / team_id
    place.mkdir()
    (place / "leave.md").write_text(f"# Leave\n\nwords of {team_id}")
    source = tools.catalogue.add_source("docs", kind="folder", location=str(place), readers=["members"])
    done(tools, source.id, "sync")
    return source


def found_by(team_id: str, tools: Tools) -> list[str]:
    audience = Audience(team_id, frozenset({"members"}))
    return tools.serving.answer(Question("words", audience)).text.split("\n")[1:]


def test_the_same_document_of_both_is_two_and_each_finds_its_own(
    opened: Callable[[Embedder], Tools], tmp_path: Path
) -> None:
    tools = opened(WordEmbedder())
    for team_id in (ONE, OTHER):
        source_of(of(team_id, tools), tmp_path)
    assert teams(tools.engine) == [ONE, OTHER]
    assert found_by(ONE, tools) == ["words of T1"]
    assert found_by(OTHER, tools) == ["words of T2"]
    assert found_by("T3", tools) == []


def test_a_source_of_another_team_cannot_be_had_by_its_id(
    opened: Callable[[Embedder], Tools], tmp_path: Path
) -> None:
    tools = opened(WordEmbedder())
    mine, theirs = of(ONE, tools), of(OTHER, tools)
    source = source_of(theirs, tmp_path)
    assert mine.catalogue.source(source.id) is None
    assert mine.catalogue.documents(source.id) == {}
    assert mine.catalogue.described(Audience(OTHER, frozenset({"members"}))) == {}
    remove_source(source.id, mine)
    run = theirs.runs.request(source.id, "sync", "test")
    assert mine.runs.get(run.id) is None
    assert not mine.runs.cancel(run.id)
    perform(run.id, owner="w", tools=mine)
    assert [one.state for one in theirs.runs.waiting()] == ["requested"]
    assert found_by(OTHER, tools) == ["words of T2"]


def test_a_rebuild_for_one_keeps_what_the_other_has_and_has_it_read_again(
    opened: Callable[[Embedder], Tools], tmp_path: Path
) -> None:
    tools = opened(WordEmbedder())
    sources = {team_id: source_of(of(team_id, tools), tmp_path) for team_id in (ONE, OTHER)}
    tools = opened(WordEmbedder(name="others"))
    done(of("default", tools), ALL_SOURCES, "rebuild")
    assert tools.serving.answer(Question("words", Audience(ONE, frozenset()))).text == "others"
    [index] = every_index(tools.serving.generations)
    for team_id, source in sources.items():
        assert found_by(team_id, tools) == [f"words of {team_id}"]
        assert index.document_ids(team_id, source.id) == {"leave.md"}
        asked = of(team_id, tools).runs.latest()[source.id]
        assert (asked.action, asked.state, asked.requested_by) == ("sync", "requested", REQUESTED_BY)
        perform(asked.id, owner="w", tools=of(team_id, tools))
        again = tools.runs if team_id == ONE else of(team_id, tools).runs
        finished = again.get(asked.id)
        assert finished is not None
        assert finished.report is not None
        assert finished.report.embedded == 0


def test_what_the_other_removes_while_it_is_rebuilt_stays_gone(
    opened: Callable[[Embedder], Tools], tmp_path: Path
) -> None:
    tools = opened(WordEmbedder())
    source_of(of(ONE, tools), tmp_path)
    theirs = source_of(of(OTHER, tools), tmp_path)
    gone: list[str] = []

    def remove_once() -> None:
        if not gone:
            gone.append(theirs.id)
            remove_source(theirs.id, of(OTHER, tools))

    tools = opened(WordEmbedder(name="others", on_call=remove_once))
    done(of(ONE, tools), ALL_SOURCES, "rebuild")
    assert gone
    assert found_by(OTHER, tools) == []
    assert found_by(ONE, tools) == ["words of T1"]


def test_nobody_syncs_while_anybody_rebuilds(opened: Callable[[Embedder], Tools], tmp_path: Path) -> None:
    tools = opened(WordEmbedder())
    mine, theirs = of(ONE, tools), of(OTHER, tools)
    source = source_of(theirs, tmp_path)
    rebuild = mine.runs.request(ALL_SOURCES, "rebuild", "test")
    sync = theirs.runs.request(source.id, "sync", "test")
    assert theirs.runs.waiting() == []
    assert theirs.runs.claim(sync.id, owner="w", lease_seconds=60) is None
    assert mine.runs.cancel(rebuild.id)
    assert [run.id for run in theirs.runs.waiting()] == [sync.id]


def test_a_rebuild_that_is_given_up_leaves_nobodys_catalogue_wrong(
    opened: Callable[[Embedder], Tools], tmp_path: Path
) -> None:
    tools = opened(WordEmbedder())
    source_of(of(ONE, tools), tmp_path)
    source_of(of(OTHER, tools), tmp_path)
    tools.serving.generations.begin(tools.serving.wanted, "a run of T1")
    give_up(of(OTHER, tools))
    for team_id in (ONE, OTHER):
        [source] = of(team_id, tools).catalogue.sources()
        assert {it.version for it in of(team_id, tools).catalogue.documents(source.id).values()} == {""}
