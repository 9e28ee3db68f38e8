"""A rebuild is built aside and swapped: questions are answered all the while, from the old index or from the new one."""

import dataclasses
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine

from ingestion.performing import perform
from ingestion.reading import Reading, ReadingCutShort
from ingestion.rebuilding import request_if_needed
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.runs import AGAIN_SECONDS, ALL_SOURCES, Run
from ingestion.syncing import Tools
from rag.adapters.edge_generations import EdgeGenerations
from rag.adapters.identity import Identity
from rag.database import open_database
from rag.domain import Audience, Question
from rag.errors import ConfigError, EmbedderUnavailable
from rag.generations import every_index
from rag.ports import Embedder
from rag.serving import REBUILDING
from tests.ingestion.fakes import OpenReader, WordEmbedder
from tests.ingestion.test_runs import let_pass
from tests.ingestion.tooling import MEMBERS, TEAM, serving_of, tools_with

TEXTS = {"words of a", "words of b", "words of c"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def opened(tmp_path: Path, engine: Engine) -> Iterator[Callable[..., Tools]]:
    """Tools over the index of this test, as a process that has just started has them."""
    generations: list[EdgeGenerations] = []

    def start(embedder: Embedder, load: Callable[[Identity], Embedder] | None = None) -> Tools:
        while generations:
            generations.pop().close()
        generations.append(EdgeGenerations.open(tmp_path / "index"))
        return tools_with(engine, serving_of(generations[0], embedder, load=load), tmp_path)

    yield start
    while generations:
        generations.pop().close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pages(tmp_path / "docs")


def pages(folder: Path) -> Path:
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.md").write_text(f"# Page\n\nwords of {name}")
    return folder


def source_on(folder: Path, tools: Tools) -> RegisteredSource:
    source = tools.catalogue.add_source(folder.name, kind="folder", location=str(folder), readers=["members"])
    assert done(tools, source.id, "sync").state == "done"
    return source


def done(tools: Tools, source_id: str, action: str) -> Run:
    run = tools.runs.request(source_id, action, "test")  # type: ignore[arg-type]
    perform(run.id, owner=f"{action} {run.id}", tools=tools)
    found = tools.runs.get(run.id)
    assert found is not None
    return found


def asked(tools: Tools, audience: Audience = MEMBERS) -> tuple[str, set[str]]:
    """The model that answered, and the texts that it found."""
    model, *texts = tools.serving.answer(Question("words", audience)).text.split("\n")
    return model, set(texts)


def test_a_changed_model_builds_its_index_while_the_old_one_answers(
    opened: Callable[..., Tools], folder: Path
) -> None:
    source_on(folder, opened(WordEmbedder()))
    during: list[tuple[str, set[str]]] = []
    new = WordEmbedder(name="others", on_call=lambda: during.append(asked(tools)))
    tools = opened(new, load=lambda _: WordEmbedder())
    assert asked(tools) == ("words", TEXTS)
    assert not tools.serving.is_as_wanted
    request_if_needed(tools)
    [run] = tools.runs.waiting()
    assert (run.action, run.source_id) == ("rebuild", ALL_SOURCES)
    perform(run.id, owner="w", tools=tools)
    finished = tools.runs.get(run.id)
    assert finished is not None
    assert finished.report is not None
    assert (finished.state, finished.report.added + finished.report.changed, finished.report.chunks) == (
        "done",
        3,
        3,
    )
    assert during
    assert all(answer == ("words", TEXTS) for answer in during)
    assert asked(tools) == ("others", TEXTS)
    assert tools.serving.is_as_wanted
    request_if_needed(tools)
    assert tools.runs.waiting() == []
    again = done(tools, source_id(tools), "sync")
    assert again.report is not None
    assert (again.report.unchanged, again.report.embedded) == (3, 0)


def source_id(tools: Tools) -> str:
    return tools.catalogue.sources()[0].id


def test_a_model_that_is_gone_says_so_until_the_new_index_is_there(
    opened: Callable[..., Tools], folder: Path
) -> None:
    source_on(folder, opened(WordEmbedder()))

    def load(_: Identity) -> Embedder:
        raise ConfigError("EMBEDDING_MODEL names words, which could not be loaded.")

    folder.rename(folder.with_name("away"))  # so that all comes from the old index
    tools = opened(WordEmbedder(name="others"), load=load)
    assert asked(tools) == (REBUILDING, set())
    run = done(tools, ALL_SOURCES, "rebuild")
    assert run.report is not None
    assert [failure.reason for failure in run.report.failed] == [f"The folder {folder} is not there."]
    assert asked(tools) == ("others", TEXTS)


def test_what_is_away_during_a_rebuild_is_carried_over_and_what_is_gone_is_not(
    opened: Callable[..., Tools], folder: Path
) -> None:
    tools = opened(WordEmbedder())
    source_on(folder, tools)
    (folder / "a.md").unlink()
    other = pages(folder.with_name("others"))
    source_on(other, tools)
    other.rename(other.with_name("away"))
    tools = opened(WordEmbedder(name="new"), load=lambda _: WordEmbedder())
    assert done(tools, ALL_SOURCES, "rebuild").state == "done"
    [index] = every_index(tools.serving.generations)
    named = {source.name: source.id for source in tools.catalogue.sources()}
    assert index.document_ids(TEAM, named["docs"]) == {"b.md", "c.md"}
    assert index.document_ids(TEAM, named["others"]) == {"a.md", "b.md", "c.md"}


class Stumbling(OpenReader):
    """Does not get through page b."""

    def read(
        self, data: bytes, name: str, *, url: str, media_type: str | None = None, by_line: bool = False
    ) -> Reading:
        if name == "b.md":
            raise ReadingCutShort("took longer than 30 s to read")
        return super().read(data, name, url=url, media_type=media_type, by_line=by_line)


def test_a_document_that_could_not_be_read_this_time_is_carried_over(
    opened: Callable[..., Tools], folder: Path
) -> None:
    source_on(folder, opened(WordEmbedder()))
    tools = opened(WordEmbedder(name="new"), load=lambda _: WordEmbedder())
    stumbling = dataclasses.replace(tools, reader=lambda *_: nullcontext(Stumbling()))
    run = done(stumbling, ALL_SOURCES, "rebuild")
    assert run.report is not None
    assert [failure.document for failure in run.report.failed] == ["b.md"]
    assert asked(tools) == ("new", TEXTS)
    again = done(tools, source_id(tools), "sync").report
    assert again is not None
    assert (again.unchanged, again.changed, again.failed_count) == (2, 1, 0)


def test_a_rebuild_that_finds_a_service_away_goes_on_later(
    opened: Callable[..., Tools], folder: Path, engine: Engine
) -> None:
    source_on(folder, opened(WordEmbedder()))
    away = [True]

    def fail() -> None:
        if away.pop():
            raise EmbedderUnavailable("the model failed")

    tools = opened(WordEmbedder(name="new", on_call=fail), load=lambda _: WordEmbedder())
    run = done(tools, ALL_SOURCES, "rebuild")
    assert (run.state, run.error) == ("requested", "The model failed.")
    begun = tools.serving.generations.building()
    assert asked(tools) == ("words", TEXTS)
    away.append(False)
    let_pass(engine, AGAIN_SECONDS)
    assert done(tools, ALL_SOURCES, "rebuild").state == "done"
    assert tools.serving.generations.serving() == begun, "what was built is not built again"
    assert asked(tools) == ("new", TEXTS)


def test_a_rebuild_ends_a_removal_that_was_cut_short(opened: Callable[..., Tools], folder: Path) -> None:
    tools = opened(WordEmbedder())
    source = source_on(folder, tools)
    tools.catalogue.retire(source.id)
    assert done(tools, ALL_SOURCES, "rebuild").state == "done"
    assert tools.catalogue.sources() == []
    assert asked(tools)[1] == set()


def test_syncs_wait_for_a_rebuild_and_a_rebuild_for_syncs(opened: Callable[..., Tools], folder: Path) -> None:
    tools = opened(WordEmbedder())
    source = source_on(folder, tools)
    sync = tools.runs.request(source.id, "sync", "U1")
    assert tools.runs.claim(sync.id, owner="w1", lease_seconds=60)
    rebuild = tools.runs.request(ALL_SOURCES, "rebuild", "U1")
    assert tools.runs.waiting() == []
    tools.runs.release(sync.id, owner="w1")
    assert [run.action for run in tools.runs.waiting()] == ["rebuild"]
    assert tools.runs.claim(rebuild.id, owner="w2", lease_seconds=60)
    assert tools.runs.claim(sync.id, owner="w1", lease_seconds=60) is None
    readers = tools.runs.request(source.id, "readers", "U1")
    assert [run.id for run in tools.runs.waiting()] == [readers.id]
    tools.runs.cancel(rebuild.id)
    assert tools.runs.claim(sync.id, owner="w1", lease_seconds=60) is None, "its owner may still write"


def test_a_cancelled_rebuild_leaves_the_old_index_and_a_true_catalogue(
    opened: Callable[..., Tools], folder: Path
) -> None:
    source_on(folder, opened(WordEmbedder()))

    def cancel() -> None:
        tools.runs.cancel(run.id)
        (folder / "b.md").write_text("# Page\n\nwords of b anew")

    tools = opened(WordEmbedder(name="others", on_call=cancel), load=lambda _: WordEmbedder())
    run = tools.runs.request(ALL_SOURCES, "rebuild", "test")
    perform(run.id, owner="w", tools=tools)
    assert tools.serving.generations.building() is None
    assert asked(tools) == ("words", TEXTS)
    done(tools, source_id(tools), "sync")
    assert asked(tools) == ("words", TEXTS - {"words of b"} | {"words of b anew"})


def test_a_rebuild_that_was_cut_short_goes_on(opened: Callable[..., Tools], folder: Path) -> None:
    source_on(folder, opened(WordEmbedder()))
    pages(folder.with_name("others"))
    source_on(folder.with_name("others"), opened(WordEmbedder()))

    def die() -> None:
        if len(dying.batches) == 1:
            raise KeyboardInterrupt

    dying = WordEmbedder(name="new", on_call=die)
    tools = opened(dying, load=lambda _: WordEmbedder())
    run = tools.runs.request(ALL_SOURCES, "rebuild", "test")
    (folder / "a.md").write_text("# Page\n\nother words of a")
    (folder.with_name("others") / "a.md").write_text("# Page\n\nmore words of a")
    with pytest.raises(KeyboardInterrupt):
        perform(run.id, owner="w", tools=tools)
    first = dying.embedded
    second = WordEmbedder(name="new")
    tools = opened(second, load=lambda _: WordEmbedder())
    assert asked(tools)[0] == "words"
    perform(run.id, owner="w2", tools=tools)
    assert asked(tools)[0] == "new"
    assert first
    assert not set(first) & set(second.embedded), "nothing is embedded twice"


def test_a_model_set_back_gives_up_what_was_being_built(opened: Callable[..., Tools], folder: Path) -> None:
    source_on(folder, opened(WordEmbedder()))

    def die() -> None:
        raise KeyboardInterrupt

    tools = opened(WordEmbedder(name="new", on_call=die), load=lambda _: WordEmbedder())
    request_if_needed(tools)
    [run] = tools.runs.waiting()
    with pytest.raises(KeyboardInterrupt):
        perform(run.id, owner="w", tools=tools)
    tools = opened(WordEmbedder())
    assert tools.serving.generations.building() is not None
    request_if_needed(tools)
    assert tools.serving.generations.building() is None
    assert tools.runs.waiting() == []
    assert done(tools, source_id(tools), "sync").state == "done"
    assert asked(tools) == ("words", TEXTS)


def test_a_removal_during_a_rebuild_leaves_nothing(opened: Callable[..., Tools], folder: Path) -> None:
    """Twelve times, at a random moment, from another thread; and the same with a change of readers."""
    tools = opened(WordEmbedder(on_call=lambda: time.sleep(chance.random() / 200)))
    chance = random.Random(7)  # noqa: S311 - not for secrets
    source_on(folder, tools)
    other = pages(folder.with_name("others"))
    for turn in range(12):
        source = source_on(other, tools)
        rebuild = tools.runs.request(ALL_SOURCES, "rebuild", "test")
        building = Thread(target=perform, args=[rebuild.id], kwargs={"owner": f"w{turn}", "tools": tools})
        building.start()
        time.sleep(chance.random() / 20)
        if turn % 2:
            assert done(tools, source.id, "remove").state == "done"
        else:
            tools.catalogue.change_source(source.id, readers=["public"], options={})
            assert done(tools, source.id, "readers").state == "done"
            assert asked(tools, Audience(TEAM, frozenset({"public"})))[1] == TEXTS, (
                "for the very next question"
            )
        building.join()
        finished = tools.runs.get(rebuild.id)
        assert finished is not None
        assert (finished.state, finished.error) == ("done", None)
        [index] = every_index(tools.serving.generations)
        if turn % 2:
            assert index.count(TEAM, source.id) == 0
        else:
            readers = {
                it.chunk.readers for name in "abc" for it in index.export(TEAM, source.id, f"{name}.md")
            }
            assert readers == {frozenset({"public"})}
            done(tools, source.id, "remove")


def test_what_a_rebuild_writes_of_a_source_after_its_removal_goes_too(
    opened: Callable[..., Tools], folder: Path
) -> None:
    def remove() -> None:
        if any(it.id == source.id for it in tools.catalogue.sources()):
            assert done(tools, source.id, "remove").state == "done"
            Memory(tools.engine, source.id).put({"seen": 1})

    source = source_on(folder, opened(WordEmbedder()))
    tools = opened(WordEmbedder(name="new", on_call=remove), load=lambda _: WordEmbedder())
    assert done(tools, ALL_SOURCES, "rebuild").state == "done"
    [index] = every_index(tools.serving.generations)
    assert index.count(TEAM) == 0
    assert Memory(tools.engine, source.id).all() == {}


def test_readers_change_at_once_in_the_middle_of_a_sync(opened: Callable[..., Tools], folder: Path) -> None:
    at_work, go_on = Event(), Event()
    go_on.set()

    def in_the_middle() -> None:
        at_work.set()
        go_on.wait(10)

    tools = opened(WordEmbedder(on_call=in_the_middle))
    source = source_on(folder, tools)
    at_work.clear()
    go_on.clear()
    (folder / "a.md").write_text("# Page\n\nmore words of a")
    sync = tools.runs.request(source.id, "sync", "test")
    syncing = Thread(target=perform, args=[sync.id], kwargs={"owner": "w1", "tools": tools})
    syncing.start()
    assert at_work.wait(10)
    tools.catalogue.change_source(source.id, readers=["public"], options={})
    readers = tools.runs.request(source.id, "readers", "test")
    go_on.set()
    syncing.join()
    perform(readers.id, owner="w2", tools=tools)
    assert asked(tools)[1] == set()
    perform(sync.id, owner="w3", tools=tools)
    finished = tools.runs.get(sync.id)
    assert finished is not None
    assert finished.state == "done", "the sync is not lost"
    assert asked(tools)[1] == set()
    assert "more words of a" in asked(tools, Audience(TEAM, frozenset({"public"})))[1]


def test_questions_are_answered_through_rebuilds(opened: Callable[..., Tools], folder: Path) -> None:
    names = iter(f"model {number}" for number in range(100))
    tools = opened(WordEmbedder())
    source_on(folder, tools)
    stop = Event()

    def ask() -> list[set[str]]:
        answers = []
        while not stop.wait(0.02):
            answers.append(asked(tools)[1])
        return answers

    with ThreadPoolExecutor(1) as reader:
        answers = reader.submit(ask)
        try:
            for _ in range(6):
                new = WordEmbedder(name=next(names))
                tools.serving.embedder = new
                tools.serving.wanted = Identity.of(
                    new, chunking=tools.serving.wanted.chunking, model=new.name
                )
                assert done(tools, ALL_SOURCES, "rebuild").state == "done"
                assert asked(tools)[0] == new.name
        finally:
            stop.set()
        assert len(answers.result()) > 5
        assert all(found == TEXTS for found in answers.result())


_PROGRAM = """
import sys, time
from pathlib import Path
from ingestion.performing import perform
from ingestion.reading import Reading, ReadingCutShort
from rag.adapters.edge_generations import EdgeGenerations
from rag.database import open_database
from tests.ingestion.fakes import OpenReader, WordEmbedder
from tests.ingestion.test_runs import let_pass
from tests.ingestion.tooling import serving_of, tools_with
from tests.ingestion.test_rebuilding import asked
folder, name, delay = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
new = WordEmbedder(name=name, on_call=lambda: time.sleep(0.02))
generations = EdgeGenerations.open(folder / "index")
serving = serving_of(generations, new, load=lambda it: WordEmbedder(name=it.model))
tools = tools_with(engine, serving, folder)
tools.runs.free_all()
print("ready", flush=True)
for run in tools.runs.waiting():
    perform(run.id, owner=str(time.time()), tools=tools)
print(*asked(tools)[1], sep="|", flush=True)
"""


def test_a_rebuild_killed_anywhere_leaves_the_old_or_the_new(
    opened: Callable[..., Tools], folder: Path, tmp_path: Path
) -> None:
    tools = opened(WordEmbedder(name="model 0"))
    source_on(folder, tools)
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path), "model 1", "0"]
    tools.runs.request(ALL_SOURCES, "rebuild", "test")
    tools.serving.generations.close()
    for _ in range(2):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(random.random() / 8)  # noqa: S311 - a moment, not a secret
        child.kill()
        child.stdout.close()
        assert child.wait(10) == -signal.SIGKILL
        state = json.loads((tmp_path / "index" / "generations.json").read_text())
        assert state["serving"]["embedder"] in {"model 0", "model 1"}
    last = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert set(last.stdout.split("\n")[1].split("|")) == TEXTS
    assert asked(opened(WordEmbedder(name="model 1"))) == ("model 1", TEXTS)
