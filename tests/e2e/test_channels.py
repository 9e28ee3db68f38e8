"""Channels with settings of their own: answers that nobody asked for, follow-ups, sources."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from ingestion.catalogue import Catalogue
from rag.answering import NOTHING_TO_READ
from rag.database import open_database, transaction
from rag.settings import Settings
from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS, ask, is_final, replies
from tests.e2e.test_following import next_reply, say
from tests.e2e.waiting import eventually
from workers.channels import AS_EVERYWHERE, Channels, ChannelSettings
from workers.intake import STOPPED
from workers.rendering import ASK_PEOPLE, UNASKED
from workers.tables import questions

LEAVE = "how many days of annual leave do I have?"
_QUIET = 2.0  # seconds in which nothing must come


@pytest.fixture
def engine(settings: Settings, bot: Sandbox) -> Iterator[Engine]:
    assert bot, "it has made the database"
    engine = open_database(settings.storage.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def channels(engine: Engine, settings: Settings) -> Iterator[Channels]:
    """The settings of channels; #general is as everywhere again in the end."""
    channels = Channels(engine, settings.storage.team_id)
    yield channels
    channels.put("C01GENERAL", AS_EVERYWHERE, by="test")


def put(channels: Channels, settings: ChannelSettings) -> None:
    channels.put("C01GENERAL", settings, by="test")


def state(engine: Engine, ts: str) -> str | None:
    with transaction(engine) as connection:
        return connection.execute(select(questions.c.state).where(questions.c.ts == ts)).scalar_one_or_none()


def posted(bot: Sandbox, text: str) -> str:
    return bot.post("marco", text, channel="general")


def answered(bot: Sandbox, ts: str) -> Message:
    return bot.wait_for_reply("general", ts, SECONDS, is_final)


def test_above_the_bar_it_is_answered_in_the_thread_and_says_why(bot: Sandbox, channels: Channels) -> None:
    put(channels, ChannelSettings(auto_answer=0.3))
    calls = len(bot.calls("chat.postMessage"))
    reply = answered(bot, posted(bot, LEAVE))
    assert "25 days of annual leave" in reply.as_text()
    assert UNASKED in reply.as_text()
    assert reply.pings() == []
    assert len(bot.calls("chat.postMessage")) == calls + 1, "no placeholder"
    assert len(replies(bot, "general", str(reply.thread_ts))) == 1


def test_below_the_bar_nobody_sees_a_thing(bot: Sandbox, channels: Channels, engine: Engine) -> None:
    put(channels, ChannelSettings(auto_answer=1.0))
    calls = len(bot.calls("chat.postMessage"))
    below = posted(bot, LEAVE)
    unknown = posted(bot, "who won the chess tournament in Reykjavik in 1972?")
    eventually(lambda: state(engine, below) == state(engine, unknown) == "finished", SECONDS)
    assert len(bot.calls("chat.postMessage")) == calls
    say(bot, "and how many can I carry over?", below)
    time.sleep(_QUIET)
    assert replies(bot, "general", below) == [], "nor is the thread followed"


def test_side_talk_is_not_even_looked_at(bot: Sandbox, channels: Channels, engine: Engine) -> None:
    put(channels, ChannelSettings(auto_answer=0.0))
    said = [
        posted(bot, "good morning everybody"),
        posted(bot, f"<@U01INES> {LEAVE}"),
        posted(bot, f"<!here> {LEAVE}"),
        say(bot, LEAVE, posted(bot, "about leave")),
        bot.post("priya", LEAVE, channel="people-private"),
    ]
    time.sleep(_QUIET)
    assert [state(engine, ts) for ts in said] == [None] * len(said)


def test_a_mention_is_an_ordinary_question(bot: Sandbox, channels: Channels) -> None:
    put(channels, ChannelSettings(auto_answer=0.3))
    reply = ask(bot, LEAVE)
    assert UNASKED not in reply.as_text()
    assert len(replies(bot, "general", str(reply.thread_ts))) == 1


def test_errors_are_nobodys_business(bot: Sandbox, channels: Channels, engine: Engine) -> None:
    put(channels, ChannelSettings(auto_answer=0.0))
    bot.fault("error", "conversations.replies", count=None)
    calls = len(bot.calls("chat.postMessage"))
    ts = posted(bot, LEAVE)
    eventually(lambda: state(engine, ts) == "answered", SECONDS)
    time.sleep(_QUIET)
    assert len(bot.calls("chat.postMessage")) == calls
    bot.clear_faults()
    assert "25 days" in answered(bot, ts).as_text(), "late, since nobody else has answered"


@pytest.mark.parametrize("fault", ["drop_reply", "http", "reset"])
def test_a_slack_that_fails_once_still_shows_one_answer(
    bot: Sandbox, channels: Channels, engine: Engine, fault: str
) -> None:
    put(channels, ChannelSettings(auto_answer=0.3))
    bot.fault(fault, "chat.postMessage", seconds=1)
    ts = posted(bot, LEAVE)
    eventually(lambda: state(engine, ts) == "finished", SECONDS)
    bot.clear_faults()
    assert len(replies(bot, "general", ts)) == 1


def test_stop_ends_it_in_the_thread(bot: Sandbox, channels: Channels) -> None:
    put(channels, ChannelSettings(auto_answer=0.3))
    thread = str(answered(bot, posted(bot, LEAVE)).thread_ts)
    assert next_reply(bot, thread, say(bot, "stop", thread, user="priya")).as_text() == STOPPED
    say(bot, "and how many can I carry over?", thread)
    time.sleep(_QUIET)
    assert len(replies(bot, "general", thread)) == 2


def test_follow_ups_as_the_channel_wants_them(bot: Sandbox, channels: Channels) -> None:
    put(channels, ChannelSettings(follow_ups="never"))
    thread = str(ask(bot, LEAVE).thread_ts)
    say(bot, "and how many can I carry over?", thread)
    time.sleep(_QUIET)
    assert len(replies(bot, "general", thread)) == 1
    put(channels, ChannelSettings(follow_ups="always"))
    assert next_reply(bot, thread, say(bot, "the days to carry over, then", thread, user="priya"))


def test_the_people_of_the_topic_or_of_the_channel_are_asked(
    bot: Sandbox, channels: Channels, engine: Engine, settings: Settings
) -> None:
    unknown = "how many days of annual leave does the valve of WR-9999 get?"
    catalogue = Catalogue(engine, settings.storage.team_id)
    ids = {source.name: source.id for source in catalogue.sources()}
    assert "[Ask a person]" not in ask(bot, unknown).as_text(), "nobody is named"

    catalogue.name_people(ids["pages"], "C01ADMIN")
    reply = ask(bot, unknown)
    assert "[Ask a person]" in reply.as_text()
    bot.click("marco", ASK_PEOPLE, channel="general", ts=reply.ts)
    eventually(lambda: any(unknown in message.as_text() for message in bot.channel("footnote-admin")))

    put(channels, ChannelSettings(people_channel="C01PEOPLE"))
    reply = ask(bot, unknown)
    bot.click("marco", ASK_PEOPLE, channel="general", ts=reply.ts)
    eventually(lambda: any(unknown in message.as_text() for message in bot.channel("people-private")))
    assert sum(unknown in message.as_text() for message in bot.channel("footnote-admin")) == 1

    put(channels, ChannelSettings(people_channel=""))
    assert "[Ask a person]" not in ask(bot, unknown).as_text()
    catalogue.name_people(ids["pages"], "")


def test_only_the_sources_of_the_channel_are_searched(
    bot: Sandbox, channels: Channels, engine: Engine, settings: Settings
) -> None:
    ids = {source.name: source.id for source in Catalogue(engine, settings.storage.team_id).sources()}
    put(channels, ChannelSettings(sources=frozenset({ids["salaries"]})))
    assert ask(bot, LEAVE).as_text() == NOTHING_TO_READ, "what it names is for others: it opens nothing"
    put(channels, ChannelSettings(sources=frozenset({ids["pages"]})))
    assert "25 days" in ask(bot, LEAVE).as_text()
