"""What people think of an answer: a click, a form, and who has no say."""

import pytest
from sqlalchemy import create_engine, select

from rag.settings import Settings
from sandbox.client import Message, Refused, Sandbox
from tests.e2e.test_embedded import ask
from tests.e2e.waiting import eventually
from workers.rendering import RATE, vote_value
from workers.tables import feedback


@pytest.fixture
def answer(bot: Sandbox) -> Message:
    return ask(bot, "how many days of annual leave do I have?")


def question_id(answer: Message) -> str:
    assert answer.metadata is not None
    return str(answer.metadata["event_payload"]["question_id"])


def votes(settings: Settings, answer: Message) -> list[tuple[str, int, str | None, str | None]]:
    engine = create_engine(settings.storage.database_url)
    columns = (feedback.c.user_id, feedback.c.rating, feedback.c.reason, feedback.c.comment)
    with engine.connect() as connection:
        rows = connection.execute(select(*columns).where(feedback.c.question_id == question_id(answer)))
        found = sorted(tuple(row) for row in rows)
    engine.dispose()
    return found


def click(bot: Sandbox, answer: Message, user: str, rating: int) -> None:
    value = vote_value(question_id(answer), rating)
    outcome = bot.click(user, RATE, channel="general", ts=answer.ts, value=value)
    assert outcome["outcome"] == "acknowledged"


def test_a_good_answer_is_one_click(bot: Sandbox, settings: Settings, answer: Message) -> None:
    assert "[Helpful]" in answer.as_text()
    click(bot, answer, "priya", 1)
    assert votes(settings, answer) == [("U01PRIYA", 1, None, None)]
    assert bot.views("priya") == []


def test_a_bad_one_asks_why(bot: Sandbox, settings: Settings, answer: Message) -> None:
    click(bot, answer, "ines", -1)
    eventually(lambda: bot.views("ines"))
    [form] = bot.views("ines")
    sent = bot.submit("ines", form["id"], {"reason": "outdated", "comment": "27 since May"})
    assert sent["outcome"] == "acknowledged"
    assert bot.views("ines") == []
    assert votes(settings, answer) == [("U01INES", -1, "outdated", "27 since May")]
    click(bot, answer, "ines", 1)
    assert votes(settings, answer) == [("U01INES", 1, None, None)]


def test_who_does_not_see_the_answer_cannot_rate_it(
    bot: Sandbox, settings: Settings, answer: Message
) -> None:
    with pytest.raises(Refused):
        click(bot, answer, "tom", -1)
    assert votes(settings, answer) == []


def test_what_the_documents_do_not_say_is_not_rated(bot: Sandbox) -> None:
    reply = ask(bot, "who won the chess tournament in Reykjavik in 1972?")
    assert RATE not in str(reply.blocks)
