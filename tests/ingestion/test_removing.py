"""A source that is removed leaves nothing: not in a sync's way, not in a rebuild's, and not when it is cut short."""

import random
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from ingestion.performing import perform
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.runs import ALL_SOURCES
from ingestion.syncing import Tools
from rag.adapters.edge_generations import EdgeGenerations
from rag.database import open_database
from rag.generations import every_index
from tests.ingestion.fakes import MeteredIndex, WordEmbedder, Workbench
from tests.ingestion.tooling import TEAM, serving_of, tools_of, tools_with
from workers.syncing_job import SyncingJob

ROOT = Path(__file__).parents[2]
TRIALS = 3  # of the six ways, which ones is left to chance


def test_a_removal_that_races_with_a_sync_leaves_nothing(workbench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.md").write_text(f"# Page {number}\n\nSome words on {number}.")
    slow = MeteredIndex(workbench.index, lambda: sleep(0.002))
    tools = tools_of(workbench, tmp_path, index=slow)
    moments = random.Random(5)  # noqa: S311 - moments, not secrets
    for _ in range(20):
        source = workbench.catalogue.add_source(
            "docs", kind="folder", location=str(folder), readers=["public"]
        )
        run = workbench.runs.request(source.id, "sync", "U1")
        syncing = Thread(target=perform, args=(run.id,), kwargs={"owner": "w1", "tools": tools})
        syncing.start()
        sleep(moments.uniform(0, 0.15))
        removal = workbench.runs.request(source.id, "remove", "U1")
        end = monotonic() + 20
        while (found := workbench.runs.get(removal.id)) and not found.is_finished and monotonic() < end:
            perform(removal.id, owner="w2", tools=tools)
            sleep(0.01)
        syncing.join()
        assert found is not None
        assert found.state == "done"
        assert workbench.index.count("T1") == 0
        assert workbench.catalogue.documents(source.id) == {}
        assert workbench.catalogue.sources() == []


def test_a_sync_that_stood_still_while_its_source_was_removed_leaves_nothing(
    workbench: Workbench, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nSome words.")
    source = workbench.catalogue.add_source("docs", kind="folder", location=str(folder), readers=["public"])
    run = workbench.runs.request(source.id, "sync", "U1")
    others = tools_of(workbench, tmp_path)

    def stand_still() -> None:
        """So long that the lease runs out, in the moment before the index is written."""
        if workbench.embedder.batches and workbench.catalogue.source(source.id):
            removal = workbench.runs.request(source.id, "remove", "U2")
            workbench.runs.free_all()
            perform(removal.id, owner="w2", tools=others)
            assert workbench.catalogue.source(source.id) is None
            Memory(workbench.engine, source.id).put({"seen": 1})

    slow = tools_of(workbench, tmp_path, index=MeteredIndex(workbench.index, stand_still))
    perform(run.id, owner="w1", tools=slow)
    found = workbench.runs.get(run.id)
    assert found is not None
    assert found.state == "cancelled"
    assert is_left(slow, source) == []


_PROGRAM = """
import sys
from pathlib import Path
from sqlalchemy import event
from ingestion.performing import perform
from tests.ingestion.test_removing import opened
tools = opened(Path(sys.argv[1]))
(run,) = (run for run in tools.runs.waiting() if run.action == "remove")
event.listen(tools.engine, "commit", lambda _: print("step", flush=True))
perform(run.id, owner="killed", tools=tools)
print("done", flush=True)
sys.stdin.read()
"""


def opened(folder: Path) -> Tools:
    """As a process that has just started has them: whoever held the index before is gone."""
    engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
    generations = EdgeGenerations.open(folder / "index")
    embedder = WordEmbedder(on_call=lambda: sleep(0.01))
    tools = tools_with(engine, serving_of(generations, embedder), folder)
    tools.runs.free_all()
    return tools


def close(tools: Tools) -> None:
    tools.serving.generations.close()
    tools.engine.dispose()


def filled(folder: Path, tools: Tools, name: str) -> RegisteredSource:
    """A source of some documents, synced, that remembers something."""
    pages = folder / name
    pages.mkdir(exist_ok=True)
    for number in range(12):
        (pages / f"{number}.md").write_text(f"# Page {number}\n\nSome words on {number} of {name}.")
    source = tools.catalogue.add_source(name, kind="folder", location=str(pages), readers=["public"])
    run = tools.runs.request(source.id, "sync", "test")
    perform(run.id, owner="w", tools=tools)
    Memory(tools.engine, source.id).put({"seen": 1})
    assert every_index(tools.serving.generations)[-1].count(TEAM, source.id) == 12
    return source


def is_left(tools: Tools, source: RegisteredSource) -> list[object]:
    """Whatever there still is of the source, anywhere."""
    held = [index.count(TEAM, source.id) for index in every_index(tools.serving.generations)]
    remembered, known = Memory(tools.engine, source.id).all(), tools.catalogue.documents(source.id)
    return [it for it in (*held, remembered, known, tools.catalogue.source(source.id)) if it]


def killed(folder: Path, step: int) -> None:
    """Do what is asked for in a process that is killed soon after it wrote so many times into the database."""
    command = [sys.executable, "-c", _PROGRAM, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for _ in range(step):
            if child.stdout.readline() == b"done\n":
                break
        sleep(random.random() / 100)  # noqa: S311 - a moment, not a secret
        child.kill()
    assert child.returncode == -signal.SIGKILL


def begin_rebuild(tools: Tools, source: RegisteredSource) -> None:
    """As far as a rebuild was when its process ended: what it had built holds the source, too."""
    run = tools.runs.request(ALL_SOURCES, "rebuild", "test")
    [old] = every_index(tools.serving.generations)
    generations = tools.serving.generations
    new = generations.index(generations.begin(tools.serving.wanted, run.id))
    for document_id in old.document_ids(TEAM, source.id):
        writes = old.export(TEAM, source.id, document_id)
        new.replace(TEAM, source.id, document_id, writes=writes, removed=[])


def test_a_removal_killed_at_any_moment_is_completed_by_whoever_comes_next(tmp_path: Path) -> None:
    """Every other time in the midst of a rebuild, so that there are two indexes to take it out of."""
    tools = opened(tmp_path)
    kept = filled(tmp_path, tools, "kept")
    ways = random.sample(range(6), TRIALS)
    for trial in ways:
        source = filled(tmp_path, tools, "removed")
        if trial % 2:
            begin_rebuild(tools, source)
        tools.runs.request(source.id, "remove", "test")
        close(tools)
        killed(tmp_path, 2 + trial % 3)
        tools = opened(tmp_path)
        SyncingJob(tools)
        while waiting := tools.runs.waiting():
            perform(waiting[0].id, owner=f"next {trial}", tools=tools)
        assert is_left(tools, source) == []
        assert every_index(tools.serving.generations)[0].count(TEAM, kept.id) == 12
    close(tools)
