"""What is heard in Slack becomes notes, and notes become runs: none lost, none for nothing, and what must go goes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, update

from ingestion.catalogue import Catalogue
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.runs import Run, Runs, runs
from ingestion.sources.slack_notes import Change, Notes
from rag.database import open_database, transaction
from rag.errors import SourceGone, SourceUnavailable
from tests.e2e.waiting import eventually
from workers.slack_changes import Heard, SlackChanges, followed

SECONDS = 30.0


@dataclass
class Desk:
    """A database with sources, and a Slack that says of channels what it is told to."""

    engine: Engine
    says: dict[str, Exception] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.engine, "T1")
        self.runs = Runs(self.engine, "T1")
        self.changes = SlackChanges(self.engine, "T1", self.look)

    def look(self, channel_id: str) -> None:
        if channel_id in self.says:
            raise self.says[channel_id]

    def add(self, kind: str, location: str, **options: str) -> RegisteredSource:
        name = f"{kind} {location} {len(self.catalogue.sources())}"
        return self.catalogue.add_source(
            name, kind=kind, location=location, readers={"members"}, options=options
        )

    def notes(self, source: RegisteredSource) -> Notes:
        return Notes(Memory(self.engine, source.id))

    def asked(self, source: RegisteredSource) -> tuple[str, str, str] | None:
        run = self.runs.latest().get(source.id)
        return (run.action, run.state, run.requested_by) if run else None

    def end(self, source: RegisteredSource, *, error: str | None = None) -> Run:
        """Do the unfinished run of the source, as a worker would."""
        run = self.runs.latest()[source.id]
        assert self.runs.claim(run.id, owner="me", lease_seconds=SECONDS)
        assert self.runs.finish(run.id, owner="me", error=error)
        return run


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield Desk(engine)
    engine.dispose()


def heard(channel: str = "C1", thread: str = "1.1", at: str = "1.2", **more: bool) -> Heard:
    return Heard(channel, Change(thread, at), **more)


def test_only_channels_that_are_sources_are_noted(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1")
    desk.changes.heard(heard("C2"))
    assert desk.notes(source).changes() == []
    desk.changes.heard(heard("C1"))
    desk.changes.heard(heard("C1"))  # Slack delivered it twice
    assert desk.notes(source).changes() == [Change("1.1", "1.2")]


def test_a_burst_makes_one_run_and_what_comes_meanwhile_the_next(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1")
    desk.changes.follow()
    assert desk.asked(source) is None

    threads = [Thread(target=desk.changes.heard, args=(heard(at=f"2.{number}"),)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(5):
        desk.changes.follow()
    first = desk.runs.latest()[source.id]
    assert desk.asked(source) == ("sync", "requested", "slack")

    assert desk.runs.claim(first.id, owner="me", lease_seconds=SECONDS)
    taken = desk.notes(source).changes()
    assert len(taken) == 20
    desk.changes.heard(heard(at="3.0"))
    desk.changes.follow()
    desk.notes(source).settle(taken)
    assert desk.runs.latest()[source.id].id == first.id
    assert desk.runs.finish(first.id, owner="me")

    desk.changes.follow()
    assert desk.runs.latest()[source.id].id != first.id
    desk.notes(source).settle(desk.notes(source).changes())
    last = desk.end(source)
    desk.changes.follow()
    assert desk.runs.latest()[source.id].id == last.id


def test_a_sync_that_failed_is_not_asked_for_again_at_once(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1")
    desk.changes.heard(heard())
    desk.changes.follow()
    failed = desk.end(source, error="Slack did not answer.")
    desk.changes.follow()
    assert desk.runs.latest()[source.id].id == failed.id
    assert desk.notes(source).changes()


def test_a_sync_of_ours_that_failed_is_asked_for_again_though_nothing_more_was_heard(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1")
    desk.changes.heard(heard())
    desk.changes.follow()
    desk.notes(source).settle(desk.notes(source).changes())
    failed = desk.end(source, error="The index did not answer.")
    with transaction(desk.engine) as connection:
        connection.execute(update(runs).values(finished_at=runs.c.finished_at - 150))
    desk.changes.follow()
    assert desk.runs.latest()[source.id].id != failed.id


def test_what_bots_write_concerns_only_who_reads_bots(desk: Desk) -> None:
    plain, with_bots = desk.add("slack_channel", "C1"), desk.add("slack_channel", "C1", include_bots="yes")
    desk.changes.heard(heard(by_bot=True))
    assert desk.notes(plain).changes() == []
    assert desk.notes(with_bots).changes()


def test_files_concern_the_sources_of_files(desk: Desk) -> None:
    files, channel = desk.add("slack_files", "C1"), desk.add("slack_channel", "C1")
    desk.changes.heard(heard())
    assert desk.notes(files).changes() == []
    desk.changes.heard(heard(files=True))
    assert len(desk.notes(files).changes()) == 1
    desk.changes.file_changed("9.9")
    assert len(desk.notes(files).changes()) == 2
    assert len(desk.notes(channel).changes()) == 1


def test_a_file_that_is_a_source_follows_its_own_changes_and_goes_with_it(desk: Desk) -> None:
    one, other, channel = (
        desk.add("slack_file", "F1"),
        desk.add("slack_file", "F2"),
        desk.add("slack_files", "C1"),
    )
    desk.changes.file_changed("1.1", "F1")
    assert [len(desk.notes(source).changes()) for source in (one, other, channel)] == [1, 0, 1]
    desk.catalogue.pause(one.id)
    desk.changes.file_deleted("1.2", "F1")
    assert desk.asked(one) == ("remove", "requested", "slack"), "though it is paused"
    assert desk.asked(other) is None
    assert desk.asked(channel) is None
    assert len(desk.notes(channel).changes()) == 2
    desk.changes.file_deleted("1.3")
    assert desk.asked(other) is None
    desk.changes.uninstalled()
    assert desk.asked(other) == ("remove", "requested", "slack")


def test_a_channel_that_the_bot_was_put_out_of_is_removed(desk: Desk) -> None:
    source, other = desk.add("slack_channel", "C1"), desk.add("slack_channel", "C2")
    desk.says["C1"] = SourceGone("The bot is no longer in the channel.")
    desk.changes.left("C1")
    assert desk.asked(source) is None
    desk.changes.follow()
    assert desk.asked(source) == ("remove", "requested", "slack")
    assert desk.asked(other) is None


def test_a_channel_that_was_archived_is_kept(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1")
    desk.changes.left("C1")
    desk.changes.follow()
    assert desk.asked(source) is None
    assert not desk.notes(source).has_left()


def test_while_slack_is_away_nothing_is_decided_and_others_are_followed(desk: Desk) -> None:
    away, other = desk.add("slack_channel", "C1"), desk.add("slack_channel", "C2")
    desk.says["C1"] = SourceUnavailable("Slack did not answer")
    desk.changes.left("C1")
    desk.changes.heard(heard("C2"))
    desk.changes.follow()
    assert desk.asked(away) is None and desk.notes(away).has_left()
    assert desk.asked(other) == ("sync", "requested", "slack")


def test_a_deleted_channel_is_removed_also_in_the_middle_of_a_sync(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1")
    files = desk.add("slack_files", "C1")
    desk.runs.request(source.id, "sync", "schedule")
    desk.changes.deleted("C1")
    assert desk.asked(source) == desk.asked(files) == ("remove", "requested", "slack")


def test_uninstalled_everything_from_slack_goes_and_nothing_else(desk: Desk) -> None:
    slack = [desk.add("slack_channel", "C1"), desk.add("slack_channel", "C2"), desk.add("slack_files", "C3")]
    folder = desk.add("folder", "/handbook")
    desk.changes.uninstalled()
    desk.changes.uninstalled()  # app_uninstalled and tokens_revoked come both
    assert {desk.asked(source) for source in slack} == {("remove", "requested", "slack")}
    assert desk.asked(folder) is None


def test_a_channel_found_private_is_for_its_members_at_once(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1", keep_days="30")
    desk.notes(source).found_private()
    desk.changes.follow()
    changed = desk.catalogue.source(source.id)
    assert changed is not None
    assert changed.readers == {"channel:C1"}
    assert changed.options == {"keep_days": "30"}
    assert desk.asked(source) == ("readers", "requested", "slack")
    assert not desk.notes(source).is_found_private()


def test_what_is_heard_is_followed_by_itself_until_the_end(desk: Desk) -> None:
    source = desk.add("slack_channel", "C1")
    with followed(desk.changes, seconds=0.02):
        desk.changes.heard(heard())
        eventually(lambda: desk.asked(source), 10)
    assert desk.asked(source) == ("sync", "requested", "slack")


def test_what_people_verified_is_not_written_in_messages_and_stays_when_the_bot_leaves(desk: Desk) -> None:
    source = desk.add("answers", "C1")
    desk.says["C1"] = SourceGone("The bot is no longer in the channel.")
    desk.changes.heard(heard("C1", files=True, by_bot=True))
    desk.changes.left("C1")
    desk.changes.follow()
    assert desk.asked(source) is None
    assert desk.notes(source).changes() == []


def test_of_a_channel_found_private_its_members_alone_read_what_was_verified(desk: Desk) -> None:
    source = desk.add("answers", "C1")
    desk.notes(source).found_private()
    desk.changes.follow()
    assert desk.asked(source) == ("readers", "requested", "slack")
    [narrowed] = desk.catalogue.sources()
    assert narrowed.readers == {"channel:C1"}


def test_with_the_channel_and_with_the_app_what_was_verified_goes(desk: Desk) -> None:
    first, second = desk.add("answers", "C1"), desk.add("answers", "C2")
    desk.changes.deleted("C1")
    assert desk.asked(first) == ("remove", "requested", "slack")
    assert desk.asked(second) is None
    desk.changes.uninstalled()
    assert desk.asked(second) == ("remove", "requested", "slack")
