"""A trial from its row to the thread, in a sandbox's workspace."""

from dataclasses import dataclass, field, replace

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine, update

from rag.domain import Answer, Audience, Chunk, Outcome, Question, Scope
from rag.errors import IndexUnavailable
from rag.explaining import Candidate, Explanation
from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from workers.access import SlackAccess
from workers.admin.explaining_job import ExplainingJob
from workers.admin.explaining_words import CAME_TO_NOTHING, CHUNK_GONE, NOT_TOLD, NOT_YOURS, SHOW_CHUNK
from workers.admin.trials import Trials, mark_of, trials
from workers.channels import ChannelSettings
from workers.slack.names import names_of

INES, TOM, GENERAL, ADMIN = "U01INES", "U01TOM", "C01GENERAL", "C01ADMIN"
CHUNK = Chunk(
    "T", "s", "a.md", 3, "Leave", ("Annual",), "25 days", "https://x.example/a", frozenset({"members"})
)
FOUND = Explanation(
    "how many days",
    (
        Candidate(CHUNK, "used", 1, 1.5, 1.4, 0.71, 1, 8.25, 2, frozenset({"members"})),
        Candidate(CHUNK, "not for them", meaning=0.6),
    ),
    1,
    ("Recency",),
    Answer("25 days", Outcome.ANSWERED, confidence=0.8),
    0.3,
)  # fmt: skip


@dataclass
class Scripted:
    """Explains as it is told to, and records what it was asked for."""

    faults: list[Exception] = field(default_factory=list)
    asked: list[tuple[Question, Audience | None]] = field(default_factory=list)
    chunks: list[Audience] = field(default_factory=list)
    held: Chunk = CHUNK

    def explain(self, question: Question, beside: Audience | None = None) -> Explanation:
        self.asked.append((question, beside))
        if self.faults:
            raise self.faults.pop(0)
        return FOUND

    def chunk(self, point_id: str, audience: Audience) -> Chunk | None:
        self.chunks.append(audience)
        return self.held if point_id == CHUNK.point_id and self.held.readers & audience.readers else None


class Bench:
    def __init__(self, server: SandboxServer, sandbox: Sandbox, engine: Engine) -> None:
        self.sandbox = sandbox
        self.client = WebClient(token=server.bot_token, base_url=server.api_url)
        self.trials = Trials(engine, "T")
        self.explainer = Scripted()
        self.thread = sandbox.post("ines", "test", channel="footnote-admin")
        self.job = ExplainingJob(
            *(self.trials, self.client, SlackAccess(self.client, team_id="T"), self.explainer),
            settings_of=lambda _: ChannelSettings(sources=frozenset({"s1"})),
            names=lambda ids: names_of(self.client, ids),
            lease_seconds=60,
        )

    def try_(self, reader_id: str = INES, point_id: str | None = None, user_id: str = INES) -> str:
        return self.trials.add(
            user_id=user_id,
            channel_id=ADMIN,
            thread_ts=self.thread,
            question="how many days",
            reader_id=reader_id,
            point_id=point_id,
        )

    def run(self, trial_id: str, times: int = 1) -> Message:
        for _ in range(times):
            self.job.run(trial_id)
        [reply] = [one for one in self.sandbox.thread("footnote-admin", self.thread) if one.from_app]
        return reply


@pytest.fixture
def bench(server: SandboxServer, sandbox: Sandbox, engine: Engine) -> Bench:
    sandbox.join("footnote", "general")
    return Bench(server, sandbox, engine)


def test_the_result_stands_in_the_place_of_the_first_message_and_once(bench: Bench) -> None:
    trial_id = bench.try_()
    posted = bench.client.chat_postMessage(channel=ADMIN, thread_ts=bench.thread, text="…")
    bench.trials.place(trial_id, str(posted["ts"]))
    reply = bench.run(trial_id, times=2)
    assert reply.ts == posted["ts"]
    assert "0.71 #1" in reply.as_text()
    assert len(bench.explainer.asked) == 1


def test_by_itself_it_is_tried_for_who_asks_and_nobody_else(bench: Bench) -> None:
    bench.run(bench.try_())
    [(question, beside)] = bench.explainer.asked
    assert {"public", "members", f"channel:{ADMIN}"} <= question.audience.readers
    assert question.audience.team_id == "T"
    assert beside is None
    assert question.scope == Scope()


def test_for_a_person_it_is_what_they_may_read_beside_what_who_asks_may(bench: Bench) -> None:
    reply = bench.run(bench.try_(TOM))
    [(question, beside)] = bench.explainer.asked
    assert "members" not in question.audience.readers, "Tom is a guest"
    assert beside is not None
    assert "members" in beside.readers
    assert reply.pings() == []
    assert "not for them" in reply.as_text()


def test_for_a_channel_it_is_what_all_of_it_may_read_in_the_sources_set_for_it(bench: Bench) -> None:
    bench.run(bench.try_(GENERAL))
    [(question, beside)] = bench.explainer.asked
    assert f"channel:{GENERAL}" in question.audience.readers
    assert question.scope == Scope(source_ids=frozenset({"s1"}))
    assert beside is not None


@pytest.mark.parametrize("reader", ["C0NOBODY", "U0NOBODY"])
def test_who_is_not_known_is_not_guessed(bench: Bench, reader: str) -> None:
    reply = bench.run(bench.try_(reader), times=3)
    assert reply.text == NOT_TOLD
    assert bench.explainer.asked == []


def test_a_service_that_is_away_is_tried_again(bench: Bench) -> None:
    bench.explainer.faults = [IndexUnavailable("away")]
    trial_id = bench.try_()
    bench.job.run(trial_id)
    assert [one for one in bench.sandbox.thread("footnote-admin", bench.thread) if one.from_app] == []
    assert "0.71" in bench.run(trial_id).as_text()


def test_it_ends_with_an_apology(bench: Bench) -> None:
    bench.explainer.faults = [IndexUnavailable("away") for _ in range(9)]
    assert bench.run(bench.try_(), times=9).text == CAME_TO_NOTHING
    assert len(bench.explainer.asked) == 3


def test_a_fault_of_ours_is_an_apology_at_once(bench: Bench) -> None:
    bench.explainer.faults = [ValueError("the question, word by word")]
    assert bench.run(bench.try_()).text == CAME_TO_NOTHING


def test_slack_that_is_away_gets_it_later(bench: Bench) -> None:
    trial_id = bench.try_()
    bench.sandbox.fault("error", "chat.postMessage", count=1)
    bench.job.run(trial_id)
    assert "0.71" in bench.run(trial_id).as_text()


def test_a_chunk_is_whispered_to_who_clicked_as_indexed(bench: Bench) -> None:
    reply = bench.run(bench.try_(INES, CHUNK.point_id))
    assert reply.ephemeral == INES
    assert "Leave\nAnnual\n25 days" in reply.as_text()
    assert bench.explainer.asked == []


def test_a_chunk_is_looked_up_for_those_it_was_tried_for(bench: Bench) -> None:
    reply = bench.run(bench.try_(TOM, CHUNK.point_id))
    assert (reply.ephemeral, reply.text) == (INES, CHUNK_GONE)
    assert "members" not in bench.explainer.chunks[0].readers


def test_chunks_that_they_may_not_read_have_no_button(bench: Bench) -> None:
    reply = bench.run(bench.try_())
    assert [one["action_id"] for one in reply.buttons()] == [f"{SHOW_CHUNK}_1"]


def test_an_admin_sees_no_chunk_that_is_not_for_them(bench: Bench) -> None:
    """Trying a question as somebody else is no way to read what only they may."""
    bench.sandbox.join("tom", "general")
    bench.sandbox.leave("ines", "general")
    bench.explainer.held = replace(CHUNK, readers=frozenset({f"channel:{GENERAL}"}))
    reply = bench.run(bench.try_(TOM, CHUNK.point_id))
    assert (reply.ephemeral, reply.text) == (INES, NOT_YOURS)


def test_titles_are_for_those_alone_that_all_who_see_them_may_read(bench: Bench) -> None:
    bench.sandbox.join("tom", "footnote-admin")  # a guest, who is no admin, sees what is posted there
    reply = bench.run(bench.try_())
    assert "a passage that not everybody in this channel may read" in reply.as_text()
    assert "Leave" not in reply.as_text()


def test_a_message_whose_place_was_never_noted_is_found_again(bench: Bench) -> None:
    trial_id = bench.try_()
    posted = bench.client.chat_postMessage(
        channel=ADMIN, thread_ts=bench.thread, text="…", metadata=mark_of(trial_id)
    )
    assert bench.run(trial_id).ts == posted["ts"]


def test_a_worker_that_died_after_it_posted_posts_no_second_time(bench: Bench, engine: Engine) -> None:
    trial_id = bench.try_()
    first = bench.run(trial_id)
    with engine.begin() as connection:  # as if it had never got as far as to finish
        connection.execute(update(trials).values(finished=False, lease_until=0.0))
    assert bench.run(trial_id).ts == first.ts
    assert len(bench.explainer.asked) == 2
