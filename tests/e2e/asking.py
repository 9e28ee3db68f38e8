"""Asking in a stack of processes, and counting what a person sees of it."""

from evals.chaos import BOT, PEOPLE, Asked, verdict
from evals.processes import until
from evals.stack import Stack

QUESTION = f"{BOT} how many days of annual leave do I have?"
SECONDS = 60


def ask(stack: Stack, number: int) -> Asked:
    person = PEOPLE[number % len(PEOPLE)]
    return Asked("general", stack.sandbox.post(person, QUESTION, channel="general"))


def finals(stack: Stack, asked: Asked) -> int:
    return verdict(stack.sandbox.thread(asked.channel, asked.ts)).finals


def wait_for_answers(stack: Stack, asked: list[Asked]) -> None:
    """Until each has one; then nobody may have two or keep a placeholder."""
    until(lambda: all(finals(stack, one) for one in asked), "answers", SECONDS)
    verdicts = [verdict(stack.sandbox.thread(one.channel, one.ts)) for one in asked]
    assert [(one.finals, one.placeholders, one.apologies) for one in verdicts] == [(1, 0, 0)] * len(asked)
