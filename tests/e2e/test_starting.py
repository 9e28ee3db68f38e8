"""Starting `python -m bot` where something is not as it should be: one sentence, exit code 2, no trace."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.adapters.edge_shard import hold
from sandbox.server import SandboxServer

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def start(server: SandboxServer, data: Path, **settings: str) -> tuple[int, list[str]]:
    """Run `python -m bot` to its end; exit code and what it printed to stderr, log lines aside."""
    inherited = dict(os.environ)  # noqa: TID251 - handed on to the process started here
    environment = {
        **inherited,
        "SLACK_API_URL": server.api_url,
        "SLACK_BOT_TOKEN": server.bot_token,
        "SLACK_APP_TOKEN": server.app_token,
        "DATA_DIR": str(data),
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if " INFO " not in line and " WARNING " not in line]
    return done.returncode, lines


def test_a_second_bot_on_the_same_data_folder_is_refused(server: SandboxServer, tmp_path: Path) -> None:
    lock = hold(tmp_path / "index" / "footnote")
    try:
        code, lines = start(server, tmp_path)
    finally:
        lock.release()
    assert code == 2
    assert len(lines) == 1
    assert "in use by another process" in lines[0]


@pytest.mark.parametrize(
    ("variable", "token"), [("SLACK_BOT_TOKEN", "xoxb-wrong"), ("SLACK_APP_TOKEN", "xapp-wrong")]
)
def test_a_token_that_slack_refuses_is_named(
    server: SandboxServer, tmp_path: Path, variable: str, token: str
) -> None:
    code, lines = start(server, tmp_path, **{variable: token})
    assert (code, lines) == (2, [f"{variable} was refused by Slack (invalid_auth); see .env.example."])


def test_a_data_folder_that_cannot_be_written_is_named(server: SandboxServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, lines = start(server, tmp_path / "file" / "data")
    assert code == 2
    assert len(lines) == 1
    assert "DATA_DIR" in lines[0]
