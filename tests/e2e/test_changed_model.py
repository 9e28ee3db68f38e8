"""The bot started again with another EMBEDDING_MODEL: it answers from the old index until it has built the new one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.chaos import verdict
from evals.processes import until
from evals.stack import Stack, embedded
from rag.adapters.model_files import BUNDLED, folder_of
from tests.e2e.asking import SECONDS, ask
from tests.e2e.pages import write_pages


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual pages, and as many others as take some seconds to embed."""
    folder = write_pages(tmp_path_factory.mktemp("pages"))
    for page in range(16):
        sections = (
            f"## Topic {topic}\n\n"
            + " ".join(f"Rule {rule} of page {page} on topic {topic}." for rule in range(12))
            for topic in range(5)
        )
        (folder / f"rules-{page}.md").write_text(f"# Rules {page}\n\n" + "\n\n".join(sections))
    return folder


@pytest.fixture(scope="module")
def stack(documents: Path) -> Iterator[Stack]:
    with embedded({"SWEEP_SECONDS": "0.5"}) as stack:
        stack.add_documents(documents)
        yield stack


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The bundled model at another place, which makes it another model for all that anybody knows."""
    bundled = folder_of(BUNDLED)
    assert bundled is not None
    copy = tmp_path / bundled.name  # and what was converted for the one does for the other
    copy.mkdir()
    for file in bundled.iterdir():
        (copy / file.name).symlink_to(file)
    return copy


def status(stack: Stack) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ingestion", "status"]
    root = Path(__file__).parent.parent.parent
    return subprocess.Popen(command, cwd=root, env=stack.environment, stdout=subprocess.PIPE, text=True)


def recorded(stack: Stack) -> Any:
    path = Path(stack.environment["DATA_DIR"]) / "index" / "footnote" / "generations.json"
    return json.loads(path.read_text())


def answered(stack: Stack) -> str:
    asked = ask(stack, 0)
    until(lambda: verdict(stack.sandbox.thread(asked.channel, asked.ts)).finals == 1, "an answer", SECONDS)
    return "\n".join(message.as_text() for message in stack.sandbox.thread(asked.channel, asked.ts))


def test_a_changed_model_costs_no_answer(stack: Stack, copy: Path) -> None:
    bot = stack.process("bot")
    assert "25 days" in answered(stack)
    bot.kill()
    for environment in (stack.environment, bot._environment):
        environment["EMBEDDING_MODEL"] = str(copy)
    bot.start()
    bot.wait_until_ready()

    until(lambda: recorded(stack)["building"] is not None, "the new index to be begun", SECONDS)
    shown = status(stack)
    assert "25 days" in answered(stack)
    now = recorded(stack)
    assert (now["serving"]["model"], now["building"]["model"]) == (BUNDLED, str(copy)), (
        "answered from the old"
    )
    assert "The index is built anew: rebuild" in shown.communicate(timeout=SECONDS)[0]

    until(lambda: recorded(stack)["building"] is None, "the new index", SECONDS)
    assert recorded(stack)["serving"]["model"] == str(copy)
    assert "25 days" in answered(stack)
    assert "built anew" not in status(stack).communicate(timeout=SECONDS)[0]
    assert "answering from index generation 2" in bot.output()
