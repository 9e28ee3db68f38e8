"""`/reindex` with the bot killed in the middle of it: one message, which ends with the summary."""

from collections.abc import Iterator

import pytest

from evals.processes import until
from evals.stack import Stack, embedded
from sandbox.client import Message
from tests.e2e.asking import SECONDS

SETTINGS = {"SWEEP_SECONDS": "0.5", "ADMIN_CHANNEL": "C01ADMIN"}
CHANNEL, NAME, PAGES = "footnote-admin", "handbook", 240


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    pages = tmp_path_factory.mktemp("many") / NAME
    pages.mkdir()
    for number in range(PAGES):
        text = " ".join(
            f"Sentence {line} of page {number} says something about topic {line}." for line in range(40)
        )
        (pages / f"page-{number:03}.md").write_text(f"# Page {number}\n\n{text}\n")
    with embedded(SETTINGS) as stack:
        (pages / "page-000.md").write_text("# The pier\n\nThe ferry leaves from pier seven.\n")
        stack.add_documents(pages)
        yield stack


def messages(stack: Stack) -> list[Message]:
    return [one for one in stack.sandbox.channel(CHANNEL) if one.from_app and not one.ephemeral]


def shows(stack: Stack, text: str) -> bool:
    return any(text in one.as_text() for one in messages(stack))


def reindex(stack: Stack, text: str) -> None:
    done = stack.sandbox.command("ines", "/reindex", text, channel=CHANNEL)
    assert done["outcome"] == "acknowledged"


def test_killed_in_the_middle_it_goes_on_in_the_same_message(stack: Stack) -> None:
    bot = stack.process("bot")
    reindex(stack, f"{NAME} --full")
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


def test_cancelled_it_stops(stack: Stack) -> None:
    before = len(messages(stack))
    reindex(stack, f"{NAME} --full")
    until(lambda: shows(stack, "░"), "the message to show how far it is", 2 * SECONDS)
    reindex(stack, "cancel")
    until(lambda: shows(stack, "stopped"), "the message to say that it stopped", SECONDS)
    assert len(messages(stack)) == before + 1
