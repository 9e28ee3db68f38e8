"""The message in which an answer grows, against the sandbox: whatever Slack takes of it, one message is there in the end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from rag.domain import Answer, Citation, Outcome
from rag.errors import SlackUnavailable
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from workers import growing
from workers.asked import Claimed, Incoming
from workers.growing import GrowingMessage, Stopped, TakenOver
from workers.rendering import render
from workers.replies import SlackReplies, Streaming
from workers.slack.client import PacedClient
from workers.slack.limits import lane_of
from workers.slack.pacing import LocalPace

SOURCE = Citation(1, "leave.md", "Leave", (), "https://handbook.example/leave.md")
FIRST = Answer("You have **25 days** [1].", Outcome.ANSWERED, (SOURCE,))
SECOND = Answer("You have **25 days** [1]. Part-timers have fewer [1].", Outcome.ANSWERED, (SOURCE,))
FINAL = render(SECOND, question_id="q1")


@dataclass
class Noted:
    """The ledger, as far as messages are noted there; `ours` is whether the question still is."""

    ours: bool = True
    ts: list[str] = field(default_factory=list)

    def __call__(self, ts: str) -> bool:
        self.ts.append(ts)
        return self.ours

    def knows(self, team_id: str, channel_id: str, ts: str) -> bool:
        return ts in self.ts


@dataclass
class Scene:
    """A question in a channel, and a message that grows under it."""

    sandbox: Sandbox
    replies: SlackReplies
    claimed: Claimed
    noted: Noted
    message: GrowingMessage
    clock: "Clock"

    def show(self, draft: Answer) -> None:
        """Some seconds after the last one."""
        self.clock.seconds += growing.EDIT_SECONDS
        self.message.show(draft)

    def finish(self) -> None:
        self.message.end()
        self.replies.finish(self.claimed, self.message.ts, FINAL)

    def texts(self) -> list[str]:
        return [message.as_text() for message in self.sandbox.thread("general", self.claimed.incoming.ts)][1:]


@dataclass
class Clock:
    """Time that passes when it is told to."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.seconds


Set = Callable[..., Scene]


@pytest.fixture
def scene(sandbox: Sandbox, server: SandboxServer) -> Set:
    def set_scene(
        streaming: Streaming = "streams", *, placeholder: bool = False, closed: str | None = None
    ) -> Scene:
        noted, clock, pace = Noted(), Clock(), LocalPace()
        client = PacedClient(
            pace, token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3
        )
        if closed:
            pace.close(lane_of(closed), 60)
        replies = SlackReplies(client, known=noted.knows, streaming=streaming, now=clock)
        ts = sandbox.post("marco", "how many days?", channel="general")
        incoming = Incoming("T01FERNWAY", "C01GENERAL", ts, ts, "U01MARCO", "how many days?")
        claimed = Claimed("q1", "owner", 1, incoming, None, None)
        if placeholder:
            sandbox.fault("error", "assistant.threads.setStatus")
        message = replies.growing(claimed, replies.begin(claimed), noted)
        assert message is not None
        return Scene(sandbox, replies, claimed, noted, message, clock)

    return set_scene


def test_the_text_grows_in_one_message_and_the_answer_takes_its_place(scene: Set) -> None:
    it = scene()
    it.show(FIRST)
    assert it.texts() == ["You have **25 days** [1]."]
    (growing_message,) = it.sandbox.thread("general", it.claimed.incoming.ts)[1:]
    assert growing_message.raw["streaming_state"] == "in_progress"
    it.show(SECOND)
    assert it.texts() == ["You have **25 days** [1]. Part-timers have fewer [1]."]
    assert it.noted.ts == [growing_message.ts]
    it.finish()
    (final,) = it.sandbox.thread("general", it.claimed.incoming.ts)[1:]
    assert final.ts == growing_message.ts
    assert "Leave" in final.as_text()
    assert it.replies.find(it.claimed) == final.ts
    assert len(it.sandbox.calls("chat.startStream")) == 1


def test_it_grows_no_faster_than_slack_allows(scene: Set) -> None:
    it = scene()
    for _ in range(20):
        it.message.show(FIRST)
        it.message.show(SECOND)
    assert len(it.sandbox.calls("chat.startStream")) == 1
    assert it.sandbox.calls("chat.appendStream") == []
    it.clock.seconds += growing.STREAM_SECONDS
    it.message.show(SECOND)
    assert len(it.sandbox.calls("chat.appendStream")) == 1


def test_a_draft_that_takes_back_what_was_shown_waits_for_the_end(scene: Set) -> None:
    it = scene()
    it.show(SECOND)
    it.show(Answer("Something else [1].", Outcome.ANSWERED, (SOURCE,)))
    assert it.texts() == ["You have **25 days** [1]. Part-timers have fewer [1]."]
    it.finish()
    assert len(it.texts()) == 1


@pytest.mark.parametrize("refused", ["unknown_method", "missing_recipient_team_id", "ratelimited"])
def test_where_there_are_no_streams_the_message_is_edited(scene: Set, refused: str) -> None:
    it = scene()
    it.sandbox.fault("error", "chat.startStream", error=refused, count=None)
    it.show(FIRST)
    it.show(SECOND)
    (text,) = it.texts()
    assert text.startswith("You have 25 days [1]")
    assert "Part-timers" in text
    assert len(it.sandbox.calls("chat.postMessage")) == 1
    it.finish()
    assert len(it.texts()) == 1


def test_where_too_many_streams_begin_the_message_is_edited(scene: Set) -> None:
    it = scene(closed="chat.startStream")
    it.show(FIRST)
    it.show(SECOND)
    (text,) = it.texts()
    assert "Part-timers" in text
    assert it.sandbox.calls("chat.startStream") == []
    it.finish()
    assert len(it.texts()) == 1


@pytest.mark.parametrize("closed", ["chat.appendStream", "chat.stopStream", "assistant.threads.setStatus"])
def test_what_an_answer_can_do_without_is_not_waited_for(scene: Set, closed: str) -> None:
    began = time.monotonic()
    it = scene(closed=closed)
    it.show(FIRST)
    it.show(SECOND)
    it.message.end()
    assert time.monotonic() - began < 2
    assert len(it.texts()) == 1
    assert it.sandbox.calls(closed) == []


def test_a_draft_that_may_not_be_posted_yet_is_none_that_may_have_been(scene: Set) -> None:
    it = scene("edits", closed="chat.postMessage")
    it.show(FIRST)
    it.message.end()
    assert it.texts() == []


@pytest.mark.parametrize("streaming", ["streams", "edits"])
def test_a_placeholder_becomes_the_answer(scene: Set, streaming: Streaming) -> None:
    it = scene(streaming, placeholder=True)
    it.show(FIRST)
    assert it.texts()[0].startswith("You have 25 days")
    assert it.sandbox.calls("chat.startStream") == []
    it.finish()
    assert len(it.texts()) == 1


def test_a_stream_that_expires_is_edited_from_then_on(scene: Set) -> None:
    it = scene()
    it.sandbox.settings(stream_seconds=0)
    it.show(FIRST)
    it.show(SECOND)  # refused
    it.show(SECOND)
    assert "Part-timers" in it.texts()[0]
    it.finish()
    assert len(it.texts()) == 1


def test_stop_is_heard(scene: Set) -> None:
    it = scene()
    it.show(FIRST)
    assert it.sandbox.stop("marco", channel="general", thread_ts=it.claimed.incoming.ts) == [it.message.ts]
    with pytest.raises(Stopped):
        it.show(SECOND)
    it.finish()
    assert len(it.texts()) == 1


@pytest.mark.parametrize("fault", ["http", "reset", "garbage", "rate_limited", "error"])
def test_what_goes_wrong_on_the_way_leaves_one_answer(scene: Set, fault: str) -> None:
    it = scene()
    it.show(FIRST)
    it.sandbox.fault(fault, "chat.appendStream", count=2)
    it.show(SECOND)
    it.show(SECOND)
    it.sandbox.fault(fault, "chat.stopStream")
    it.finish()
    assert len(it.texts()) == 1
    assert "Leave" in it.texts()[0]


@pytest.mark.parametrize("fault", ["drop_reply", "garbage"])
def test_a_stream_whose_begin_was_not_heard_is_found_again(scene: Set, fault: str) -> None:
    it = scene()
    it.sandbox.fault(fault, "chat.startStream")
    it.show(FIRST)
    it.show(SECOND)  # nothing more is tried: it would be a second message
    assert len(it.sandbox.calls("chat.startStream")) == 1
    with pytest.raises(SlackUnavailable) as caught:
        it.finish()
    it.clock.seconds = 0
    assert it.replies.find(it.claimed) is None  # it may be that of a worker that is just noting it
    it.clock.seconds = caught.value.retry_after_seconds or 0
    found = it.replies.find(it.claimed)
    assert found is not None
    it.replies.finish(it.claimed, found, FINAL)
    assert len(it.texts()) == 1
    assert "Leave" in it.texts()[0]


def test_a_stream_that_another_question_has_noted_is_left_alone(scene: Set) -> None:
    it = scene()
    it.show(FIRST)
    it.clock.seconds += 60
    assert it.replies.find(it.claimed) is None


def test_a_stream_left_by_a_worker_that_died_is_ended_and_replaced(scene: Set) -> None:
    it = scene()
    it.show(FIRST)
    it.replies.finish(it.claimed, it.message.ts, FINAL)
    (final,) = it.sandbox.thread("general", it.claimed.incoming.ts)[1:]
    assert final.raw.get("streaming_state") != "in_progress"
    assert "Leave" in final.as_text()


def test_a_stream_begun_for_a_question_that_is_anothers_by_now_is_taken_away(scene: Set) -> None:
    it = scene()
    it.noted.ours = False
    with pytest.raises(TakenOver):
        it.show(FIRST)
    assert it.texts() == []


def test_a_draft_pings_nobody_and_links_nowhere(scene: Set) -> None:
    it = scene()
    said = "<!channel> <@U01INES> see [the form](https://evil.example/?q=secret), https://evil.example or `<!here>` [1]."
    it.show(Answer(said, Outcome.ANSWERED, (SOURCE,)))
    (shown,) = it.sandbox.thread("general", it.claimed.incoming.ts)[1:]
    assert shown.pings() == []
    assert shown.links() == []
    assert "the form" in shown.as_text()
