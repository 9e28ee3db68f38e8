"""What the documents do not say, handed on to people; and the passages behind an answer."""

from collections.abc import Iterator

import pytest

from bot.handing_on import HANDED_ON, NOT_HANDED_ON
from rag.domain import Answer, Citation, Outcome
from rag.settings import AnswerSettings
from sandbox.client import Message, Sandbox
from tests.e2e.test_ask import whispers
from tests.e2e.test_embedded import ask
from tests.e2e.waiting import eventually
from workers.rendering import ASK_PEOPLE, PASSAGES, passages, render

UNKNOWN = "who won the chess tournament in Reykjavik in 1972?"


@pytest.fixture(scope="module")
def answer_settings() -> AnswerSettings:
    return AnswerSettings(cache_seconds=0, people_channel="C01PEOPLE")


def asked_people(bot: Sandbox) -> list[Message]:
    return [message for message in bot.channel("people-private") if message.from_app]


@pytest.fixture
def unanswered(bot: Sandbox) -> Iterator[Message]:
    reply = ask(bot, UNKNOWN)
    assert "[Ask a person]" in reply.as_text()
    before = len(asked_people(bot))
    yield reply
    assert len(asked_people(bot)) in {before, before + 1}, "once at most"


def press(bot: Sandbox, user: str, message: Message) -> None:
    assert bot.click(user, ASK_PEOPLE, channel="general", ts=message.ts)["outcome"] == "acknowledged"


def test_the_people_are_asked_once_with_who_and_where(bot: Sandbox, unanswered: Message) -> None:
    before = len(asked_people(bot))
    for _ in range(2):
        press(bot, "marco", unanswered)
    eventually(lambda: len(asked_people(bot)) == before + 1)
    request = asked_people(bot)[-1]
    assert UNKNOWN in request.as_text()
    assert request.pings() == ["@U01MARCO"]
    place = f"archives/C01GENERAL/p{str(unanswered.thread_ts).replace('.', '')}"
    assert any(place in url for _, url in request.links())
    assert whispers(bot, "marco")[-1].text == HANDED_ON


def test_nobody_hands_on_what_somebody_else_asked(bot: Sandbox, unanswered: Message) -> None:
    before = len(asked_people(bot))
    press(bot, "priya", unanswered)
    assert len(asked_people(bot)) == before


def test_that_nothing_was_found_is_said_in_the_language_of_the_question(bot: Sandbox) -> None:
    reply = ask(bot, "wer hat 1972 das Schachturnier in Reykjavik gewonnen?").as_text()
    assert reply.startswith("Dazu habe ich")
    assert "[Einen Menschen fragen]" in reply


def test_where_nobody_can_be_asked_it_is_said_and_can_be_tried_again(
    bot: Sandbox, unanswered: Message
) -> None:
    before = len(asked_people(bot))
    bot.leave("footnote", "people-private")
    press(bot, "marco", unanswered)
    eventually(lambda: whispers(bot, "marco")[-1].text == NOT_HANDED_ON)
    bot.join("footnote", "people-private")
    press(bot, "marco", unanswered)
    eventually(lambda: len(asked_people(bot)) == before + 1)


def test_an_answer_that_quotes_needs_no_passages(bot: Sandbox) -> None:
    reply = ask(bot, "how many days of annual leave do I have?")
    assert PASSAGES not in str(reply.blocks)
    assert ASK_PEOPLE not in str(reply.blocks)


def test_passages_are_shown_as_they_are() -> None:
    quote = "Full-time employees have <!channel> 25 days, see https://evil.example"
    cited = Citation(1, "leave.md", "Leave", (), "https://x.test/leave", quotes=(quote, "y" * 2000))
    answer = Answer("You have 25 days. [1]", Outcome.ANSWERED, (cited,))
    assert PASSAGES in str(render(answer, question_id="q").blocks)
    [block] = passages(answer).blocks
    text = str(block)
    assert "<!channel>" in text
    assert "https://evil.example" not in text, "an address in a passage is no link"
    assert "y" * 699 + "…" in text
    assert "y" * 701 not in text
