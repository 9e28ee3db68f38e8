"""Which messages of a thread are for us. On both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from rag.database import now, transaction
from workers.asked import Incoming
from workers.channels import ChannelSettings
from workers.following import Following, looks_like_question, says_stop
from workers.ledger import Ledger
from workers.tables import questions

ASKED = Incoming("T1", "C1", "100.1", "100.1", "U1", "how many days?")
LATER = replace(ASKED, ts="100.2", text="and for interns?")


@pytest.mark.parametrize(
    "text",
    ["how many days?", "and for interns", "What about Porto", "is that per year", "ok, and when?", "wie lange dauert das", "多久？"],
)  # fmt: skip
def test_questions(text: str) -> None:
    assert looks_like_question(text)


@pytest.mark.parametrize(
    "text", ["thanks!", "that helped", "I'll ask Ines", "25 days then.", "", "lol", "great, done"]
)
def test_no_questions(text: str) -> None:
    assert not looks_like_question(text)


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("stop", True), ("Stop following!", True), ("please mute this thread", True), ("be quiet", True),
        ("stop the valve how?", False), ("how do I stop following a release", False), ("mute the horn at WR-4107", False),
    ],
)  # fmt: skip
def test_being_told_to_stop(text: str, stop: bool) -> None:
    assert says_stop(text) is stop


def test_who_asked_may_ask_on_and_nobody_else(engine: Engine) -> None:
    following = Following(engine, "questions", hours=1)
    assert not following.is_for_us(LATER), "nobody asked us there"
    Ledger(engine).accept(ASKED)
    assert following.is_for_us(LATER)
    assert not following.is_for_us(replace(LATER, text="thanks!"))
    assert not following.is_for_us(replace(LATER, user_id="U2"))
    for elsewhere in ({"channel_id": "C2"}, {"team_id": "T2"}, {"thread_ts": "99.9"}, {"ts": "100.1"}):
        assert not following.is_for_us(replace(LATER, **elsewhere))  # type: ignore[arg-type]


def test_modes(engine: Engine) -> None:
    Ledger(engine).accept(ASKED)
    somebody = replace(LATER, user_id="U2", text="what he said")
    assert Following(engine, "always", hours=1).is_for_us(somebody)
    assert not Following(engine, "never", hours=1).is_for_us(LATER)


def test_a_channel_has_its_own_mode(engine: Engine) -> None:
    Ledger(engine).accept(ASKED)
    Ledger(engine).accept(replace(ASKED, channel_id="C2"))
    own = {"C1": ChannelSettings(follow_ups="never")}
    following = Following(
        engine, "questions", hours=1, settings_of=lambda name: own.get(name, ChannelSettings())
    )
    assert not following.is_for_us(LATER)
    assert following.is_for_us(replace(LATER, channel_id="C2"))
    own["C1"] = ChannelSettings(follow_ups="always")
    assert following.is_for_us(replace(LATER, user_id="U2", text="what he said")), "read at each message"


def test_a_channel_has_its_own_hours(engine: Engine) -> None:
    Ledger(engine).accept(ASKED)
    with transaction(engine) as connection:
        connection.execute(update(questions).values(accepted_at=now() - 3700))
    own = {"C1": ChannelSettings(follow_up_hours=1.5)}
    following = Following(
        engine, "always", hours=1, settings_of=lambda name: own.get(name, ChannelSettings())
    )
    assert following.is_for_us(LATER)
    own["C1"] = ChannelSettings(follow_up_hours=0.5)
    assert not following.is_for_us(LATER)


def test_a_thread_is_left_when_told_so_and_after_a_time(engine: Engine) -> None:
    following, ledger = Following(engine, "always", hours=1), Ledger(engine)
    ledger.accept(ASKED)
    ledger.accept(replace(ASKED, ts="100.3", text="stop following"))
    assert not following.is_for_us(replace(LATER, ts="100.4"))
    ledger.accept(replace(ASKED, ts="100.5", text="how much?"))
    assert following.is_for_us(replace(LATER, ts="100.6")), "mentioned again"
    with transaction(engine) as connection:
        connection.execute(update(questions).values(accepted_at=now() - 3700))
    assert not following.is_for_us(replace(LATER, ts="100.7"))
