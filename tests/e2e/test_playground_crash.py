"""`test "question"` with the bot killed while its result is on the way: it comes, once, in the place of the first message."""

from collections.abc import Iterator

import pytest

from evals.processes import until
from evals.stack import Stack, embedded
from sandbox.client import Message
from tests.e2e.asking import SECONDS
from tests.e2e.pages import write_pages
from workers.admin.explaining_words import TRYING

SETTINGS = {"SWEEP_SECONDS": "0.5", "ADMIN_CHANNEL": "C01ADMIN"}
CHANNEL = "footnote-admin"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with embedded(SETTINGS) as stack:
        stack.add_documents(write_pages(tmp_path_factory.mktemp("pages")))
        yield stack


def test_killed_before_its_result_was_shown(stack: Stack) -> None:
    bot = stack.process("bot")
    stack.sandbox.fault("delay", "chat.update", count=None, seconds=5)
    ts = stack.sandbox.post("ines", '@footnote test "how many days of annual leave?"', channel=CHANNEL)

    def replies() -> list[Message]:
        return [one for one in stack.sandbox.thread(CHANNEL, ts) if one.from_app]

    until(lambda: [one.text for one in replies()] == [TRYING], "the first message", SECONDS)
    [first] = replies()
    bot.kill()
    stack.sandbox.clear_faults()
    bot.start()
    bot.wait_until_ready()
    until(lambda: any("Tried for" in one.as_text() for one in replies()), "the result", SECONDS)
    [result] = replies()
    assert result.ts == first.ts
