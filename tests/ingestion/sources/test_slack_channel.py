"""A channel's threads as documents: all of them, followed through edits, deletions and years, read by nobody else."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.slack_conversations import readers_for
from rag.errors import ConfigError, SourceGone, SourceUnavailable
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.ingestion.sources.slack_scene import DAY, Scene, Stage, ids, said, stage, ts_of

LONG = (
    "The staging cluster is reset every Monday at 07:00, so whatever you keep there over the weekend is lost. "
    * 2
)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    manifest = Path(__file__).parent.parent.parent.parent / "manifest.json"
    with SandboxServer(manifest=manifest) as server:
        yield server


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    server.client.reset()
    return server.client


@pytest.fixture(scope="module")
def there(server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(server, tmp_path_factory.mktemp("slack")) as built:
        yield built


@pytest.fixture
def channel(there: Stage, sandbox: Sandbox) -> Scene:
    return Scene(there)


# What is a document


def test_a_thread_is_a_document(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "How do I reset the staging cluster?", channel="general")
    sandbox.post("ines", "Run `make reset` in the *infra* repository.", channel="general", thread_ts=ts)
    last = sandbox.post("marco", "Works, thanks @ines", channel="general", thread_ts=ts)

    kept = channel.sync()

    assert ids(kept) == [ts]
    original, text = kept.originals[ts], kept.texts[ts]
    assert text.startswith(
        '---\ntitle: "#general: How do I reset the staging cluster?"\n---\n\n**marco** (20'
    )
    assert [line.partition(": ")[2] for line in text.splitlines()[3:] if line] == [
        "How do I reset the staging cluster?",
        "Run `make reset` in the *infra* repository.",
        "Works, thanks @ines",
    ]
    assert original.url == f"{sandbox.url}/archives/C01GENERAL/p{ts.replace('.', '')}"
    assert original.author == "marco"
    assert original.updated_at is not None
    assert int(original.updated_at.timestamp()) == int(float(last))


def test_a_long_message_stands_by_itself_and_small_talk_by_the_hour(channel: Scene, sandbox: Sandbox) -> None:
    start = int(time.time() - 5 * 3600) // 3600 * 3600
    talk = [
        {"user": user, "text": text, "ts": f"{start + at}.000100"}
        for at, user, text in (
            (10, "marco", "is the lift working again?"),
            (30, "priya", "yes since 9"),
            (50, "ines", LONG),
            (70, "marco", "great"),
            (3700, "priya", "the printer is not"),
        )
    ]
    sandbox.backfill("general", talk)

    kept = channel.sync()

    assert ids(kept) == [f"hour-{start + 3600}", f"{start + 50}.000100", f"hour-{start}"]
    assert "is the lift" in kept.texts[f"hour-{start}"] and "great" in kept.texts[f"hour-{start}"]
    assert LONG.strip() not in kept.texts[f"hour-{start}"]
    assert kept.originals[f"hour-{start}"].url.endswith(f"/p{start + 10}000100")


def test_what_bots_and_slack_write_and_what_is_asked_of_us_is_left_out(
    channel: Scene, sandbox: Sandbox
) -> None:
    sandbox.add_app("alerts")
    sandbox.join("alerts", "general")
    sandbox.backfill("general", said(90, "disk full on db-3", user="alerts"))
    sandbox.post("marco", "@footnote how many days of leave do I have?", channel="general")
    asked = sandbox.post("priya", "@footnote where is the contract template?", channel="general")
    sandbox.backfill("general", said(1, "I could not find it.", user="footnote", thread_ts=asked))
    sandbox.post("priya", ":tada: :tada:", channel="general")

    kept = channel.sync()

    assert kept.originals == {}
    assert kept.skipped == {"general": "channels in which nothing is said"}

    sandbox.post("ines", "It lies in the people folder, under templates.", channel="general", thread_ts=asked)
    kept = channel.sync()
    assert ids(kept) == [asked]
    assert (
        "people folder" in kept.text()
        and "could not find" not in kept.text()
        and "where is" not in kept.text()
    )


def test_bots_are_read_where_that_is_asked_for(there: Stage, sandbox: Sandbox) -> None:
    sandbox.add_app("alerts")
    sandbox.join("alerts", "general")
    sandbox.backfill("general", said(90, "disk full on db-3", user="alerts"))
    assert "disk full on db-3" in Scene(there, options={"include_bots": "yes"}).sync().text()


def test_a_reply_also_sent_to_the_channel_is_told_once(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "Who has the projector?", channel="general")
    sandbox.post("ines", "It is in Leeds.", channel="general", thread_ts=ts, broadcast=True)
    kept = channel.sync()
    assert ids(kept) == [ts]
    assert kept.text().count("It is in Leeds.") == 1


# Following


def test_a_second_sync_of_an_unchanged_channel_reads_nothing(channel: Scene, sandbox: Sandbox) -> None:
    for number in range(5):
        ts = sandbox.post("marco", f"question {number}?", channel="general")
        sandbox.post("ines", f"answer {number}.", channel="general", thread_ts=ts)
    sandbox.backfill("general", said(60 * DAY, "an old remark that somebody made"))
    first = channel.sync()
    second = channel.sync()

    assert second.read == []
    assert ids(second) == ids(first) and len(ids(first)) == 6
    assert second.calls == ["auth.test", "conversations.info", "conversations.history"]


def test_an_edit_and_a_deletion_that_were_heard(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "What is the door code?", channel="general")
    reply = sandbox.post("ines", "It is 4711.", channel="general", thread_ts=ts)
    other = sandbox.post("priya", "Where do I park?", channel="general")
    sandbox.post("ines", "Behind the house.", channel="general", thread_ts=other)
    channel.sync()

    sandbox.edit("ines", channel="general", ts=reply, text="Ask at the desk.")
    channel.heard(ts)
    kept = channel.sync()
    assert kept.read == [ts]
    assert "4711" not in kept.text() and "Ask at the desk." in kept.text()
    assert kept.calls == ["auth.test", "conversations.info", "conversations.history", "conversations.replies"]

    sandbox.delete("ines", channel="general", ts=reply)
    channel.heard(ts)
    assert "Ask at the desk" not in channel.sync().text()
    assert channel.notes.changes() == []


@pytest.mark.parametrize("hear", [True, False])
def test_a_deleted_message_is_gone_even_if_it_was_the_only_one(
    channel: Scene, sandbox: Sandbox, hear: bool
) -> None:
    ts = sandbox.post("marco", "The password of the guest network is fernway.", channel="general")
    assert "fernway" in channel.sync().text()
    sandbox.delete("marco", channel="general", ts=ts)
    if hear:
        channel.heard(ts)
    kept = channel.sync()
    assert kept.texts == {}
    assert kept.skipped  # else a pipeline would take the channel for one that is away


def test_what_was_not_heard_is_found_by_looking_again(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "Who orders the coffee?", channel="general")
    reply = sandbox.post("ines", "I do.", channel="general", thread_ts=ts)
    alone = sandbox.post("priya", "Lunch is at noon.", channel="general")
    channel.sync()

    sandbox.post("priya", "No, I do now.", channel="general", thread_ts=ts)
    sandbox.edit("priya", channel="general", ts=alone, text="Lunch is at one.")
    kept = channel.sync()
    assert "No, I do now." in kept.text() and "at one" in kept.text() and "at noon" not in kept.text()

    sandbox.delete("ines", channel="general", ts=reply)
    assert "**ines**" not in channel.sync().text()

    # An edit of a reply does not show in the channel: the thread is read again the next day.
    sandbox.edit("marco", channel="general", ts=ts, text="Who orders the tea?")
    channel.later = 1.1 * DAY
    kept = channel.sync()
    assert kept.read == [ts] and "tea" in kept.text()


def test_a_quiet_thread_is_not_read_every_day_for_ever(channel: Scene, sandbox: Sandbox) -> None:
    head = said(40 * DAY, "An old question, long answered?")[0]
    sandbox.backfill("general", [head, *said(40 * DAY - 60, "Yes.", thread_ts=head["ts"], user="ines")])
    assert channel.sync().read == [head["ts"]]
    for days in (1, 2, 20):
        channel.later = days * DAY
        assert channel.sync().read == []


@pytest.mark.parametrize("hear", [True, False])
def test_a_reply_to_a_thread_of_last_year(channel: Scene, sandbox: Sandbox, hear: bool) -> None:
    head = said(370 * DAY, "How is the heating switched on?")[0]
    sandbox.backfill("general", [head, *said(370 * DAY - 60, "By the blue valve.", thread_ts=head["ts"])])
    sandbox.backfill("general", said(200 * DAY, *(f"remark {number} of many" for number in range(30))))
    channel.sync()

    sandbox.post("ines", "There is a panel for that now.", channel="general", thread_ts=head["ts"])
    if hear:
        channel.heard(head["ts"])
    else:
        channel.later = 15 * DAY  # all of the channel is looked through again after `reread_days`
    kept = channel.sync()

    assert kept.read == [head["ts"]]
    assert "blue valve" in kept.text() and "panel for that" in kept.text()


def test_the_only_reply_deleted_makes_a_thread_a_message_again(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "Is the roof terrace open?", channel="general")
    reply = sandbox.post("ines", "No.", channel="general", thread_ts=ts)
    assert ids(channel.sync()) == [ts]
    sandbox.delete("ines", channel="general", ts=reply)
    channel.heard(ts)
    kept = channel.sync()
    assert ids(kept) == [f"hour-{int(float(ts)) // 3600 * 3600}"]
    assert "roof terrace" in kept.text()


def test_the_head_of_a_thread_deleted_leaves_the_replies(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "My salary is 100 a day.", channel="general")
    sandbox.post("ines", "Please write such things to me directly.", channel="general", thread_ts=ts)
    channel.sync()
    sandbox.delete("marco", channel="general", ts=ts)
    channel.heard(ts)
    kept = channel.sync()
    assert "100 a day" not in kept.text() and "directly" in kept.text()


def test_a_hundred_events_are_one_look(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "Counting", channel="general")
    sandbox.post("ines", "One, two, three.", channel="general", thread_ts=ts)
    channel.sync()
    for number in range(100):
        channel.heard(ts, f"1763700000.{number:06d}")
    kept = channel.sync()
    assert kept.calls.count("conversations.history") == kept.calls.count("conversations.replies") == 1
    assert channel.notes.changes() == []


def test_what_is_heard_while_a_sync_is_at_work_stays_for_the_next(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "First?", channel="general")
    sandbox.post("ines", "Yes.", channel="general", thread_ts=ts)
    channel.heard(ts, "1.1")
    listing = channel.source().originals()
    next(listing)
    sandbox.post("priya", "No!", channel="general", thread_ts=ts)
    channel.heard(ts, "2.2")
    list(listing)
    assert [change.event_ts for change in channel.notes.changes()] == ["2.2"]
    assert "No!" in channel.sync().text()


# All of it, and not from the beginning


def test_every_page_of_a_large_channel_is_read(channel: Scene, sandbox: Sandbox) -> None:
    sandbox.backfill("general", said(20 * DAY, *(f"remark number {number:04d}" for number in range(1500))))
    sandbox.backfill("general", said(3000, *(f"recent number {number:04d}" for number in range(950))))
    text = channel.sync().text()
    assert all(f"remark number {number:04d}" in text for number in range(1500))
    assert all(f"recent number {number:04d}" in text for number in range(950))


def test_every_page_of_a_large_thread_is_read(channel: Scene, sandbox: Sandbox) -> None:
    head = said(3000, "A long story")[0]
    told = said(2900, *(f"chapter {number:04d}" for number in range(1100)), thread_ts=head["ts"], user="ines")
    sandbox.backfill("general", [head, *told])
    text = channel.sync().texts[head["ts"]]
    assert [f"chapter {number:04d}" in text for number in range(1100)] == [True] * 1100
    assert (
        text.count("A long story") == 2
    )  # the title, and the message: the head of every page is one message


def test_a_sync_that_crashed_goes_on_where_it_was(channel: Scene, sandbox: Sandbox) -> None:
    for day in range(30, 90):
        sandbox.backfill("general", said(day * DAY, f"remark of day {day}"))
    channel.sync(crash_after=40)
    calls = len(sandbox.calls("conversations.history"))
    kept = channel.sync()
    asked = [call["arguments"] for call in sandbox.calls("conversations.history")[calls:]]

    assert len(ids(kept)) == 60
    assert all(f"remark of day {day}" in kept.text() for day in range(30, 90))
    # The last weeks, and what the first sync had not come to; between them nothing.
    assert len(asked) == 2
    assert float(asked[1]["latest"]) < float(ts_of(65 * DAY))


@pytest.mark.parametrize("after", range(0, 12, 3))
def test_a_crash_at_any_place_loses_nothing(channel: Scene, sandbox: Sandbox, after: int) -> None:
    for day in (0.1, 3, 30, 31, 200, 400):
        head = said(day * DAY, f"question of {day}")[0]
        sandbox.backfill("general", [head, *said(day * DAY - 50, f"answer of {day}", thread_ts=head["ts"])])
        sandbox.backfill("general", said(day * DAY - 7200, f"remark of {day}"))
    channel.heard(ts_of(30 * DAY))
    channel.sync(crash_after=after)
    kept = channel.sync()
    assert len(ids(kept)) == 12
    assert ids(kept) == ids(channel.sync())
    assert all(f"answer of {day}" in kept.text() for day in (0.1, 3, 30, 31, 200, 400))


def test_lost_memory_costs_time_and_no_content(channel: Scene, sandbox: Sandbox) -> None:
    sandbox.backfill("general", said(100 * DAY, "an old remark about the boiler"))
    ts = sandbox.post("marco", "New?", channel="general")
    sandbox.post("ines", "Yes.", channel="general", thread_ts=ts)
    first = channel.sync()
    channel.memory.forget(channel.memory.all())
    second = channel.sync()
    assert second.read == [] and ids(second) == ids(first)


def test_what_is_older_than_what_is_kept_is_not_listed(
    there: Stage,
    sandbox: Sandbox,
) -> None:
    sandbox.backfill("general", said(40 * DAY, "long ago we met on Fridays"))
    old = said(5 * DAY, "we meet on Thursdays")[0]
    sandbox.backfill("general", [old])
    channel = Scene(there, options={"keep_days": "30"})
    assert "Fridays" not in channel.sync().text()
    assert "Thursdays" in channel.kept.text()
    channel.later = 26 * DAY
    channel.heard(old["ts"])
    kept = channel.sync()
    assert kept.texts == {} and kept.skipped
    assert channel.memory.all("hour:") == {}


# Slack says no


def test_slacks_rate_limit_is_obeyed(channel: Scene, sandbox: Sandbox) -> None:
    sandbox.post("marco", "Patience is a virtue, they say.", channel="general")
    sandbox.fault("rate_limited", "conversations.history", count=1, seconds=1)
    began = time.monotonic()
    assert "virtue" in channel.sync().text()
    assert time.monotonic() - began >= 1


def test_an_app_that_gets_fifteen_messages_a_minute_is_told_why(channel: Scene, sandbox: Sandbox) -> None:
    sandbox.backfill("general", said(3000, *(f"remark {number}" for number in range(40))))
    sandbox.settings(distributed_outside_marketplace=True)
    with pytest.raises(ConfigError, match=r"15 messages a minute.*manifest\.json"):
        channel.sync()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("channel_not_found", SourceGone),
        ("not_in_channel", SourceGone),
        ("account_inactive", SourceGone),
        ("token_revoked", SourceGone),
        ("internal_error", SourceUnavailable),
        ("fatal_error", SourceUnavailable),
        ("service_unavailable", SourceUnavailable),
        ("a_new_error_of_slacks", SourceUnavailable),
        ("team_added_to_org", SourceUnavailable),
        ("access_denied", SourceUnavailable),
        ("invalid_auth", ConfigError),
        ("token_expired", ConfigError),
        ("missing_scope", ConfigError),
    ],
)
def test_only_what_says_so_is_gone(
    channel: Scene, sandbox: Sandbox, error: str, raised: type[Exception]
) -> None:
    sandbox.post("marco", "Something worth keeping.", channel="general")
    sandbox.fault("error", "conversations.info", error=error)
    with pytest.raises(raised):
        list(channel.source().originals())


@pytest.mark.parametrize(
    "fault", [{"kind": "garbage"}, {"kind": "http", "status": 502}, {"kind": "reset", "count": None}]
)
def test_a_slack_that_is_away_deletes_nothing(
    channel: Scene, sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.post("marco", "Something worth keeping.", channel="general")
    sandbox.fault(method="conversations.history", **fault)
    with pytest.raises(SourceUnavailable):
        list(channel.source().originals())


def test_the_token_of_another_workspace_deletes_nothing(channel: Scene, sandbox: Sandbox) -> None:
    channel.memory.put({"team": "T0ANOTHER"})
    with pytest.raises(ConfigError, match="another workspace"):
        list(channel.source().originals())


def test_a_bot_that_was_put_out_may_keep_nothing(channel: Scene, sandbox: Sandbox) -> None:
    sandbox.post("marco", "Something worth keeping.", channel="general")
    channel.sync()
    sandbox.leave("footnote", "general")
    with pytest.raises(SourceGone, match="no longer in the channel"):
        channel.sync()


def test_an_archived_channel_is_kept_though_bots_are_put_out_of_it(channel: Scene, sandbox: Sandbox) -> None:
    ts = sandbox.post("marco", "Something worth keeping?", channel="general")
    sandbox.post("ines", "Yes.", channel="general", thread_ts=ts)
    before = channel.sync()
    sandbox.change_channel("general", is_archived=True)
    channel.heard("0")
    kept = channel.sync()
    assert ids(kept) == ids(before) and kept.texts == before.texts
    assert kept.calls == ["auth.test", "conversations.info"]
    assert channel.notes.changes() == []


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
def test_a_channel_archived_in_the_middle_of_a_sync_is_kept(
    channel: Scene, sandbox: Sandbox, method: str
) -> None:
    ts = sandbox.post("marco", "Something worth keeping?", channel="general")
    sandbox.post("ines", "Yes.", channel="general", thread_ts=ts)
    listing = channel.source().originals()
    if method == "conversations.history":
        sandbox.fault("error", method, error="not_in_channel")
        with pytest.raises(SourceUnavailable, match="archived"):
            next(listing)
        return
    found = next(listing)
    sandbox.change_channel("general", is_archived=True)
    with pytest.raises(SourceUnavailable, match="archived"):
        found.read()  # type: ignore[union-attr]


# Who may read it


def test_a_channel_that_became_private_is_not_read_for_others(channel: Scene, sandbox: Sandbox) -> None:
    sandbox.post("marco", "Salaries are paid on the 25th.", channel="general")
    channel.sync()
    sandbox.change_channel("general", kind="private")
    with pytest.raises(SourceUnavailable, match=r"is private.*audience 'source' channel:C01GENERAL"):
        channel.sync()
    assert channel.notes.is_found_private()


def test_a_channel_that_became_shared_may_not_be_kept(channel: Scene, sandbox: Sandbox) -> None:
    sandbox.change_channel("general", is_ext_shared=True)
    with pytest.raises(SourceGone, match="shared with another organisation"):
        channel.sync()


def test_a_shared_channel_is_read_where_both_agree(
    there: Stage,
    sandbox: Sandbox,
) -> None:
    sandbox.post("dana", "The lorry comes on Tuesday.", channel="partners")
    partners = Scene(there, location="C01PARTNERS", options={"allow_shared": "yes"})
    assert "**dana**" in partners.sync().text()


@pytest.mark.parametrize(
    ("channel", "allow_shared", "readers"),
    [
        ({"is_private": False}, False, {"public"}),
        ({"is_private": True}, False, {"channel:C1"}),
        ({}, False, {"channel:C1"}),
        ({"is_private": False, "is_ext_shared": True}, True, {"public"}),
        ({"is_private": True, "is_ext_shared": True}, True, {"channel:C1"}),
        ({"is_private": False, "is_ext_shared": True}, False, None),
        ({"is_private": False, "is_pending_ext_shared": True}, False, None),
        ({"is_im": True}, True, None),
        ({"is_mpim": True, "is_private": True}, True, None),
    ],
)
def test_who_may_read_a_source_on_a_channel(
    channel: dict[str, Any], allow_shared: bool, readers: set[str] | None
) -> None:
    described = {"id": "C1", "name": "one"} | channel
    if readers is None:
        with pytest.raises(ConfigError):
            readers_for(described, {"public"}, allow_shared=allow_shared)
    else:
        assert readers_for(described, {"public"}, allow_shared=allow_shared) == readers


@pytest.mark.parametrize(
    "options", [{"keep_days": "0"}, {"reread_days": "often"}, {"include_bots": "maybe"}, {"keep_days": "-3"}]
)
def test_an_option_that_makes_no_sense_is_said(there: Stage, options: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        Scene(there, options=options).source()
