"""A run ends as done, failed or cancelled, and says so in a sentence."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingestion.catalogue import CataloguedDocument
from ingestion.performing import perform
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.report import Progress
from ingestion.runs import AGAIN_SECONDS, ATTEMPTS, Run
from ingestion.syncing import Tools
from rag.domain import Chunk
from rag.errors import EmbedderUnavailable, IndexUnavailable
from rag.ports import Write
from rag.settings import FetchSettings, NotionSettings, Settings
from tests.ingestion.fakes import MeteredIndex, WordEmbedder, Workbench
from tests.ingestion.sources.api import Call, Service, serving
from tests.ingestion.test_runs import let_pass
from tests.ingestion.tooling import tools_of
from workers.syncing_job import SyncingJob


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


def test_a_service_that_is_away_is_waited_for(workbench: Workbench, run: Run) -> None:
    def fail() -> None:
        raise EmbedderUnavailable("the model failed")

    put_off = after(run, workbench, embedder=WordEmbedder(on_call=fail))
    assert (put_off.state, put_off.error) == ("requested", "The model failed.")
    assert after(run, workbench) == put_off, "not at once"
    let_pass(workbench.engine, AGAIN_SECONDS)
    done = after(run, workbench)
    assert (done.state, done.error) == ("done", None)


def test_a_service_that_stays_away_is_a_sentence(workbench: Workbench, run: Run) -> None:
    def fail() -> None:
        raise IndexUnavailable("the index is away")

    away = MeteredIndex(workbench.index, fail)
    for _ in range(ATTEMPTS):
        failed = after(run, workbench, index=away)
        let_pass(workbench.engine, AGAIN_SECONDS * ATTEMPTS)
    assert (failed.state, failed.error) == ("failed", "The index is away.")


def test_a_removal_is_tried_until_it_is_done(workbench: Workbench, run: Run) -> None:
    def fail() -> None:
        raise IndexUnavailable("the index is away")

    after(run, workbench)
    removal = workbench.runs.request(run.source_id, "remove", "U1")
    for _ in range(ATTEMPTS + 2):
        assert after(removal, workbench, index=MeteredIndex(workbench.index, fail)).state == "requested"
        let_pass(workbench.engine, AGAIN_SECONDS * ATTEMPTS)
    assert after(removal, workbench).state == "done"
    assert nothing_is_left(workbench, run.source_id)


class GoneNotion(Service):
    """Notion that no longer shows us the page."""

    def answer(self, call: Call) -> Any:
        return {"results": [], "has_more": False} if call.path.endswith("/search") else None


@pytest.fixture
def gone(workbench: Workbench) -> RegisteredSource:
    """A source that was synced before its page was taken from us."""
    source = workbench.catalogue.add_source("notes", kind="notion", location="0" * 32, readers=["members"])
    Memory(workbench.engine, source.id).put({"root": "0" * 32})
    chunk = Chunk("T1", source.id, "page", 0, "T", (), "what we may not hold", "https://x/", source.readers)
    vector = workbench.embedder.embed_query(chunk.indexed_text)
    workbench.index.replace("T1", source.id, "page", writes=[Write(chunk, vector)], removed=[])
    workbench.catalogue.record(source.id, CataloguedDocument("page", "T", "https://x/", "1", "1", 1))
    return source


def notion_at(service: Service, tools: Tools) -> Tools:
    notion = NotionSettings(token=SecretStr("t"), api_url=service.url)
    fetch = FetchSettings(trusted_hosts="127.0.0.1", pause_seconds=0)
    return replace(tools, settings=Settings(storage=tools.settings.storage, notion=notion, fetch=fetch))


def nothing_is_left(workbench: Workbench, source_id: str) -> bool:
    return (
        workbench.index.count("T1", source_id) == 0
        and workbench.catalogue.source(source_id) is None
        and workbench.catalogue.documents(source_id) == {}
        and Memory(workbench.engine, source_id).all() == {}
    )


def test_a_source_that_is_gone_is_removed_and_said_so(
    workbench: Workbench, gone: RegisteredSource, tmp_path: Path
) -> None:
    run = workbench.runs.request(gone.id, "sync", "U1")
    with serving(service := GoneNotion()):
        perform(run.id, owner="w1", tools=notion_at(service, tools_of(workbench, tmp_path)))
    found = workbench.runs.get(run.id)
    assert found is not None
    assert found.error == (
        "Notion no longer shows the page to the bot: it was deleted, or is not shared any more."
    )
    assert found.state == "failed"
    assert nothing_is_left(workbench, gone.id)


@pytest.mark.parametrize("error", [IndexUnavailable("away"), KeyboardInterrupt()])
def test_a_removal_of_what_is_gone_that_was_cut_short_is_completed_by_the_next_try(
    workbench: Workbench, gone: RegisteredSource, tmp_path: Path, error: BaseException
) -> None:
    def fail() -> None:
        source = workbench.catalogue.source(gone.id)
        if source is not None and source.state == "removing":
            raise error

    run = workbench.runs.request(gone.id, "sync", "U1")
    cut_short = tools_of(workbench, tmp_path, index=MeteredIndex(workbench.index, fail))
    with serving(service := GoneNotion()), suppress(KeyboardInterrupt):
        perform(run.id, owner="w1", tools=notion_at(service, cut_short))
    assert not nothing_is_left(workbench, gone.id)
    let_pass(workbench.engine, AGAIN_SECONDS)
    failed = after(run, workbench)
    assert (failed.state, failed.error) == ("failed", "The source notes was removed meanwhile.")
    assert nothing_is_left(workbench, gone.id)


def test_a_removal_that_was_given_up_is_asked_for_again_at_the_next_start(
    workbench: Workbench, run: Run, tmp_path: Path
) -> None:
    after(run, workbench)
    workbench.catalogue.retire(run.source_id)
    SyncingJob(tools_of(workbench, tmp_path))
    [removal] = workbench.runs.waiting()
    assert after(removal, workbench).state == "done"
    assert nothing_is_left(workbench, run.source_id)


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
