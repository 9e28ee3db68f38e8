"""What is forgotten while the bot runs: old questions by the sweep, one person by the command, and what is said to who clicks below."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, update

from bot.listeners.answers import GONE
from rag.database import open_database, transaction
from rag.settings import Settings
from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import ask
from tests.e2e.test_feedback import question_id
from tests.e2e.waiting import eventually
from workers.ledger import Ledger
from workers.privacy.erasing import Erasing
from workers.rendering import RATE, vote_value
from workers.tables import questions

ASKED = "how many days of annual leave do I have?"


@pytest.fixture
def engine(bot: Sandbox, settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings.storage.database_url)
    yield engine
    engine.dispose()


def told(bot: Sandbox, answer: Message) -> list[str]:
    """What somebody is told who finds the answer helpful."""
    value = vote_value(question_id(answer), 1)
    assert bot.click("priya", RATE, channel="general", ts=answer.ts, value=value)["outcome"] == "acknowledged"
    return [message.text for message in bot.channel("general", as_user="priya") if message.ephemeral]


def test_an_old_question_is_deleted_by_the_sweep(bot: Sandbox, engine: Engine) -> None:
    answer, newer = ask(bot, ASKED), ask(bot, ASKED)
    assert told(bot, answer) == []
    with transaction(engine) as connection:
        old = questions.c.id == question_id(answer)
        connection.execute(
            update(questions).where(old).values(accepted_at=questions.c.accepted_at - 181 * 86_400)
        )
    ledger = Ledger(engine)
    eventually(lambda: ledger.asked(question_id(answer)) is None, 30)
    assert ledger.asked(question_id(newer)) is not None
    assert told(bot, answer) == [GONE]


def test_who_is_erased_may_ask_again(bot: Sandbox, engine: Engine) -> None:
    answer = ask(bot, ASKED, user="ines")
    erased = Erasing(engine, "default").erase("U01INES", by="test")
    assert erased.questions >= 1
    left = Ledger(engine).asked(question_id(answer))
    assert left is not None
    assert (left.user_id, left.text) == ("", "")
    again = ask(bot, ASKED, user="ines")
    assert "25" in again.as_text()
    asked = Ledger(engine).asked(question_id(again))
    assert asked is not None
    assert asked.user_id == "U01INES"
