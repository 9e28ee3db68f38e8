"""How far a reindexing is, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingestion.report import Failure, Progress, SyncReport
from ingestion.runs import Run
from workers.admin.reindex_words import INTERRUPTED, Told, told_of
from workers.rendering import Rendered

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
TOLD = Told("U01INES", is_named=True, is_full=False, in_detail=True)
ALL = replace(TOLD, is_named=False)
RUN = Run("r", "s", "wiki", "sync", "requested", "U01INES", START, None, None, 0, None, None, None)


def running(progress: Progress | None = None, name: str = "wiki") -> Run:
    return replace(RUN, state="running", started_at=START, attempts=1, progress=progress, source_name=name)


def done(report: SyncReport, name: str = "wiki") -> Run:
    end = START + timedelta(seconds=42)
    return replace(RUN, state="done", started_at=START, finished_at=end, report=report, source_name=name)


def words(message: Rendered) -> str:
    """All that is read in it, a line a part."""
    lines = []
    for part in message.blocks[0]["elements"]:
        items = part["elements"] if part["type"] == "rich_text_list" else [part]
        lines += [
            "".join(one.get("text") or f"@{one['user_id']}" for one in item["elements"]) for item in items
        ]
    return "\n".join(lines)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_before_it_begins() -> None:
    assert words(told_of([RUN], TOLD, at(0))).splitlines() == [
        "Reindexing wiki",
        "0 documents  ·  0 chunks embedded",
        "It begins in a moment; if another one is at work, after that.",
        "Asked for by @U01INES  ·  to stop it: /reindex cancel",
    ]


def test_midway() -> None:
    run = running(Progress(documents=450, total=1000, failed=3, embedded=900))
    assert words(told_of([run], TOLD, at(45))).splitlines() == [
        "Reindexing wiki",
        "█████████░░░░░░░░░░░  45%",
        "450 of 1,000 documents  ·  3 failed  ·  900 chunks embedded  ·  10 documents a second  ·  about 55 s left",
        "Asked for by @U01INES  ·  to stop it: /reindex cancel",
    ]


def test_no_bar_and_no_promise_where_it_is_not_known_how_much_there_is() -> None:
    text = words(told_of([running(Progress(documents=450, embedded=900))], TOLD, at(45)))
    assert "450 documents" in text
    assert "%" not in text
    assert "left" not in text


def test_slow_ones_are_told_by_the_minute_and_long_ones_by_the_hour() -> None:
    text = words(told_of([running(Progress(documents=20, total=1000))], TOLD, at(60)))
    assert "20 documents a minute  ·  about 49 min left" in text
    text = words(told_of([running(Progress(documents=10, total=1000))], TOLD, at(100)))
    assert "about 2.8 h left" in text


def test_more_documents_than_were_counted_are_not_more_than_all() -> None:
    assert "100%" in words(told_of([running(Progress(documents=30, total=20))], TOLD, at(9)))


def test_of_several_sources_each_counts_as_much() -> None:
    runs = [
        done(SyncReport(unchanged=10), "a"),
        running(Progress(documents=1, total=2), "b"),
        replace(RUN, source_name="c"),
    ]
    text = words(told_of(runs, ALL, at(2)))
    assert "Reindexing 3 sources" in text
    assert "  50%" in text
    for line in ("a  ·  10 documents", "b  ·  1 of 2 documents", "c  ·  waits"):
        assert line in text.splitlines()


def test_elsewhere_than_among_admins_nothing_is_named_but_what_was_asked_for() -> None:
    report = SyncReport(
        added=1, failed_count=2, failed=[Failure(document="salaries.md", reason="is not readable")] * 2
    )
    elsewhere = replace(ALL, in_detail=False)
    text = words(told_of([done(report, "secret plans"), done(SyncReport(), "b")], elsewhere, at(50)))
    assert "secret plans" not in text
    assert "salaries" not in text
    assert "2 is not readable" in text
    named = words(told_of([done(report)], replace(TOLD, in_detail=False), at(50)))
    assert "wiki" in named
    assert "salaries" not in named


def test_the_end_says_what_changed_and_what_failed_and_why() -> None:
    failed = [Failure(document=f"page-{n}", reason="has no text") for n in range(12)]
    report = SyncReport(
        added=2,
        changed=1,
        unchanged=1200,
        deleted=3,
        failed=failed,
        failed_count=12,
        chunks=5000,
        embedded=17,
    )
    text = words(told_of([done(report)], TOLD, at(60)))
    assert text.startswith(
        "Reindexed wiki\n2 new  ·  1 changed  ·  1,200 unchanged  ·  3 deleted  ·  12 failed\n"
        "5,000 chunks, 17 embedded now  ·  42 s\npage-0 has no text\n"
    )
    assert "and 2 more; all of them: show" in text
    assert "cancel" not in text


def test_stopped_and_failed() -> None:
    stopped = words(told_of([replace(running(), state="cancelled", finished_at=at(9))], TOLD, at(10)))
    assert "Reindexing wiki: stopped" in stopped
    assert "stays" in stopped
    failed = replace(running(), state="failed", finished_at=at(9), error="The disk is full.")
    assert "Reindexing wiki: failed" in words(told_of([failed], TOLD, at(10)))
    assert "The disk is full." in words(told_of([failed], TOLD, at(10)))
    assert "Reindexed 2 sources, 1 failed" in words(told_of([failed, done(SyncReport(), "b")], ALL, at(10)))


def test_what_waits_for_another_try_says_why() -> None:
    waits = replace(RUN, attempts=1, error="The index is away.", finished_at=at(1))
    assert "The index is away. It is tried again in a while." in words(told_of([waits], TOLD, at(2)))


def test_names_are_text_and_nobody_is_called_by_them() -> None:
    message = told_of([running(name="<!channel> *b*")], TOLD, at(1))
    assert "<!channel>" not in message.text
    assert "<!channel> *b*" in words(message)


def test_who_was_forgotten_meanwhile_is_not_named() -> None:
    assert "Asked for by somebody" in words(told_of([RUN], replace(TOLD, user_id="somebody"), at(0)))


def test_a_run_that_was_interrupted_says_what_its_numbers_are_of() -> None:
    report = SyncReport(changed=70, unchanged=171, chunks=721, embedded=210)
    assert INTERRUPTED not in words(told_of([replace(done(report), attempts=1)], TOLD, at(60)))
    assert INTERRUPTED in words(told_of([replace(done(report), attempts=2)], TOLD, at(60)))
