"""How long does a person wait? From the mention to the final message in embedded mode, without a language model; from the
mention to the first sign, and to the first text of an answer that a stand-in for a model writes (`evals.writer`).

Measured by the sandbox's clock, one question after the other. Beside it, in a process of its own, what no answer can do
without: `embed_query` and `index.search` of the same questions on the same index; and the whole answer without Slack. The
first ratio is what everything else adds, the second what Slack's protocol, the ledger, the queue and two messages do.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.table import Table

from evals.chaos import BOT, PAGES, PLACEHOLDER, percentile, verdict
from evals.datasets import open_dataset
from evals.processes import NotReady, end_on_sigterm
from evals.reporting import show, write_json
from evals.stack import Stack, embedded
from evals.writer import Writer
from rag.composition import compose
from rag.domain import MEMBERS, PUBLIC, Audience, Question
from rag.settings import Settings

_ASKER = "ines"
_WARM_UP = 3
_ANSWER_SECONDS = 60.0
_BARE_SECONDS = 300.0
_THINKING_SECONDS = 0.3
_CHANNELS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--written", type=int, default=20, help="answers that are seen to be written (20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when measured, 2 when it could not be."""
    end_on_sigterm()
    texts = [query.text for query in open_dataset(PAGES.parent).queries]
    questions = [*islice(cycle(texts), arguments.questions)]
    try:
        with embedded() as stack:
            stack.add_documents(PAGES)
            answered = _mentions(stack, questions)
            # The index has one reader at a time.
            stack.process("bot").stop()
            bare = _in_own_process(stack, questions)
        written = _written(questions[: arguments.written])
    except NotReady as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    figures = _figures(answered, bare) | _of_written(written)
    show(_table(figures))
    if arguments.json:
        write_json(arguments.json, figures)
    return 0


def bare_seconds(questions: Sequence[str], settings: Settings) -> dict[str, list[float]]:
    """The time of embedding and searching alone, and of the whole answer without Slack, for each question."""
    seconds: dict[str, list[float]] = {"search": [], "answer": []}
    audience = Audience(settings.storage.team_id, frozenset({PUBLIC, MEMBERS}))
    limit = settings.retrieval.candidates
    with compose(settings) as rag:
        for text in [*questions[:_WARM_UP], *questions]:
            began = perf_counter()
            rag.index.search(text, rag.embedder.embed_query(text), audience=audience, limit=limit)
            found = perf_counter()
            rag.answerer.answer(Question(text, audience))
            seconds["search"].append(found - began)
            seconds["answer"].append(perf_counter() - found)
    return {name: values[_WARM_UP:] for name, values in seconds.items()}


def main() -> None:
    """Questions as JSON in, their bare seconds as JSON out."""
    json.dump(bare_seconds(json.load(sys.stdin), Settings()), sys.stdout)


def _mentions(stack: Stack, questions: Sequence[str]) -> list[float]:
    asked = zip(_channels(stack), [*questions[:_WARM_UP], *questions], strict=False)
    return [_mention(stack, channel, question) for channel, question in asked][_WARM_UP:]


def _channels(stack: Stack) -> Iterator[str]:
    """One after the other, again and again: in a single one, answers would wait for Slack's second between two messages."""
    return cycle(
        [
            stack.sandbox.add_channel(f"latency-{number}", members=[_ASKER, "footnote"])
            for number in range(_CHANNELS)
        ]
    )


def _mention(stack: Stack, channel: str, question: str) -> float:
    ts = stack.sandbox.post(_ASKER, f"{BOT} {question}", channel=channel)
    stack.sandbox.wait_for_reply(channel, ts, _ANSWER_SECONDS, lambda message: message.text != PLACEHOLDER)
    return verdict(stack.sandbox.thread(channel, ts)).seconds or _ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Watched:
    """Seconds from a mention to what was seen of its answer: that it was heard, its first text, all of it."""

    sign: float
    began: float
    final: float


def _written(questions: Sequence[str]) -> list[Watched]:
    """Questions asked one after the other, while a model writes their answers."""
    with Writer(thinking_seconds=_THINKING_SECONDS) as writer:
        settings = {"LLM_BASE_URL": writer.base_url, "LLM_API_KEY": "none", "LLM_MODEL": "writer"}
        with embedded({**settings, "ANSWER_CACHE_SECONDS": "0"}) as stack:
            stack.add_documents(PAGES)
            asked = zip(_channels(stack), questions, strict=False)
            return [_watched(stack, channel, question) for channel, question in asked]


def _watched(stack: Stack, channel: str, question: str) -> Watched:
    ts = stack.sandbox.post(_ASKER, f"{BOT} {question}", channel=channel)
    stack.sandbox.wait_for_reply(
        channel, ts, _ANSWER_SECONDS, lambda message: message.raw.get("streaming_state") != "in_progress"
    )

    def first(*methods: str) -> float | None:
        calls = (call for method in methods for call in stack.sandbox.calls(method))
        at = [call["at"] for call in calls if call["arguments"].get("thread_ts") == ts]
        return min(at) - float(ts) if at else None

    sign = first("assistant.threads.setStatus", "chat.postMessage")
    final = verdict(stack.sandbox.thread(channel, ts)).seconds
    began = first("chat.startStream", "chat.postMessage")
    return Watched(sign or _ANSWER_SECONDS, began or _ANSWER_SECONDS, final or _ANSWER_SECONDS)


def _of_written(watched: Sequence[Watched]) -> dict[str, Any]:
    measured = {
        "mention to first sign": [it.sign for it in watched],
        f"mention to first text, the model thinking {1000 * _THINKING_SECONDS:.0f} ms": [
            it.began for it in watched
        ],
    }
    return {"written": len(watched), **_percentiles(measured)}


def _percentiles(measured: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {
        f"{name}, p{percent}, ms": round(1000 * percentile(sorted(values), percent), 1)
        for name, values in measured.items()
        for percent in (50, 95)
        if values
    }


def _in_own_process(stack: Stack, questions: Sequence[str]) -> dict[str, list[float]]:
    done = subprocess.run(
        [sys.executable, "-c", "from evals.latency import main; main()"],
        cwd=stack.folder,
        env=stack.environment,
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        timeout=_BARE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise NotReady(f"the bare search failed:\n{done.stderr[-2000:]}")
    seconds: dict[str, list[float]] = json.loads(done.stdout)
    return seconds


def _figures(answered: Sequence[float], bare: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    measured = {
        "mention to final message": answered,
        "answer without Slack": bare["answer"],
        "embed and search": bare["search"],
    }
    p50 = {name: percentile(sorted(values), 50) for name, values in measured.items()}
    waited, answer, search = p50.values()
    return {
        "questions": len(answered),
        **_percentiles(measured),
        "overhead over embed and search, p50": round(waited / search, 2),
        "overhead over the answer, p50": round(waited / answer, 2),
    }


def _table(figures: Mapping[str, Any]) -> Table:
    table = Table("", "", title="latency, embedded mode", show_header=False)
    table.columns[1].justify = "right"
    for name, figure in figures.items():
        table.add_row(name, str(figure))
    return table
