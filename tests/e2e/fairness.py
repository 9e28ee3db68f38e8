"""Twenty questions at once in one channel of a Slack that holds to its limits, and who is answered when."""

from evals.chaos import BOT, PEOPLE, Verdict, verdict
from evals.processes import until
from sandbox.client import Sandbox

QUESTIONS = 20
SECONDS = 45
QUESTION = f"{BOT} how many days of annual leave do I have?"


def ask_at_once(sandbox: Sandbox, channel: str) -> list[str]:
    """The timestamps of the questions, in the order that they were asked."""
    return [
        sandbox.post(PEOPLE[number % len(PEOPLE)], QUESTION, channel=channel) for number in range(QUESTIONS)
    ]


def seconds_to_the_answer(sandbox: Sandbox, channel: str, ts: str) -> float:
    """Waits for it."""
    seen: list[Verdict] = []

    def answered() -> bool:
        seen[:] = [verdict(sandbox.thread(channel, ts))]
        return seen[0].finals > 0

    until(answered, "an answer", SECONDS)
    return seen[0].seconds or 0.0


def assert_all_are_answered_once(sandbox: Sandbox, channel: str, asked: list[str]) -> None:
    verdicts = [verdict(sandbox.thread(channel, ts)) for ts in asked]
    assert [(one.finals, one.placeholders, one.apologies) for one in verdicts] == [(1, 0, 0)] * len(asked)


def most_overtaken(sandbox: Sandbox, channel: str, asked: list[str]) -> int:
    """By how many later questions the unluckiest one was overtaken."""
    at = [float(ts) + (verdict(sandbox.thread(channel, ts)).seconds or 0.0) for ts in asked]
    return max(sum(later < mine for later in at[number:]) for number, mine in enumerate(at))


def refused(sandbox: Sandbox) -> int:
    """How many calls were too many for Slack."""
    return sum(call["status"] == 429 for call in sandbox.calls())
