"""A run ends as done, failed or cancelled, and says so in a sentence."""

from pathlib import Path

import pytest

from ingestion.performing import perform
from ingestion.report import Progress
from ingestion.runs import Run
from rag.errors import EmbedderUnavailable
from tests.ingestion.fakes import MeteredIndex, WordEmbedder, Workbench
from tests.ingestion.tooling import tools_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nSome words on {name}.")
    return folder


@pytest.fixture
def run(workbench: Workbench, folder: Path) -> Run:
    source = workbench.catalogue.add_source("docs", kind="folder", location=str(folder), readers=["members"])
    return workbench.runs.request(source.id, "sync", "U1")


def after(run: Run, workbench: Workbench, **parts: object) -> Run:
    """The run once it was performed; `index` and `embedder` can be other than the workbench's."""
    told = parts.pop("on_progress", lambda _: None)
    tools = tools_of(workbench, Path(workbench.engine.url.database or ".").parent, **parts)  # type: ignore[arg-type]
    perform(run.id, owner="w1", tools=tools, on_progress=told)  # type: ignore[arg-type]
    found = workbench.runs.get(run.id)
    assert found is not None
    return found


def test_a_sync_is_done_and_reported(workbench: Workbench, run: Run) -> None:
    told: list[Progress] = []
    done = after(run, workbench, on_progress=told.append)
    assert (done.state, done.error) == ("done", None)
    assert done.report is not None
    assert (done.report.added, done.report.chunks) == (2, 2)
    assert done.progress is not None
    assert told[-1] == Progress(documents=2, total=2, embedded=2)


def test_a_run_is_performed_once(workbench: Workbench, run: Run) -> None:
    done = after(run, workbench)
    workbench.embedder.batches.clear()
    assert after(run, workbench) == done
    assert workbench.embedder.batches == []


def test_a_failure_is_a_sentence(workbench: Workbench, run: Run, folder: Path) -> None:
    folder.rename(folder.with_name("gone"))
    failed = after(run, workbench)
    assert (failed.state, failed.error) == ("failed", f"The folder {folder} is not there.")


def test_a_service_that_is_away_is_a_sentence(workbench: Workbench, run: Run) -> None:
    def fail() -> None:
        raise EmbedderUnavailable("the model failed")

    assert after(run, workbench, embedder=WordEmbedder(on_call=fail)).error == "The model failed."


def test_a_fault_of_ours_does_not_show_its_text(workbench: Workbench, run: Run) -> None:
    def fail() -> None:
        raise RuntimeError("secret")

    failed = after(run, workbench, embedder=WordEmbedder(on_call=fail))
    assert failed.error == "An error that should not happen ended it (RuntimeError); the log says more."


def test_an_interrupted_run_can_be_taken_up_at_once(workbench: Workbench, run: Run) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        after(run, workbench, embedder=WordEmbedder(on_call=interrupt))
    assert [it.id for it in workbench.runs.waiting()] == [run.id]
    assert after(run, workbench).state == "done"


def test_a_cancelled_run_stops(workbench: Workbench, run: Run) -> None:
    stopping = MeteredIndex(workbench.index, lambda: bool(workbench.runs.cancel(run.id)) and None)
    assert after(run, workbench, index=stopping).state == "cancelled"
    assert workbench.index.count("T1") == 0


def test_a_removal_goes_before_a_sync_and_leaves_nothing(workbench: Workbench, run: Run) -> None:
    after(run, workbench)
    removal = workbench.runs.request(run.source_id, "remove", "U1")
    assert after(removal, workbench).state == "done"
    assert workbench.index.count("T1") == 0
    assert workbench.catalogue.sources() == []


def test_a_removal_that_was_done_but_not_said_to_be_is_done(workbench: Workbench, run: Run) -> None:
    removal = workbench.runs.request(run.source_id, "remove", "U1")
    workbench.catalogue.drop(run.source_id)
    assert after(removal, workbench).state == "done"
