"""The embedded bot, killed with questions waiting and in the middle of a sync, and started again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.processes import until
from evals.stack import Stack, embedded
from ingestion.catalogue import Catalogue
from rag.database import open_database
from tests.e2e.asking import SECONDS, ask, wait_for_answers
from tests.e2e.pages import write_pages

SETTINGS = {"QUESTION_LEASE_SECONDS": "3", "SWEEP_SECONDS": "0.5"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with embedded(SETTINGS) as stack:
        stack.add_documents(write_pages(tmp_path_factory.mktemp("pages")))
        yield stack


def command(stack: Stack, *arguments: str) -> dict[str, object]:
    """What `python -m ingestion … --json` says."""
    done = subprocess.run(
        [sys.executable, "-m", "ingestion", *arguments, "--json"],
        cwd=Path(__file__).parent.parent.parent,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_questions_taken_in_before_the_crash_are_answered_after_it(stack: Stack) -> None:
    bot = stack.process("bot")
    stack.sandbox.fault("delay", "chat.update", count=None, seconds=1)
    asked = [ask(stack, number) for number in range(12)]
    until(lambda: bot.output().count("question accepted") >= len(asked), "questions to be taken in", SECONDS)
    bot.kill()
    stack.sandbox.clear_faults()
    bot.start()
    bot.wait_until_ready()

    wait_for_answers(stack, asked)


def test_a_sync_cut_short_by_the_crash_goes_on_by_itself(stack: Stack, tmp_path: Path) -> None:
    for number in range(240):
        text = " ".join(
            f"Sentence {line} of page {number} says something about topic {line}." for line in range(40)
        )
        (tmp_path / f"page-{number:03}.md").write_text(f"# Page {number}\n\n{text}\n")
    with subprocess.Popen(
        [sys.executable, "-m", "ingestion", "add", str(tmp_path), "--name", "many"],
        cwd=Path(__file__).parent.parent.parent,
        env=stack.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as follower:
        _killed_meanwhile(stack, follower)


def _killed_meanwhile(stack: Stack, follower: "subprocess.Popen[bytes]") -> None:
    bot = stack.process("bot")
    engine = open_database(stack.database_url)  # the command would be too slow to see it half done
    catalogue = Catalogue(engine, "default")
    until(lambda: 0 < _chunks(catalogue) < 480, "the sync to be under way", 2 * SECONDS)
    bot.kill()
    bot.start()
    bot.wait_until_ready()

    assert follower.wait(90) == 0, "the command follows the run through the crash"
    assert _chunks(catalogue) >= 480
    engine.dispose()
    (source,) = [one for one in command(stack, "status")["sources"] if one["name"] == "many"]  # type: ignore[index, attr-defined]
    assert (source["documents"], source["unreadable"]) == (240, 0)


def _chunks(catalogue: Catalogue) -> int:
    return sum(status.chunks for status in catalogue.overview() if status.source.name == "many")
