"""Do all questions get exactly one answer while workers are killed? Counted in the sandbox, as people see it.

Questions are asked at a steady rate in several channels; every few seconds a worker chosen at random gets SIGKILL and is
started again. Some events are delivered twice, some replies of chat.postMessage are lost after the message was posted.
"""

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

from rich.table import Table
from sqlalchemy import create_engine, text

from evals.processes import NotReady, Process, end_on_sigterm
from evals.reporting import show, write_json
from evals.stack import ServerMissing, Stack, distributed
from rag.errors import Permanent, Transient
from sandbox.client import Message, Sandbox

PLACEHOLDER = "Looking through the documents …"
"""What stands in the thread until the answer does; a test compares it with the worker's."""

BOT = "<@U01FOOTNOTE>"
PEOPLE = ("ines", "marco", "priya")
PAGES = Path(__file__).parent.parent / "examples" / "handbook" / "pages"
TOPICS = (
    "How many days of leave do I have?",
    "How do I reset my password?",
    "What is the per diem in Portugal?",
    "Who approves a company card?",
    "How long is parental leave?",
    "Where do I park in Leeds?",
)

_CHANNELS = 4
_LEAST_KILLS = 8
_APOLOGIES = (Transient.user_message, Permanent.user_message)
_QUIET_SECONDS = 120.0
_LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one question: how many final messages, how many placeholders left, and how long it took."""

    finals: int
    placeholders: int
    apologies: int
    seconds: float | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill-every", type=float, default=5.0, metavar="SECONDS")
    parser.add_argument("--kill-redis-every", type=float, metavar="SECONDS", help="default: never")
    parser.add_argument(
        "--duplicates", type=float, default=0.2, metavar="SHARE", help="of the events: delivered twice"
    )
    parser.add_argument(
        "--lost-replies",
        type=float,
        default=0.03,
        metavar="SHARE",
        help="of the posts: done, but not confirmed",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index-url", metavar="URL", help="a Qdrant server; default: a stand-in")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when no question was lost or answered twice, 1 otherwise, 2 when it could not be tried."""
    end_on_sigterm()
    try:
        figures = measure(arguments)
    except (NotReady, ServerMissing) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    show(_table(figures))
    if arguments.json:
        write_json(arguments.json, figures)
    return 1 if figures["lost"] or figures["answered twice"] or figures["left as placeholder"] else 0


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Ask, kill, wait, count."""
    # More may wait than the bot takes by default, since for seconds nobody works.
    settings = {"QUEUE_LIMIT": str(arguments.questions + 1)}
    with distributed(workers=arguments.workers, settings=settings, index_url=arguments.index_url) as stack:
        stack.add_documents(PAGES)
        asked, kills = _ask_while_killing(stack, arguments)
        verdicts = _settled(stack.sandbox, asked)
        struck = {fault["kind"]: fault["struck"] for fault in stack.sandbox.faults()}
        faults = {"replies of Slack lost": struck.get("drop_reply", 0)}
        return _figures(verdicts, {**_record(stack), **kills, **faults})


def _ask_while_killing(stack: Stack, arguments: argparse.Namespace) -> tuple[list[Asked], dict[str, int]]:
    if arguments.lost_replies:
        stack.sandbox.fault(
            "drop_reply",
            "chat.postMessage",
            count=None,
            probability=arguments.lost_replies,
            seed=arguments.seed,
        )
    redis = [stack.process("redis")]
    seconds = max(arguments.questions / 4, (_LEAST_KILLS + 0.5) * arguments.kill_every)
    with (
        killing(stack.workers, every=arguments.kill_every, seed=arguments.seed) as workers,
        killing(redis, every=arguments.kill_redis_every, seed=arguments.seed) as brokers,
    ):
        asked = ask(
            stack.sandbox,
            arguments.questions,
            seconds=seconds,
            duplicates=arguments.duplicates,
            random=Random(arguments.seed),  # noqa: S311 - repeatable on purpose
        )
    return asked, {"kills of workers": len(workers), "kills of redis": len(brokers)}


def ask(
    sandbox: Sandbox, questions: int, *, seconds: float, duplicates: float, random: Random
) -> list[Asked]:
    """Put so many questions, spread evenly over so many seconds and several channels."""
    channels = [
        sandbox.add_channel(f"team-{number}", members=[*PEOPLE, "footnote"]) for number in range(_CHANNELS)
    ]
    began = time.monotonic()
    asked = []
    for number in range(questions):
        time.sleep(max(0.0, began + number * seconds / questions - time.monotonic()))
        if random.random() < duplicates:
            sandbox.duplicate_events(with_header=random.random() < 0.5)  # noqa: PLR2004 - half of them
        channel = random.choice(channels)
        question = f"{BOT} {random.choice(TOPICS)} ({number})"
        asked.append(Asked(channel, sandbox.post(random.choice(PEOPLE), question, channel=channel)))
    return asked


@contextmanager
def killing(processes: Sequence[Process], *, every: float | None, seed: int) -> Iterator[list[str]]:
    """While the block runs, kill one of the processes at random every so many seconds and start it again.

    Gives the names of those killed so far.
    """
    killed: list[str] = []
    done = threading.Event()
    random = Random(seed)  # noqa: S311 - repeatable on purpose

    def kill() -> None:
        while not done.wait(every):
            victim = random.choice(processes)
            victim.kill()
            victim.start()
            killed.append(victim.name)

    thread = threading.Thread(target=kill, name="killer")
    if every is not None:
        thread.start()
    try:
        yield killed
    finally:
        done.set()
        if every is not None:
            thread.join()


def verdict(thread: Sequence[Message]) -> Verdict:
    """What a person sees in the thread of a question, whose first message is the question."""
    question, *rest = thread
    replies = [message for message in rest if message.from_app]
    finals = [message for message in replies if message.text != PLACEHOLDER]
    ended = [float((message.raw.get("edited") or message.raw)["ts"]) for message in finals]
    return Verdict(
        finals=len(finals),
        placeholders=len(replies) - len(finals),
        apologies=sum(message.text in _APOLOGIES for message in finals),
        seconds=min(ended) - float(question.ts) if ended else None,
    )


def _settled(sandbox: Sandbox, asked: Sequence[Asked]) -> list[Verdict]:
    """The verdicts once every question has its answer and then for a while nothing has changed, or time is up."""
    deadline = time.monotonic() + _QUIET_SECONDS
    verdicts: list[Verdict] = []
    unchanged_since = time.monotonic()
    while time.monotonic() < deadline:
        before, verdicts = verdicts, [verdict(sandbox.thread(one.channel, one.ts)) for one in asked]
        unchanged_since = unchanged_since if verdicts == before else time.monotonic()
        complete = all(one.finals and not one.placeholders for one in verdicts)
        # Longer than a lease: a question thought lost would be taken up again, and answered twice, within this time.
        if complete and time.monotonic() - unchanged_since > 20:  # noqa: PLR2004
            break
        time.sleep(_LOOK_EVERY_SECONDS)
    return verdicts


def _record(stack: Stack) -> dict[str, int]:
    """What the database says: how many questions were written down, how many attempts a kill has cut short."""
    counts = {
        "accepted": "SELECT count(*) FROM questions",
        "attempts cut short": "SELECT count(*) FROM attempts WHERE ended_at IS NULL",
    }
    engine = create_engine(stack.database_url)
    try:
        with engine.connect() as connection:
            return {name: int(connection.execute(text(count)).scalar_one()) for name, count in counts.items()}
    finally:
        engine.dispose()


def _figures(verdicts: Sequence[Verdict], circumstances: Mapping[str, int]) -> dict[str, Any]:
    seconds = sorted(one.seconds for one in verdicts if one.seconds is not None)
    return {
        "asked": len(verdicts),
        "answered": sum(one.finals == 1 and not one.placeholders for one in verdicts),
        "lost": sum(not one.finals and not one.placeholders for one in verdicts),
        "answered twice": sum(one.finals > 1 for one in verdicts),
        "left as placeholder": sum(one.placeholders > 0 for one in verdicts),
        "apologies": sum(one.apologies for one in verdicts),
        **circumstances,
        "seconds to the answer, p50": round(percentile(seconds, 50), 2),
        "seconds to the answer, p95": round(percentile(seconds, 95), 2),
        "seconds to the answer, most": round(percentile(seconds, 100), 2),
    }


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of values in rising order; 0.0 of none."""
    if not ordered:
        return 0.0
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def _table(figures: Mapping[str, Any]) -> Table:
    table = Table("", "", title="questions while workers are killed", show_header=False)
    table.columns[1].justify = "right"
    for name, figure in figures.items():
        table.add_row(name, str(figure))
    return table
