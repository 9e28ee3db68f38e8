"""The way back to the thread, against the sandbox: what a person sees, and what a failing Slack leaves behind."""

from dataclasses import replace

import pytest
from slack_sdk import WebClient

from rag.domain import Answer, Outcome, Turn
from rag.errors import DatabaseUnavailable, ReplyImpossible, SlackUnavailable
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from workers.asked import Claimed, Incoming
from workers.channels import ChannelSettings
from workers.rendering import Rendered, render
from workers.replies import PLACEHOLDER, STATUS, SlackReplies, show_status
from workers.slack.client import PacedClient
from workers.slack.limits import lane_of
from workers.slack.pacing import LocalPace, NotYet, standing_for

ANSWER = render(Answer("25 days.", Outcome.FAILED))


@pytest.fixture
def replies(server: SandboxServer) -> SlackReplies:
    return SlackReplies(
        WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
    )


@pytest.fixture
def no_status(sandbox: Sandbox) -> None:
    """A workspace without statuses."""
    sandbox.fault("error", "assistant.threads.setStatus", count=None)


def claim(channel: str, ts: str, thread_ts: str | None = None, question_id: str = "q1") -> Claimed:
    incoming = Incoming("T01FERNWAY", channel, ts, thread_ts or ts, "U01MARCO", "how many days?")
    return Claimed(question_id, "owner", 1, incoming, None, None)


@pytest.mark.usefixtures("no_status")
def test_the_answer_replaces_the_placeholder_in_the_thread(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    placeholder = replies.begin(claimed)
    assert [message.as_text() for message in sandbox.thread("general", ts)][1:] == [PLACEHOLDER]
    replies.finish(claimed, placeholder, ANSWER)
    replies.finish(claimed, placeholder, ANSWER)
    assert [message.as_text() for message in sandbox.thread("general", ts)][1:] == ["25 days."]


@pytest.mark.usefixtures("no_status")
def test_a_message_whose_post_seemed_to_fail_is_found_again(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    sandbox.fault("drop_reply", "chat.postMessage")
    with pytest.raises(SlackUnavailable):
        replies.begin(claimed)
    found = replies.find(claimed)
    assert found == sandbox.thread("general", ts)[1].ts
    assert replies.find(claim("C01GENERAL", ts, question_id="another")) is None


@pytest.mark.usefixtures("no_status")
def test_a_message_is_found_after_its_final_text_too(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    placeholder = replies.begin(claimed)
    replies.finish(claimed, placeholder, ANSWER)
    assert replies.find(claimed) == placeholder


def test_a_status_stands_until_the_answer_is_posted(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    assert replies.begin(claimed) is None
    status = sandbox.status("general", ts)
    assert status is not None
    assert status["status"] == STATUS
    assert len(sandbox.thread("general", ts)) == 1
    replies.finish(claimed, None, ANSWER)
    assert sandbox.status("general", ts) is None
    assert [message.as_text() for message in sandbox.thread("general", ts)][1:] == ["25 days."]
    assert replies.find(claimed) == sandbox.thread("general", ts)[1].ts


def test_a_withdrawn_question_leaves_no_status(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    replies.begin(claimed)
    replies.withdraw(claimed)
    assert sandbox.status("general", ts) is None


def test_a_deleted_placeholder_does_not_lose_the_answer(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    replies.finish(claim("C01GENERAL", ts), "1.000100", ANSWER)
    assert [message.as_text() for message in sandbox.thread("general", ts)][1:] == ["25 days."]


def test_without_a_placeholder_the_answer_is_posted_and_found_again(
    sandbox: Sandbox, replies: SlackReplies
) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    replies.finish(claimed, None, Rendered("25 days.", [{"type": "nonsense"}]))
    [_, answer] = sandbox.thread("general", ts)
    assert (answer.as_text(), replies.find(claimed)) == ("25 days.", answer.ts)


def test_that_a_person_replied_is_seen(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    assert not replies.somebody_replied(claimed.incoming)
    replies.begin(claimed)
    assert not replies.somebody_replied(claimed.incoming)
    sandbox.post("ines", "25", channel="general", thread_ts=ts)
    assert replies.somebody_replied(claimed.incoming)


LONG = Rendered("one", [], tuple(Rendered(text, []) for text in ("two", "three")))


def seen(sandbox: Sandbox, ts: str, channel: str = "general") -> list[str]:
    return [message.as_text() for message in sandbox.thread(channel, ts)][1:]


@pytest.mark.usefixtures("no_status")
def test_a_long_answer_goes_on_below_in_order(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    replies.finish(claimed, replies.begin(claimed), LONG)
    assert seen(sandbox, ts) == ["one", "two", "three"]


@pytest.mark.parametrize("fault", ["http", "drop_reply"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_fails_midway_each_part_is_there_once(
    sandbox: Sandbox, replies: SlackReplies, fault: str, method: str, seed: int
) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    replies.begin(claimed)
    sandbox.fault(fault, method, count=2, probability=0.5, seed=seed)
    for attempt in range(1, 6):
        again = replace(claimed, attempt=attempt, unsure=attempt > 1)
        try:
            replies.finish(again, replies.find(again) if attempt > 1 else None, LONG)
        except SlackUnavailable:
            continue
    sandbox.clear_faults()
    assert seen(sandbox, ts) == ["one", "two", "three"]


@pytest.mark.usefixtures("no_status")
def test_an_answer_that_got_shorter_leaves_no_part_behind(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = replace(claim("C01GENERAL", ts), attempt=2, unsure=True)
    placeholder = replies.begin(claimed)
    replies.finish(claimed, placeholder, LONG)
    replies.finish(claimed, placeholder, Rendered("uno", [], (Rendered("due", []),)))
    assert seen(sandbox, ts) == ["uno", "due"]


@pytest.mark.usefixtures("no_status")
def test_an_answer_taken_away_takes_its_parts_along(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    placeholder = replies.begin(claimed)
    replies.finish(claimed, placeholder, LONG)
    replies.withdraw(replace(claimed, placeholder_ts=placeholder))
    assert seen(sandbox, ts) == []


@pytest.mark.usefixtures("no_status")
def test_a_part_is_never_taken_for_the_answer(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    placeholder = replies.begin(claimed)
    replies.finish(claimed, placeholder, LONG)
    sandbox.delete("ines", channel="general", ts=placeholder)
    assert replies.find(claimed) is None


@pytest.mark.usefixtures("no_status")
def test_in_a_channel_a_long_answer_goes_on_in_its_thread(sandbox: Sandbox, replies: SlackReplies) -> None:
    shared = claim("C01GENERAL", "share:1")
    shared = replace(shared, incoming=replace(shared.incoming, thread_ts=""), attempt=2, unsure=True)
    ts = replies.begin(shared)
    for _ in range(2):
        replies.finish(shared, ts, LONG)
    assert seen(sandbox, ts) == ["two", "three"]


@pytest.mark.parametrize("blocks", [[{"type": "nonsense"}], [{"type": "divider"}] * 51])
@pytest.mark.usefixtures("no_status")
def test_blocks_that_slack_refuses_do_not_lose_the_answer(
    sandbox: Sandbox, replies: SlackReplies, blocks: list[dict[str, str]]
) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    replies.finish(claimed, replies.begin(claimed), Rendered("25 days.", blocks))
    assert [message.as_text() for message in sandbox.thread("general", ts)][1:] == ["25 days."]


def test_the_history_is_the_thread_before_the_question(sandbox: Sandbox, replies: SlackReplies) -> None:
    root = sandbox.post("marco", "@footnote how many <days>?", channel="general")
    first = claim("C01GENERAL", root, question_id="q1")
    replies.finish(first, replies.begin(first), ANSWER)
    sandbox.post("priya", "I wonder, too", channel="general", thread_ts=root)
    ts = sandbox.post("marco", "and for part-timers?", channel="general", thread_ts=root)
    sandbox.post("marco", "later", channel="general", thread_ts=root)
    assert replies.history(claim("C01GENERAL", ts, root, "q2").incoming) == (
        Turn("asker", "how many <days>?"),
        Turn("bot", "25 days."),
        Turn("other", "I wonder, too"),
    )


def test_a_question_that_opens_a_thread_has_no_history(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    assert replies.history(claim("C01GENERAL", ts).incoming) == ()
    assert sandbox.calls("conversations.replies") == []


def test_before_a_question_by_a_click_came_all_of_its_thread(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "what about visitors?", channel="general")
    first = claim("C01GENERAL", ts)
    replies.finish(first, replies.begin(first), ANSWER)
    by_click = claim("C01GENERAL", "choose:abc", ts).incoming
    assert [turn.text for turn in replies.history(by_click)] == ["what about visitors?", "25 days."]


def test_a_long_thread_is_read_page_by_page(sandbox: Sandbox, replies: SlackReplies) -> None:
    root = sandbox.post("marco", "message 0", channel="general")
    for number in range(1, 230):
        sandbox.post("marco", f"message {number}", channel="general", thread_ts=root)
    ts = sandbox.post("marco", "and now?", channel="general", thread_ts=root)
    history = replies.history(claim("C01GENERAL", ts, root).incoming)
    assert [turn.text for turn in history] == [f"message {number}" for number in range(230)]


@pytest.mark.parametrize("fault", ["http", "reset", "garbage", "error"])
@pytest.mark.usefixtures("no_status")
def test_a_slack_that_fails_is_worth_trying_again(
    sandbox: Sandbox, replies: SlackReplies, fault: str
) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    sandbox.fault(fault, "chat.postMessage")
    with pytest.raises(SlackUnavailable):
        replies.begin(claim("C01GENERAL", ts))


@pytest.mark.usefixtures("no_status")
def test_a_rate_limit_says_how_long_to_wait(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    sandbox.fault("rate_limited", "chat.postMessage", seconds=7)
    with pytest.raises(SlackUnavailable) as caught:
        replies.begin(claim("C01GENERAL", ts))
    assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize("channel", ["C01RANDOM", "C0NOWHERE"])
def test_where_the_bot_may_not_write_it_never_will(
    sandbox: Sandbox, replies: SlackReplies, channel: str
) -> None:
    ts = sandbox.post("marco", "hello", channel="random")
    with pytest.raises(ReplyImpossible):
        replies.begin(claim(channel, ts))


def test_nothing_unfurls(sandbox: Sandbox, replies: SlackReplies) -> None:
    ts = sandbox.post("marco", "how many days?", channel="general")
    claimed = claim("C01GENERAL", ts)
    replies.finish(claimed, replies.begin(claimed), ANSWER)
    for call in (*sandbox.calls("chat.postMessage"), *sandbox.calls("chat.update")):
        sent = call["arguments"]
        assert str(sent["unfurl_links"]).lower() in ("false", "0")
        assert str(sent["unfurl_media"]).lower() in ("false", "0")
        assert "link_names" not in sent


def test_a_part_whose_turn_is_far_off_leaves_an_answer_that_has_to_be_found(
    sandbox: Sandbox, server: SandboxServer
) -> None:
    """Slack asks for a pause after the first part: nobody has noted it, so this is none of those who posted nothing."""
    pace = LocalPace()
    client = PacedClient(
        pace,
        sleep=lambda _: pace.close(lane_of("chat.postMessage"), 60),
        token=server.bot_token,
        base_url=server.api_url,
        retry_handlers=[],
    )
    ts = sandbox.post("marco", "how many days?", channel="general")
    with standing_for("q1", asked_at=float(ts)), pytest.raises(SlackUnavailable) as caught:
        SlackReplies(client).finish(claim("C01GENERAL", ts), None, replace(ANSWER, more=(ANSWER,)))
    assert not isinstance(caught.value, NotYet)
    assert len(sandbox.thread("general", ts)) == 2


def test_a_status_speaks_the_language_of_the_channel(sandbox: Sandbox, server: SandboxServer) -> None:
    client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
    ts = sandbox.post("marco", "how many days?", channel="general")
    SlackReplies(client, settings_of=lambda _: ChannelSettings(language="fr")).begin(claim("C01GENERAL", ts))
    status = sandbox.status("general", ts)
    assert status is not None
    assert status["status"] == "parcourt les documents …"


def test_a_status_is_shown_when_the_channel_s_language_cannot_be_looked_up(
    sandbox: Sandbox, server: SandboxServer
) -> None:
    client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
    ts = sandbox.post("marco", "how many days?", channel="general")

    def away(_channel_id: str) -> ChannelSettings:
        raise DatabaseUnavailable("away")

    assert show_status(client, claim("C01GENERAL", ts).incoming, settings_of=away)
