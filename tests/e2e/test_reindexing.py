"""`/reindex` with the bot killed in the middle of it: one message, which ends with the summary."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.processes import until
from evals.stack import Stack, embedded
from sandbox.client import Message
from tests.e2e.asking import SECONDS

SETTINGS = {"SWEEP_SECONDS": "0.5", "ADMIN_CHANNEL": "C01ADMIN"}
CHANNEL, NAME, PAGES = "footnote-admin", "handbook", 240


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / NAME
    folder.mkdir()
    return folder


def write(pages: Path, word: str) -> None:
    """All of them anew: it takes seconds to embed them."""
    for number in range(PAGES):
        text = " ".join(
            f"The {word} sentence {line} of page {number} says something about topic {line}."
            for line in range(40)
        )
        (pages / f"page-{number:03}.md").write_text(f"# Page {number}\n\n{text}\n")


@pytest.fixture(scope="module")
def stack(pages: Path) -> Iterator[Stack]:
    with embedded(SETTINGS) as stack:
        (pages / "pier.md").write_text("# The pier\n\nThe ferry leaves from pier seven.\n")
        stack.add_documents(pages)
        yield stack


def messages(stack: Stack) -> list[Message]:
    return [one for one in stack.sandbox.channel(CHANNEL) if one.from_app and not one.ephemeral]


def shows(stack: Stack, text: str) -> bool:
    return any(text in one.as_text() for one in messages(stack))


def reindex(stack: Stack, text: str) -> None:
    done = stack.sandbox.command("ines", "/reindex", text, channel=CHANNEL)
    assert done["outcome"] == "acknowledged"


def test_killed_in_the_middle_it_goes_on_in_the_same_message(stack: Stack, pages: Path) -> None:
    write(pages, "first")
    bot = stack.process("bot")
    reindex(stack, NAME)
    until(lambda: shows(stack, "%"), "the message to show how far it is", 2 * SECONDS)
    [message] = messages(stack)
    assert "Reindexing" in message.as_text()
    bot.kill()
    bot.start()
    bot.wait_until_ready()
    until(lambda: shows(stack, "Reindexed"), "the summary", 6 * SECONDS)
    [last] = messages(stack)
    assert last.ts == message.ts
    assert "stopped" not in last.as_text()


def test_cancelled_it_stops(stack: Stack, pages: Path) -> None:
    write(pages, "second")
    before = len(messages(stack))
    reindex(stack, f"{NAME} --full")
    until(lambda: shows(stack, "░"), "the message to show how far it is", 2 * SECONDS)
    reindex(stack, "cancel")
    until(lambda: shows(stack, "stopped"), "the message to say that it stopped", SECONDS)
    assert len(messages(stack)) == before + 1
