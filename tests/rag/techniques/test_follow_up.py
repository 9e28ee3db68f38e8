"""A question that leans on the conversation becomes one that stands alone."""

import pytest

from rag.domain import Audience, Question, Turn
from rag.techniques.follow_up import points_back, standalone

AUDIENCE = Audience("T", frozenset({"members"}))
HISTORY = (Turn("asker", "how many days of leave do we get?"), Turn("bot", "25 days. [1]"))


@pytest.mark.parametrize(
    "text",
    [
        "and for part-timers?",
        "how long does that take",
        "what about Leeds?",
        "who approves it?",
        "can I carry them over",
        "why?",
    ],
)
def test_these_lean_on_the_conversation(text: str) -> None:
    assert points_back(text)
    question = Question(text, AUDIENCE, HISTORY)
    assert standalone(question, None) == f"how many days of leave do we get?\n{text}"


@pytest.mark.parametrize(
    "text", ["Is parking available at the Leeds office?", "Please explain the VPN setup on Linux laptops"]
)
def test_these_stand_alone(text: str) -> None:
    assert standalone(Question(text, AUDIENCE, HISTORY), None) == text


def test_without_history_nothing_is_added() -> None:
    assert standalone(Question("and that?", AUDIENCE), None) == "and that?"


def test_the_last_question_that_stood_alone_is_the_subject() -> None:
    history = (*HISTORY, Turn("asker", "and for part-timers?"), Turn("bot", "Pro rata. [1]"))
    assert standalone(Question("who approves it?", AUDIENCE, history), None).startswith(
        "how many days of leave"
    )


def test_what_others_said_is_not_the_subject() -> None:
    question = Question("and that?", AUDIENCE, (Turn("other", "lunch is at noon today"),))
    assert standalone(question, None) == "and that?"
