"""Two workspaces in one database with the same ids of channels, people and messages: what one is served is never the other's."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Engine, update

from ingestion.catalogue import Catalogue, sources
from ingestion.runs import Runs
from rag.database import transaction
from rag.domain import Answer, Citation, Outcome
from rag.errors import SlackUnavailable
from rag.settings import (
    ConfluenceSettings,
    FetchSettings,
    GitSettings,
    JobSettings,
    NotionSettings,
    Settings,
    SlackSettings,
    StorageSettings,
)
from sandbox.server import SandboxServer
from workers.access import SlackAccess
from workers.admin.admin_sight import AdminSight
from workers.admin.audit import Audit
from workers.admin.failures import failures
from workers.admin.insights import insights
from workers.admin.once import Once
from workers.admin.pinned_list import PinnedLists
from workers.admin.reindexing import Reindexing
from workers.admin.source_admin import Asker
from workers.admin.trials import Trials, trials
from workers.asked import Incoming
from workers.channels import Channels, ChannelSettings
from workers.feedback import Feedback, Vote
from workers.following import Following
from workers.intake import Intake
from workers.ledger import Ledger
from workers.privacy.erasing import Erasing
from workers.reporting.digest import DigestReader
from workers.reporting.usage import Usage
from workers.slack.shared_pace import Paces
from workers.tables import answers
from workers.tasks import Job
from workers.tenancy.installations import Installations, slack_team_of
from workers.tenancy.sealing import Seal, new_key
from workers.tenancy.several import SeveralJobs
from workers.tenancy.uninstalling import Leftovers, StillInstalled, Uninstalling

ONE, OTHER, KEY = "T1ONE", "T2OTHER", new_key()
CITED = Citation(1, "leave.md", "Leave", (), "https://x.test/leave")


def installed(engine: Engine) -> Installations:
    kept = Installations(engine, Seal(KEY))
    for team_id in (ONE, OTHER):
        kept.save(
            Installation(team_id=team_id, bot_token=f"xoxb-{team_id}", bot_user_id="U0BOT", user_id="U1")
        )
    return kept


def asked(team_id: str, text: str = "how many?", *, ts: str = "1.5", user: str = "U1") -> Incoming:
    return Incoming(team_id, "C1", ts, ts, user, text)


def settings() -> Settings:
    return Settings(
        slack=SlackSettings(mode="http", client_id="1.2"),
        storage=StorageSettings(team_id="default"),
        jobs=JobSettings(broker_url="memory://"),
        confluence=ConfluenceSettings(email="me@x.test", api_token="secret"),  # type: ignore[arg-type]
        notion=NotionSettings(token="secret"),  # type: ignore[arg-type]
        git=GitSettings(token="secret"),  # type: ignore[arg-type]
        fetch=FetchSettings(trusted_hosts="wiki.internal"),
    )


@dataclass
class Recording:
    """A workspace's parts that say what they were asked to do, and with which token."""

    settings: Settings
    team_id: str
    done: list[tuple[str, str, str]]
    fails: bool = False
    client: WebClient = field(default_factory=WebClient)

    @property
    def answering(self) -> Job:
        return _Noting(self, "answer")

    @property
    def syncing(self) -> Job:
        return _Noting(self, "sync")

    @property
    def explaining(self) -> Job:
        return _Noting(self, "try")

    @property
    def swept(self) -> "Sequence[Recording]":
        return [self]

    def note(self, what: str) -> None:
        self.done.append((self.team_id, self.settings.slack.bot_token.get_secret_value(), what))

    def sweep(self) -> None:
        self.note("sweep")
        if self.fails:
            raise SlackUnavailable("away")


@dataclass
class _Noting:
    parts: Recording
    what: str

    def run(self, name: str, /) -> None:
        self.parts.note(f"{self.what} {name}")


@pytest.fixture
def done() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def several(engine: Engine, done: list[tuple[str, str, str]]) -> SeveralJobs:
    kept, given = installed(engine), settings()
    own = Recording(given, "default", done)
    return SeveralJobs(
        given, engine, kept, own, lambda own, team_id: Recording(own, team_id, done, fails=team_id == ONE)
    )


def test_each_question_is_answered_with_the_token_of_its_workspace(
    engine: Engine, several: SeveralJobs, done: list[tuple[str, str, str]]
) -> None:
    ids = {team_id: Ledger(engine).accept(asked(team_id)).question_id for team_id in (ONE, OTHER)}
    assert len({*ids.values()}) == 2
    for question_id in ids.values():
        several.answering.run(question_id)
    assert done == [(team_id, f"xoxb-{team_id}", f"answer {ids[team_id]}") for team_id in (ONE, OTHER)]


def test_a_question_of_a_workspace_that_is_gone_or_of_nobody_is_left_alone(
    engine: Engine, several: SeveralJobs, done: list[tuple[str, str, str]]
) -> None:
    gone = Ledger(engine).accept(asked("T9GONE")).question_id
    several.answering.run(gone)
    several.answering.run("no such question")
    several.syncing.run("no such run")
    assert done == []


def test_runs_are_done_for_their_own_team_a_gone_ones_without_a_token(
    engine: Engine, several: SeveralJobs, done: list[tuple[str, str, str]]
) -> None:
    expected = []
    for team_id, token in (("T9GONE", ""), (ONE, f"xoxb-{ONE}"), ("default", "")):
        added = Catalogue(engine, team_id).add_source("a", kind="web", location="x", readers=["members"])
        run = Runs(engine, team_id).request(added.id, "sync", "test")
        expected.append((team_id, token, f"sync {run.id}"))
    waiting = several.runs.waiting()
    assert len(waiting) == 3
    for team_id, _, what in expected:
        several.syncing.run(what.removeprefix("sync "))
        assert done[-1][0] == team_id
    assert done == expected


def test_trials_are_done_for_their_own_workspace(
    engine: Engine, several: SeveralJobs, done: list[tuple[str, str, str]]
) -> None:
    ids = {
        team_id: Trials(engine, team_id).add(
            user_id="U1", channel_id="C1", thread_ts="1.5", question="?", reader_id="U1"
        )
        for team_id in (ONE, OTHER, "T9GONE")
    }
    assert Trials(engine, OTHER).get(ids[ONE]) is None
    with transaction(engine) as connection:
        connection.execute(update(trials).values(tried_at=0))
    assert sorted(several.trials.due()) == sorted(ids.values())
    several.trials.free_all()
    for trial_id in (*ids.values(), "no such trial"):
        several.explaining.run(trial_id)
    assert done == [(team_id, f"xoxb-{team_id}", f"try {ids[team_id]}") for team_id in (ONE, OTHER)]


def test_what_failed_in_one_workspace_is_not_told_in_the_other(engine: Engine) -> None:
    ledger = Ledger(engine)
    ledger.accept(asked(ONE), Answer("Sorry.", Outcome.FAILED))
    question_id = ledger.accept(asked(ONE, ts="2.5")).question_id
    claimed = ledger.claim(question_id, lease_seconds=60)
    assert claimed is not None
    ledger.release(claimed, error="Fault at x.py:1", delay_seconds=0)
    mine, theirs = (failures(engine, days=7, team_id=team_id) for team_id in (ONE, OTHER))
    assert ([fault.name for fault in mine.faults], mine.apologies) == (["Fault at x.py:1"], 1)
    assert (theirs.faults, theirs.apologies) == ([], 0)


class SeesAll(AdminSight):
    """An admin channel from which all of its workspace may be shown."""

    def __init__(self) -> None:
        super().__init__(WebClient(), SlackAccess(WebClient(), team_id=ONE), "C1")

    def readers(self) -> frozenset[str]:
        return frozenset({"members"})

    def sees(self, channel_id: str) -> bool:
        return True

    @property
    def workspace_url(self) -> str:  # type: ignore[override]
        return "https://x.test/"


def test_the_digest_tells_nothing_of_the_other_workspace_though_channels_have_the_same_ids(
    engine: Engine,
) -> None:
    for team_id, text in ((ONE, "ours"), (OTHER, "theirs")):
        ledger = Ledger(engine)
        ledger.accept(asked(team_id, text), Answer("no", Outcome.NOT_FOUND))
        rated = ledger.accept(asked(team_id, text, ts="2.5"), Answer("25", Outcome.ANSWERED, (CITED,)))
        Feedback(engine).rate(Vote(rated.question_id, "U1", team_id, "C1"), -1)
    reader = DigestReader(
        engine,
        Catalogue(engine, ONE),
        SeesAll(),
        lambda texts: [[1.0, 0.0] for _ in texts],
        slack_team_id=ONE,
    )
    found = reader.read((0.0, 1e12))
    assert (found.asked, found.bad) == (2, 1)
    assert [gap.question for gap in found.gaps] == ["ours"]
    assert [complaint.question for complaint in found.complaints] == ["ours"]


def test_a_question_of_the_other_workspaces_digest_cannot_be_answered_from_here(engine: Engine) -> None:
    question_id = Ledger(engine).accept(asked(OTHER), Answer("no", Outcome.NOT_FOUND)).question_id
    assert Ledger(engine, ONE).kept(question_id) is None
    assert Ledger(engine, OTHER).kept(question_id) is not None


def test_how_sources_are_used_is_counted_by_workspace(engine: Engine) -> None:
    source = Catalogue(engine, ONE).add_source("a", kind="web", location="x", readers=["members"])
    cites = replace(CITED, source_id=source.id)
    for team_id, number in ((ONE, 1), (OTHER, 3)):
        for place in range(number):
            Ledger(engine).accept(asked(team_id, ts=f"{place}.5"), Answer("25", Outcome.ANSWERED, (cites,)))
    with transaction(engine) as connection:
        connection.execute(update(answers).values(stored_at=answers.c.stored_at - 1000))
    assert Usage(engine, ONE, slack_team_id=ONE).of_sources()[source.id].questions == 1
    assert Usage(engine, OTHER, slack_team_id=OTHER).old_grounds() == []


def test_schedules_are_kept_for_those_that_are_served(engine: Engine, several: SeveralJobs) -> None:
    for team_id in (ONE, "T9GONE", "default"):
        Catalogue(engine, team_id).add_source(
            "a", kind="web", location="x", readers=["members"], every_seconds=60
        )
    with transaction(engine) as connection:
        connection.execute(update(sources).values(due_at=0))
    several.schedule.request_due()
    assert [Runs(engine, team_id).latest() != {} for team_id in (ONE, "T9GONE", "default")] == [
        True,
        False,
        True,
    ]


def test_what_fails_in_one_workspace_is_still_seen_to_in_the_other(
    several: SeveralJobs, done: list[tuple[str, str, str]]
) -> None:
    for one in several.swept:
        one.sweep()
    assert [(team_id, what) for team_id, _, what in done] == [(ONE, "sweep"), (OTHER, "sweep")]


def test_no_workspace_is_handed_what_is_the_operators(
    several: SeveralJobs, engine: Engine, done: list[tuple[str, str, str]]
) -> None:
    given: list[Settings] = []
    kept = Installations(engine, Seal(KEY))
    kept.administer_from(OTHER, "C1ADMIN")

    def build(own: Settings, team_id: str) -> Recording:
        given.append(own)
        return Recording(own, team_id, done)

    SeveralJobs(settings(), engine, kept, Recording(settings(), "default", done), build).swept[0].sweep()
    one, other = given
    assert (one.storage.team_id, other.storage.team_id) == (ONE, OTHER)
    assert (one.admin.channel, other.admin.channel) == ("", "C1ADMIN")
    assert one.slack.bot_token.get_secret_value() == f"xoxb-{ONE}"
    for own in given:
        assert (own.notion.token, own.git.token, own.confluence.api_token, own.confluence.email) == (
            None,
            None,
            None,
            "",
        )
        assert (own.google.credentials_file, own.fetch.trusted_hosts) == (None, "")
    assert settings().git.token is not None


def test_an_answer_and_its_buttons_are_of_one_workspace_whoever_knows_the_id(engine: Engine) -> None:
    answer = Answer("Which?", Outcome.NEEDS_CLARIFICATION, (CITED,), options=("a", "b"))
    question_id = Ledger(engine).accept(asked(ONE), answer).question_id
    mine, theirs = Ledger(engine, ONE), Ledger(engine, OTHER)
    assert theirs.asked(question_id) is None
    assert theirs.choose(question_id, "U1", 0) is None
    assert theirs.hand_on(question_id, "U1") is None
    assert theirs.answer(question_id, team_id=OTHER, channel_id="C1", user_id="U1") is None
    assert theirs.latest(OTHER, "U1", limit=5) == []
    assert theirs.counts() == {}
    assert not theirs.knows_message(OTHER, "C1", "1.5")
    assert theirs.withdraw(OTHER, "C1", "1.5") is None
    assert theirs.reword(OTHER, "C1", "1.5", "else") is None
    assert theirs.stop(OTHER, "C1", "1.5") == []
    assert not Feedback(engine).rate(Vote(question_id, "U1", OTHER, "C1"), 1)
    assert mine.asked(question_id) == asked(ONE)
    assert mine.choose(question_id, "U1", 0) is not None


def test_a_thread_of_the_same_timestamp_is_not_followed_in_the_other(engine: Engine) -> None:
    Ledger(engine).accept(asked(ONE), Answer("25", Outcome.ANSWERED))
    following = Following(engine, "always", hours=1)
    assert following.is_for_us(Incoming(ONE, "C1", "2.5", "1.5", "U1", "and how many more?"))
    assert not following.is_for_us(Incoming(OTHER, "C1", "2.5", "1.5", "U1", "and how many more?"))


def test_one_workspace_cannot_fill_the_others_queue_nor_ask_in_its_name(engine: Engine) -> None:
    def intake(team_id: str) -> Intake:
        return Intake(Ledger(engine, team_id), lambda _: None, queue_limit=1, team_id=team_id)

    intake(ONE).accept(asked(ONE, ts="1.0"))
    intake(ONE).accept(asked(ONE, ts="1.1"))
    assert Ledger(engine, ONE).counts() == {"accepted": 1, "answered": 1}
    # Somebody from the other workspace, in a channel that both share.
    intake(OTHER).accept(asked(ONE, ts="1.2"))
    assert Ledger(engine, OTHER).counts() == {"accepted": 1}


def test_what_was_asked_and_rated_is_told_to_admins_of_its_own_workspace_only(engine: Engine) -> None:
    for team_id, text in ((ONE, "ours"), (OTHER, "theirs")):
        ledger = Ledger(engine)
        ledger.accept(asked(team_id, text), Answer("no", Outcome.NOT_FOUND))
        rated = ledger.accept(asked(team_id, text, ts="2.5"), Answer("25", Outcome.ANSWERED, (CITED,)))
        Feedback(engine).rate(Vote(rated.question_id, "U1", team_id, "C1"), -1)
    found = insights(engine, days=7, embed=None, team_id=ONE)
    assert (found.asked, found.bad) == (2, 1)
    assert [gap.question for gap in found.gaps] == ["ours"]
    assert [complaint.question for complaint in found.complaints] == ["ours"]
    assert [ground.answers for ground in found.grounds] == [1]


def test_settings_once_keys_lists_and_the_audit_are_kept_apart(engine: Engine) -> None:
    Channels(engine, ONE).put("C1", ChannelSettings(auto_answer=0.5), by="U1")
    assert Channels(engine, OTHER).of("C1").auto_answer is None
    assert Once(engine, ONE).claim("command:C1:1.5")
    assert Once(engine, OTHER).claim("command:C1:1.5")
    Audit(engine, ONE).note("U1", "remove", "wiki")
    assert Audit(engine, OTHER).latest() == []
    PinnedLists(engine, ONE).want("C1")
    PinnedLists(engine, OTHER).want("C1")


def test_all_in_full_for_one_of_several_is_no_rebuild_for_all(engine: Engine) -> None:
    Catalogue(engine, ONE).add_source("a", kind="web", location="x", readers=["members"])
    Reindexing(engine, ONE, alone=False).start(None, Asker("U1", "C1", "1.5"), full=True)
    assert [run.action for run in Runs(engine, ONE).latest().values()] == ["sync"]


def test_a_person_erased_in_one_workspace_stays_in_the_other(engine: Engine) -> None:
    installed(engine)
    for team_id in (ONE, OTHER):
        question_id = Ledger(engine).accept(asked(team_id), Answer("25", Outcome.ANSWERED)).question_id
        Feedback(engine).rate(Vote(question_id, "U1", team_id, "C1"), 1)
    assert slack_team_of(engine, "default") is None
    erasing = Erasing(engine, ONE, slack_team_id=slack_team_of(engine, ONE))
    assert (erasing.count("U1").questions, erasing.count("U1").ratings) == (1, 1)
    erasing.erase("U1", by="test")
    assert Ledger(engine).latest(ONE, "U1", limit=5) == []
    [left] = Ledger(engine).latest(OTHER, "U1", limit=5)
    assert left.text == "how many?"
    assert insights(engine, days=7, embed=None, team_id=OTHER).good == 1


def test_uninstalling_twice_takes_one_workspace_out_and_leaves_the_other(engine: Engine) -> None:
    kept = installed(engine)
    for team_id in (ONE, OTHER):
        Catalogue(engine, team_id).add_source("a", kind="web", location="x", readers=["members"])
        Ledger(engine).accept(asked(team_id), Answer("25", Outcome.ANSWERED))
    for _ in range(2):
        Uninstalling(engine, kept).uninstall(ONE)
    assert [one.team_id for one in kept.all()] == [OTHER]
    assert [run.action for run in Runs(engine, ONE).latest().values()] == ["remove"]
    assert Runs(engine, OTHER).latest() == {}
    assert Ledger(engine).latest(ONE, "U1", limit=5) == []
    assert len(Ledger(engine).latest(OTHER, "U1", limit=5)) == 1
    assert len([one for one in Audit(engine, ONE).latest() if one.action == "purge"]) == 1


def test_who_was_never_installed_loses_nothing_by_being_told_to_uninstall(engine: Engine) -> None:
    Catalogue(engine, "T9").add_source("a", kind="web", location="x", readers=["members"])
    Uninstalling(engine, Installations(engine, Seal(KEY))).uninstall("T9")
    assert Runs(engine, "T9").latest() == {}


def test_the_record_of_runs_goes_when_the_last_source_is_gone(engine: Engine) -> None:
    kept = installed(engine)
    for team_id in (ONE, OTHER, "default"):
        added = Catalogue(engine, team_id).add_source("a", kind="web", location="x", readers=["members"])
        run = Runs(engine, team_id).request(added.id, "remove", "test")
        Runs(engine, team_id).cancel(run.id)
        Catalogue(engine, team_id).drop(added.id)
    kept.delete_bot(enterprise_id=None, team_id=ONE)
    leftovers = Leftovers(engine, own="default")
    assert leftovers.sweep() == 1
    assert [Runs(engine, team_id).latest() != {} for team_id in (ONE, OTHER, "default")] == [
        False,
        True,
        True,
    ]


def test_paces_are_one_for_all_threads_of_a_workspace_and_another_for_the_next() -> None:
    paces, found = Paces("memory://"), []
    threads = [threading.Thread(target=lambda: found.append(paces.of(ONE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(pace) for pace in found}) == 1
    assert paces.of(OTHER) is not found[0]


@pytest.fixture(scope="module")
def taken_out() -> Iterator[SandboxServer]:
    """A workspace that has taken the app out while nobody listened."""
    with SandboxServer() as server:
        yield server


def test_what_was_not_heard_is_found_out_by_asking_and_nothing_else_takes_a_workspace_out(
    taken_out: SandboxServer,
) -> None:
    gone: list[str] = []

    def asking(token: str, url: str = taken_out.api_url) -> StillInstalled:
        client = WebClient(token=token, base_url=url, retry_handlers=[], timeout=2)
        return StillInstalled(client, ONE, gone.append)

    good = asking(taken_out.bot_token)
    good.ask()
    taken_out.client.fault("error", "auth.test", error="internal_error")
    good.ask()
    taken_out.client.fault("http", "auth.test")
    good.ask()
    asking("xoxb-unknown").ask()
    asking(taken_out.bot_token, "http://127.0.0.1:1/").ask()
    assert gone == []
    taken_out.client.uninstall()
    good.sweep()  # asked not long ago
    assert gone == []
    good.ask()
    assert gone == [ONE]
