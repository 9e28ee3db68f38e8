"""What a sync leaves behind, whatever happened to the source, to the documents and to the process."""

from collections.abc import Callable
from itertools import count

import pytest

from ingestion import pipeline
from ingestion.registered import RegisteredSource
from ingestion.report import Failure, Progress, SyncReport
from ingestion.sources import Skipped, Unlisted
from rag.domain import Audience
from rag.errors import SourceUnavailable
from tests.ingestion.fakes import Crash, MeteredIndex, Shelf, WordEmbedder, Workbench, dies_at

LONG = " ".join(f"word{number}" for number in range(150))
PAGES = {
    "leave": f"# Leave\n\nThirty days a year.\n\n## Sick leave\n\n{LONG}",
    "travel": "# Travel\n\nBook by train.",
    "pay": "# Pay\n\nPaid on the 25th.",
}


@pytest.fixture
def registered(workbench: Workbench) -> RegisteredSource:
    return workbench.catalogue.add_source("handbook", kind="shelf", location="-", readers=["members"])


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(**PAGES)


Sync = Callable[..., SyncReport]


@pytest.fixture
def sync(workbench: Workbench, shelf: Shelf, registered: RegisteredSource) -> Sync:
    def run(source: RegisteredSource = registered, **parts: object) -> SyncReport:
        standard = {"embedder": workbench.embedder, "index": workbench.index, "progress": lambda _: None}
        return pipeline.sync(shelf, source, catalogue=workbench.catalogue, **(standard | parts))  # type: ignore[arg-type]

    return run


def held(workbench: Workbench, source: RegisteredSource) -> dict[str, dict[str, str]]:
    """Per document, the payload hashes by point id: all that is in the index of the source."""
    ids = workbench.index.document_ids("T1", source.id)
    return {
        document_id: {
            point: stored.payload_hash
            for point, stored in workbench.index.stored("T1", source.id, document_id).items()
        }
        for document_id in sorted(ids)
    }


def test_a_first_sync_adds_everything(workbench: Workbench, sync: Sync, registered: RegisteredSource) -> None:
    report = sync()
    assert (report.added, report.failed_count, report.deleted) == (3, 0, 0)
    assert report.chunks == report.embedded == workbench.index.count("T1", registered.id)
    documents = workbench.catalogue.documents(registered.id)
    assert {it.title: it.chunks for it in documents.values()} == {"Leave": 4, "Travel": 1, "Pay": 1}


def test_small_documents_share_a_batch(workbench: Workbench, sync: Sync) -> None:
    sync()
    assert [len(batch) for batch in workbench.embedder.batches] == [6]


def test_what_is_unchanged_is_not_even_read(workbench: Workbench, shelf: Shelf, sync: Sync) -> None:
    sync()
    shelf.read.clear()
    report = sync()
    assert (report.unchanged, report.embedded, shelf.read) == (3, 0, [])
    assert report.chunks == 6


def test_only_new_text_is_embedded(workbench: Workbench, shelf: Shelf, sync: Sync) -> None:
    sync()
    workbench.embedder.batches.clear()
    shelf.texts["leave.md"] = PAGES["leave"] + f"\n\n## Parental leave\n\n{LONG[::-1]}"
    report = sync()
    assert (report.changed, report.unchanged) == (1, 2)
    assert workbench.embedder.embedded
    assert all("Parental leave" in text for text in workbench.embedder.embedded)


def test_text_that_moves_keeps_its_vector(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    shelf.texts = {"a.md": f"# T\n\n## One\n\n{LONG}\n\n## Two\n\n{LONG}"}
    sync()
    before = held(workbench, registered)["a.md"]
    workbench.embedder.batches.clear()
    shelf.texts = {"a.md": f"# T\n\n## Two\n\n{LONG}\n\n## One\n\n{LONG}"}
    assert sync().embedded == 0
    after = held(workbench, registered)["a.md"]
    assert after.keys() == before.keys()
    assert after != before  # their places changed


def test_a_removed_document_leaves_nothing(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    del shelf.texts["pay.md"]
    assert sync().deleted == 1
    assert held(workbench, registered).keys() == {"leave.md", "travel.md"}
    assert workbench.catalogue.documents(registered.id).keys() == {"leave.md", "travel.md"}


def test_new_readers_are_written_without_embedding(
    workbench: Workbench, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    public = RegisteredSource(registered.id, "T1", "handbook", "shelf", "-", frozenset({"public"}))
    assert (report := sync(public)).changed == 3
    assert report.embedded == 0
    query = workbench.embedder.embed_query("pay")
    guests = Audience("T1", frozenset({"public"}))
    assert len(workbench.index.search("pay", query, audience=guests, limit=9).dense) == 6


def test_another_model_reads_everything_again(workbench: Workbench, sync: Sync) -> None:
    sync()
    assert sync(embedder=WordEmbedder(max_tokens=48)).changed == 3


def test_a_version_that_cannot_be_read_takes_the_old_chunks_away(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    shelf.texts["pay.md"] = b"%PDF-1.7"
    for _ in range(2):  # the second time it is not even read
        report = sync()
        assert report.failed == [Failure(document="pay.md", reason="is a PDF file, not text")]
        assert report.unchanged == 2
        assert held(workbench, registered).keys() == {"leave.md", "travel.md"}
    assert shelf.read.count("pay.md") == 2
    shelf.texts["pay.md"] = PAGES["pay"]
    assert sync().failed == []
    assert "pay.md" in held(workbench, registered)


def test_an_empty_document_is_skipped(shelf: Shelf, sync: Sync) -> None:
    shelf.texts["pay.md"] = "---\ntitle: Pay\n---\n"
    report = sync()
    assert (report.added, report.failed_count) == (2, 0)
    assert report.skipped == {"documents where one holds no text": 1}
    assert sync().unchanged == 3


def test_what_cannot_be_fetched_now_keeps_its_chunks(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    before = held(workbench, registered)
    shelf.texts["pay.md"] = SourceUnavailable("cannot be read: permission denied")
    for _ in range(2):
        assert [it.reason for it in sync().failed] == ["cannot be read: permission denied"]
    assert held(workbench, registered) == before
    assert workbench.catalogue.documents(registered.id)["pay.md"].failures == 2
    shelf.texts["pay.md"] = PAGES["pay"]
    report = sync()
    assert (report.failed_count, report.embedded) == (0, 0)
    assert workbench.catalogue.documents(registered.id)["pay.md"].failures == 0


def test_what_could_not_be_listed_is_left_alone(shelf: Shelf, sync: Sync) -> None:
    sync()
    del shelf.texts["pay.md"], shelf.texts["travel.md"]
    shelf.others = [Unlisted("pa", "the folder cannot be read: permission denied")]
    report = sync()
    assert (report.deleted, report.failed_count, report.chunks) == (1, 1, 5)


def test_a_source_that_shows_nothing_is_not_emptied(workbench: Workbench, shelf: Shelf, sync: Sync) -> None:
    sync()
    shelf.texts.clear()
    with pytest.raises(SourceUnavailable, match="shows no documents at all, though it had 3"):
        sync()
    assert workbench.index.count("T1") == 6
    shelf.others = [Skipped("photo.png", ".png files are not read")]
    assert sync().deleted == 3


def test_an_index_that_was_lost_is_filled_again(
    workbench: Workbench, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    workbench.index.delete_source("T1", registered.id)
    assert sync().chunks == 6


def test_a_catalogue_that_was_lost_is_filled_again(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    workbench.catalogue.forget(registered.id, ["leave.md", "travel.md", "pay.md"])
    del shelf.texts["pay.md"]
    report = sync()
    assert (report.changed, report.deleted, report.embedded) == (2, 1, 0)


def test_progress_counts_documents_and_texts(sync: Sync) -> None:
    told: list[Progress] = []
    sync(progress=told.append)
    assert [it.documents for it in told] == [1, 2, 3, 3]
    assert told[-1] == Progress(documents=3, total=3, embedded=6)


def test_what_progress_raises_ends_the_sync(workbench: Workbench, sync: Sync) -> None:
    with pytest.raises(Crash):
        sync(progress=lambda _: dies_at(0)())


def test_a_crash_at_any_point_is_made_good_by_the_next_sync(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    """From one state to another, killed at every call to index and embedder in turn; the outcome is always the same."""
    after = {
        "leave.md": PAGES["leave"].replace("Thirty", "Forty") + f"\n\n## New\n\n{LONG} new",
        "travel.md": PAGES["travel"],
        "remote.md": "# Remote\n\nAnywhere.",
        "bad.md": b"\x00" * 20,
    }
    shelf.texts = dict(after)
    sync()
    expected = held(workbench, registered)
    crashes = 0
    for call in count():
        shelf.texts = {f"{name}.md": text for name, text in PAGES.items()}
        sync()
        shelf.texts = dict(after)
        dies = dies_at(call)
        embedder = WordEmbedder(on_call=dies)
        try:
            sync(index=MeteredIndex(workbench.index, dies), embedder=embedder)
        except Crash:
            crashes += 1
            sync()
        assert held(workbench, registered) == expected
        assert workbench.catalogue.documents(registered.id).keys() == after.keys()
        if crashes <= call:
            break
    assert crashes > 10


def test_a_removal_leaves_nothing(workbench: Workbench, sync: Sync, registered: RegisteredSource) -> None:
    sync()
    pipeline.remove(registered, catalogue=workbench.catalogue, index=workbench.index)
    assert workbench.index.count("T1") == 0
    assert workbench.catalogue.sources() == []
    assert workbench.catalogue.documents(registered.id) == {}


@pytest.mark.parametrize("call", [0, 1])
def test_a_removal_that_was_cut_short_is_completed(
    workbench: Workbench, sync: Sync, registered: RegisteredSource, call: int
) -> None:
    sync()
    with pytest.raises(Crash):
        pipeline.remove(
            registered, catalogue=workbench.catalogue, index=MeteredIndex(workbench.index, dies_at(call))
        )
    (source,) = workbench.catalogue.sources()
    assert source.state == "removing"
    pipeline.remove(registered, catalogue=workbench.catalogue, index=workbench.index)
    assert workbench.index.count("T1") == 0
    assert workbench.catalogue.sources() == []
