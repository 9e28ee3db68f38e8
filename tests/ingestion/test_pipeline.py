"""What a sync leaves behind, whatever happened to the source, to the documents and to the process."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count, pairwise
from threading import Event

import pytest

from ingestion import pipeline
from ingestion.reading import Reading, ReadingCutShort
from ingestion.reading_ahead import Found, ReadAhead
from ingestion.registered import RegisteredSource
from ingestion.report import Failure, Progress, SyncReport
from ingestion.sources import Skipped, Unlisted
from ingestion.stock import Stock
from rag.domain import Audience, Embedding
from rag.errors import EmbedderUnavailable, SourceGone, SourceUnavailable
from tests.ingestion.fakes import (
    Crash,
    MeteredCatalogue,
    MeteredIndex,
    OpenReader,
    Shelf,
    WordEmbedder,
    Workbench,
    dies_at,
)

BATCH_TEXTS = 8
MEMBERS = Audience("T1", frozenset({"members"}))
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
        standard = {
            "catalogue": workbench.catalogue,
            "reader": workbench.reader,
            "embedder": workbench.embedder,
            "index": workbench.index,
            "progress": lambda _: None,
            "batch_texts": BATCH_TEXTS,
        }
        return pipeline.sync(shelf, source, **(standard | parts))  # type: ignore[arg-type]

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
        assert [failure.document for failure in report.failed] == ["pay.md"]
        assert report.quarantined == 1
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


def test_progress_counts_documents_failures_and_texts(shelf: Shelf, sync: Sync) -> None:
    shelf.texts["travel.md"] = b"%PDF-1.7"
    told: list[Progress] = []
    sync(progress=told.append)
    assert told[-1] == Progress(documents=3, total=3, failed=1, embedded=5)
    assert all(one.documents <= next_.documents for one, next_ in pairwise(told))
    assert len(told) > 4  # once a document at least, and once a batch


def test_what_progress_raises_ends_the_sync(workbench: Workbench, sync: Sync) -> None:
    with pytest.raises(Crash):
        sync(progress=lambda _: dies_at(0)())


def manuals() -> dict[str, str | bytes | Exception]:
    """Pages of which one takes three batches."""
    long = "\n\n".join(f"## Part {part}\n\n{LONG} {part}" for part in range(6))
    return {"leave.md": PAGES["leave"], "manual.md": f"# Manual\n\n{long}", "pay.md": PAGES["pay"]}


def test_a_long_document_is_staged_and_shown_at_once(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    shelf.texts = {"manual.md": "# Manual\n\nThe old manual."}
    sync()
    seen: list[set[str]] = []

    def look() -> None:
        query = workbench.embedder.embed_query("manual")
        hits = workbench.index.search("manual part", query, audience=MEMBERS, limit=2000)
        seen.append({f"{it.chunk.id} {it.chunk.text}" for it in (*hits.dense, *hits.sparse)})

    shelf.texts = manuals()
    report = sync(index=MeteredIndex(workbench.index, look))
    old = "manual.md#0 The old manual."
    before = [texts for texts in seen if old in texts]
    assert len(before) >= 6  # three batches, looked at before and after each
    assert all(not any(text.startswith("manual.md") for text in texts - {old}) for texts in before)
    after = seen[len(before) :]
    assert all(sum(text.startswith("manual.md") for text in texts) > 2 * BATCH_TEXTS for texts in after)
    assert after
    assert report.embedded == report.chunks
    assert max(map(len, workbench.embedder.batches)) <= BATCH_TEXTS


@pytest.mark.parametrize("which", ["index", "catalogue", "embedder"])
def test_a_crash_at_any_point_is_made_good_by_the_next_sync(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource, which: str
) -> None:
    """From one state to another, killed at every call in turn. The outcome is always the same, and at most one batch
    is embedded twice.
    """
    before = {f"{name}.md": text for name, text in PAGES.items()}
    after = {
        **manuals(),
        "leave.md": PAGES["leave"].replace("Thirty", "Forty") + f"\n\n## New\n\n{LONG} new",
        "pay 2.md": PAGES["pay"].replace("25th", "26th"),
        "remote.md": "# Remote\n\nAnywhere.",
        "bad.md": b"\x00" * 20,
    }
    shelf.texts = dict(after)
    undisturbed = sync().embedded
    expected = held(workbench, registered)
    for call in count():
        workbench.index.delete_source("T1", registered.id)
        workbench.catalogue.forget(registered.id, [*before, *after])
        shelf.texts = dict(before)
        sync()
        shelf.texts = dict(after)
        dies, embedder = dies_at(call), WordEmbedder()
        parts: dict[str, object] = {"embedder": embedder}
        match which:
            case "index":
                parts["index"] = MeteredIndex(workbench.index, dies)
            case "catalogue":
                parts["catalogue"] = MeteredCatalogue(workbench.engine, "T1", dies)
            case "embedder":
                parts["embedder"] = embedder = WordEmbedder(on_call=dies)
        try:
            sync(**parts)
        except Crash:
            sync(embedder=embedder)
        else:
            assert call > 2
            break
        assert held(workbench, registered) == expected
        assert len(embedder.embedded) <= undisturbed + BATCH_TEXTS
        assert workbench.catalogue.documents(registered.id).keys() == after.keys()
        assert sync().unchanged == len(after) - 1


def test_a_renamed_document_keeps_its_embeddings(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    shelf.texts["holidays.md"] = shelf.texts.pop("leave.md")
    report = sync()
    assert (report.added, report.deleted, report.embedded, report.reused) == (1, 1, 0, 4)
    assert held(workbench, registered).keys() == {"holidays.md", "pay.md", "travel.md"}


def test_a_copy_is_embedded_once(workbench: Workbench, shelf: Shelf, sync: Sync) -> None:
    shelf.texts["copy.md"] = shelf.texts["leave.md"]
    report = sync()
    assert (report.embedded, report.reused, report.chunks) == (6, 4, 10)
    other = workbench.catalogue.add_source("other", kind="shelf", location="-", readers=["public"])
    assert sync(other).embedded == 0


def test_a_new_address_is_written_without_embedding(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    before = held(workbench, registered)
    shelf.base_url = "https://wiki.example.com/"
    report = sync()
    assert (report.changed, report.embedded) == (3, 0)
    after = held(workbench, registered)
    assert after.keys() == before.keys()
    assert after != before


def test_what_cannot_be_fetched_is_tried_three_times_a_day_and_never_given_up(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    sync()
    before = held(workbench, registered)
    shelf.texts["pay.md"] = SourceUnavailable("cannot be read: permission denied")
    (away,) = (original for original in shelf.originals() if "pay" in str(original))
    reason = "cannot be read: permission denied; tried 3 times, and again tomorrow"
    for day in range(1, 4):
        assert [sync().quarantined for _ in range(4)] == [0, 0, 1, 1]
        assert shelf.read.count("pay.md") == 1 + 3 * day  # the first sync, and three tries a day
        assert sync().failed == [Failure(document="pay.md", reason=reason)]
        assert held(workbench, registered) == before
        yesterday = Stock(
            registered, workbench.catalogue, workbench.embedder, workbench.index, today=date(2026, 1, day)
        )
        entry = replace(yesterday.known["pay.md"], layout=yesterday.layout_today(away))  # type: ignore[arg-type]
        workbench.catalogue.record(registered.id, entry)
    shelf.texts["pay.md"] = PAGES["pay"]
    report = sync()
    assert (report.failed_count, report.embedded) == (0, 0)
    assert workbench.catalogue.documents(registered.id)["pay.md"].failures == 0


class _Stumbling(OpenReader):
    """Does not get through pages on pay."""

    def read(
        self, data: bytes, name: str, *, url: str, media_type: str | None = None, by_line: bool = False
    ) -> Reading:
        reading = super().read(data, name, url=url, media_type=media_type, by_line=by_line)
        if "26th" in str(reading):
            raise ReadingCutShort("took longer than 30 s to read")
        return reading


def test_a_reading_cut_short_is_tried_three_times_and_then_not_shown_any_more(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    reader = _Stumbling()
    sync(reader=reader)
    shelf.texts["pay.md"] = PAGES["pay"].replace("25th", "26th")
    shown = []
    for _ in range(4):
        report = sync(reader=reader)
        shown.append(("pay.md" in held(workbench, registered), report.quarantined, report.failed_count))
    assert shown == [(True, 0, 1), (True, 0, 1), (False, 1, 1), (False, 1, 1)]
    assert reader.taken.count("pay.md") == 4


def test_a_document_that_ends_the_process_is_tried_alone_and_then_given_up(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    class Mine(WordEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
            if any("25th" in text for text in texts):
                raise Crash
            return super().embed_passages(texts)

    for _ in range(3):
        with pytest.raises(Crash):
            sync(embedder=Mine())
    report = sync(embedder=Mine())
    assert report.quarantined == 1
    assert [failure.reason for failure in report.failed] == [
        "gave up after 3 tries: ended the process that was indexing it; it is tried again when it changes"
    ]
    assert held(workbench, registered).keys() == {"leave.md", "travel.md"}
    shelf.texts["pay.md"] = PAGES["pay"].replace("25th", "26th")
    assert sync(embedder=Mine()).failed == []


def test_a_service_that_is_away_counts_against_no_document(workbench: Workbench, sync: Sync) -> None:
    def away() -> None:
        raise EmbedderUnavailable("The model failed.")

    for _ in range(5):
        with pytest.raises(EmbedderUnavailable):
            sync(embedder=WordEmbedder(on_call=away))
    assert sync().added + sync().unchanged >= 3


def test_an_error_of_a_sources_own_is_one_documents(shelf: Shelf, sync: Sync) -> None:
    shelf.texts["pay.md"] = KeyError("a bug")
    report = sync()
    assert (report.added, report.failed_count) == (2, 1)
    assert report.failed[0].reason == "could not be fetched because of an error of ours (KeyError)"


@pytest.mark.parametrize("error", [SourceGone("The channel was deleted."), SourceUnavailable("No answer.")])
def test_what_the_source_says_of_itself_comes_through(shelf: Shelf, sync: Sync, error: Exception) -> None:
    shelf.ends_with = error
    with pytest.raises(type(error)) as told:
        sync()
    assert told.value is error


def test_secrets_are_counted_and_not_stored(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    shelf.texts["pay.md"] = "# Pay\n\nThe key is AKIAQ3EGRIZ2M5XJ7WTV."
    assert sum(sync().masked.values()) == 1
    assert not any("AKIAQ3EGRIZ2M5XJ7WTV" in text for text in workbench.embedder.embedded)


def test_readers_that_change_during_a_sync_hold_for_all_of_it(
    workbench: Workbench, sync: Sync, registered: RegisteredSource
) -> None:
    """At each call to the index in turn; the one who changes them changes the catalogue first, then the index."""
    for call in range(8):
        calls = iter(range(call + 1))
        workbench.index.delete_source("T1", registered.id)
        workbench.catalogue.change_source(registered.id, readers=["members"], options={})

        def change(calls: Iterator[int] = calls, call: int = call) -> None:
            if next(calls, None) == call:
                workbench.catalogue.change_source(registered.id, readers=["public"], options={})
                workbench.index.set_readers("T1", registered.id, ["public"])

        sync(index=MeteredIndex(workbench.index, change))
        query = workbench.embedder.embed_query("pay")
        assert workbench.index.search("pay", query, audience=MEMBERS, limit=9).dense == ()
        guests = Audience("T1", frozenset({"public"}))
        assert len(workbench.index.search("pay", query, audience=guests, limit=9).dense) == 6


def test_nothing_is_written_once_the_run_is_lost(
    workbench: Workbench, shelf: Shelf, sync: Sync, registered: RegisteredSource
) -> None:
    """The watcher says stop at each of its calls in turn; from then on index and catalogue stay as they are."""
    shelf.texts = manuals()
    for call in count():
        told, dies = Event(), dies_at(call)
        workbench.index.delete_source("T1", registered.id)
        workbench.catalogue.forget(registered.id, [*shelf.texts])

        def lost(told: Event = told, dies: Callable[[], None] = dies) -> None:
            try:
                dies()
            except Crash:
                told.set()
                raise

        def written(told: Event = told) -> None:
            assert not told.is_set()

        try:
            sync(
                progress=lambda _, lost=lost: lost(),
                index=MeteredIndex(workbench.index, written),
                catalogue=MeteredCatalogue(workbench.engine, "T1", written),
            )
        except Crash:
            continue
        assert call > 10
        break


def test_reading_keeps_a_bounded_way_ahead(
    workbench: Workbench, shelf: Shelf, registered: RegisteredSource
) -> None:
    shelf.texts = {f"{number:03}.md": f"# {number}\n\n{LONG}" for number in range(200)}
    stock = Stock(registered, workbench.catalogue, workbench.embedder, workbench.index)
    found: list[Found] = []
    ahead_by = []
    with ReadAhead(shelf, stock, workbench.reader, most=500_000) as ahead:
        for one in ahead:
            if one is not None:
                found.append(one)
                ahead_by.append(len(shelf.read) - len(found))
    assert [one.original.id for one in found] == sorted(shelf.texts)  # type: ignore[union-attr]
    assert max(ahead_by) <= 12
    assert max(ahead_by) >= 1


def test_reading_stops_with_the_sync(workbench: Workbench, shelf: Shelf, sync: Sync) -> None:
    shelf.texts = {f"{number:04}.md": f"# {number}\n\nSome text." for number in range(3000)}
    with pytest.raises(Crash):
        sync(progress=lambda _: dies_at(0)())
    read = len(shelf.read)
    assert read < 1000
    assert len(shelf.read) == read
