"""One unfinished run per source, one owner per run, and none that is lost."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import Engine, update

from ingestion.catalogue import Catalogue
from ingestion.report import Progress, SyncReport
from ingestion.run_table import runs as table
from ingestion.runs import AGAIN_SECONDS, ATTEMPTS, Runs
from rag.errors import ConfigError

LONG = 60.0  # seconds
OVER = -1.0


@pytest.fixture
def runs(engine: Engine) -> Runs:
    return Runs(engine, "T1")


@pytest.fixture
def source_id(engine: Engine) -> str:
    catalogue = Catalogue(engine, "T1")
    return catalogue.add_source("handbook", kind="folder", location="/srv", readers=["members"]).id


def test_two_who_ask_share_a_run(runs: Runs, source_id: str) -> None:
    first = runs.request(source_id, "sync", "U1")
    assert runs.request(source_id, "sync", "U2") == first
    assert (first.state, first.source_name, first.requested_by) == ("requested", "handbook", "U1")


def test_many_who_ask_at_once_share_a_run(runs: Runs, source_id: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: runs.request(source_id, "sync", "U1").id, range(16)))
    assert len(found) == 1


def test_one_of_many_gets_the_run(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: runs.claim(run.id, owner=f"w{n}", lease_seconds=LONG), range(8)))
    assert sum(claim is not None for claim in claims) == 1


def test_a_run_from_request_to_report(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    assert [it.id for it in runs.waiting()] == [run.id]
    claimed = runs.claim(run.id, owner="w1", lease_seconds=LONG)
    assert claimed is not None
    assert (claimed.state, claimed.attempts) == ("running", 1)
    assert runs.waiting() == []
    assert runs.renew(run.id, owner="w1", lease_seconds=LONG, progress=Progress(documents=3, total=9))
    assert (now := runs.get(run.id)) is not None
    assert now.progress == Progress(documents=3, total=9)
    report = SyncReport(added=2, skipped={".png files are not read": 1})
    report.fail("a.md", "is empty")
    assert runs.finish(run.id, owner="w1", report=report)
    assert (done := runs.get(run.id)) is not None
    assert (done.state, done.report, done.error, done.is_finished) == ("done", report, None, True)
    assert done.started_at is not None
    assert done.finished_at is not None
    assert done.requested_at <= done.started_at <= done.finished_at
    assert runs.latest() == {source_id: done}
    assert runs.request(source_id, "sync", "U1").id != run.id


def test_a_failed_run_says_why(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    runs.claim(run.id, owner="w1", lease_seconds=LONG)
    runs.finish(run.id, owner="w1", error="The folder is not there.")
    assert (done := runs.get(run.id)) is not None
    assert (done.state, done.error) == ("failed", "The folder is not there.")


def test_a_lapsed_run_is_taken_over_and_its_first_owner_finds_out(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    runs.claim(run.id, owner="w1", lease_seconds=OVER)
    assert [it.id for it in runs.waiting()] == [run.id]
    assert runs.claim(run.id, owner="w2", lease_seconds=LONG) is not None
    assert not runs.renew(run.id, owner="w1", lease_seconds=LONG)
    assert not runs.finish(run.id, owner="w1", report=SyncReport())
    assert runs.renew(run.id, owner="w2", lease_seconds=LONG)


def test_a_run_that_kills_its_process_is_given_up(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    for attempt in range(ATTEMPTS):
        assert [it.id for it in runs.waiting()] == [run.id]
        runs.claim(run.id, owner=f"w{attempt}", lease_seconds=OVER)
    assert runs.waiting() == []
    assert (done := runs.get(run.id)) is not None
    assert done.state == "failed"


def test_a_released_run_can_be_taken_up_at_once(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    runs.claim(run.id, owner="w1", lease_seconds=LONG)
    runs.release(run.id, owner="w1")
    assert [(it.id, it.attempts) for it in runs.waiting()] == [(run.id, 0)]


def let_pass(engine: Engine, seconds: float) -> None:
    """As if the tries of all runs had ended so much earlier."""
    with engine.begin() as connection:
        connection.execute(update(table).values(finished_at=table.c.finished_at - seconds))


def test_a_run_put_off_is_tried_again_later_and_later(runs: Runs, source_id: str, engine: Engine) -> None:
    run = runs.request(source_id, "sync", "U1")
    for attempt in range(1, ATTEMPTS + 3):
        assert [it.id for it in runs.waiting()] == [run.id], "given up is only what ends its process"
        claimed = runs.claim(run.id, owner="w1", lease_seconds=LONG)
        assert claimed is not None
        assert (claimed.attempts, claimed.error, claimed.finished_at) == (attempt, None, None)
        runs.put_off(run.id, owner="w1", error="The index is away.")
        assert (found := runs.get(run.id)) is not None
        assert (found.state, found.error, found.is_finished) == ("requested", "The index is away.", False)
        let_pass(engine, AGAIN_SECONDS * min(attempt, ATTEMPTS) - 5)
        assert runs.waiting() == []
        assert runs.claim(run.id, owner="w2", lease_seconds=LONG) is None
        let_pass(engine, 6)
    removal = runs.request(source_id, "remove", "U2")
    assert runs.claim(removal.id, owner="w2", lease_seconds=LONG) is not None, "nobody holds what is put off"


def test_a_run_cancelled_meanwhile_is_not_put_off(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    runs.claim(run.id, owner="w1", lease_seconds=LONG)
    removal = runs.request(source_id, "remove", "U2")
    runs.put_off(run.id, owner="w1", error="The index is away.")
    assert (found := runs.get(run.id)) is not None
    assert found.state == "cancelled"
    assert runs.claim(removal.id, owner="w2", lease_seconds=LONG) is not None


def test_what_the_dead_held_is_freed(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    runs.claim(run.id, owner="w1", lease_seconds=LONG)
    runs.free_all()
    assert runs.claim(run.id, owner="w2", lease_seconds=LONG) is not None


def test_a_cancelled_run_ends_at_the_next_renewal(runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    runs.claim(run.id, owner="w1", lease_seconds=LONG)
    assert runs.cancel(run.id)
    assert not runs.renew(run.id, owner="w1", lease_seconds=LONG)
    assert not runs.cancel(run.id)


def test_a_removal_cancels_a_sync_and_waits_until_it_lets_go(runs: Runs, source_id: str) -> None:
    sync = runs.request(source_id, "sync", "U1")
    runs.claim(sync.id, owner="w1", lease_seconds=LONG)
    removal = runs.request(source_id, "remove", "U2")
    assert removal.id != sync.id
    assert runs.waiting() == []
    assert runs.claim(removal.id, owner="w2", lease_seconds=LONG) is None
    assert not runs.renew(sync.id, owner="w1", lease_seconds=LONG)
    runs.release(sync.id, owner="w1")
    assert runs.claim(removal.id, owner="w2", lease_seconds=LONG) is not None
    assert runs.request(source_id, "sync", "U3").id == removal.id


def test_a_removal_does_not_wait_for_the_dead(runs: Runs, source_id: str) -> None:
    sync = runs.request(source_id, "sync", "U1")
    runs.claim(sync.id, owner="w1", lease_seconds=0.05)
    removal = runs.request(source_id, "remove", "U2")
    sleep(0.1)
    assert runs.claim(removal.id, owner="w2", lease_seconds=LONG) is not None


def test_teams_do_not_see_each_other(engine: Engine, runs: Runs, source_id: str) -> None:
    run = runs.request(source_id, "sync", "U1")
    other = Runs(engine, "T2")
    assert other.waiting() == []
    assert other.get(run.id) is None
    assert other.claim(run.id, owner="w", lease_seconds=LONG) is None
    with pytest.raises(ConfigError):
        other.request(source_id, "sync", "U9")


def test_a_change_of_readers_postpones_a_sync_which_then_goes_on(runs: Runs, source_id: str) -> None:
    sync = runs.request(source_id, "sync", "U1")
    runs.claim(sync.id, owner="w1", lease_seconds=LONG)
    readers = runs.request(source_id, "readers", "U2")
    assert runs.claim(readers.id, owner="w2", lease_seconds=LONG) is None
    assert not runs.renew(sync.id, owner="w1", lease_seconds=LONG)
    runs.release(sync.id, owner="w1")
    assert runs.request(source_id, "sync", "U3").id == sync.id
    assert runs.claim(readers.id, owner="w2", lease_seconds=LONG) is not None
    again = runs.request(source_id, "readers", "U2")
    assert again.id != readers.id, "the one at work may have read the readers of before"
    assert runs.request(source_id, "readers", "U2").id == again.id
    runs.release(readers.id, owner="w2")
    assert runs.claim(again.id, owner="w2", lease_seconds=LONG) is not None
    assert runs.finish(again.id, owner="w2")
    assert [it.id for it in runs.waiting()] == [sync.id]


def test_a_sync_asked_for_while_readers_change_comes_after(runs: Runs, source_id: str) -> None:
    readers = runs.request(source_id, "readers", "U1")
    sync = runs.request(source_id, "sync", "U2")
    assert (sync.state, sync.is_finished) == ("postponed", False)
    assert runs.cancel(readers.id)
    assert [it.id for it in runs.waiting()] == [sync.id]
    readers = runs.request(source_id, "readers", "U1")
    removal = runs.request(source_id, "remove", "U1")
    assert [it.id for it in runs.waiting()] == [removal.id]
    runs.claim(removal.id, owner="w1", lease_seconds=LONG)
    runs.finish(removal.id, owner="w1")
    assert runs.waiting() == [], "what waited went with the removal"
