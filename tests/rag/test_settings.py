"""Faulty settings: one sentence that names the variables, and never a value, which may be a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
READ = "from rag.settings import Settings; s = Settings(); s.slack, s.slack.mode == 'http' and s.slack_http, s.storage, s.jobs, s.index, s.llm, s.retrieval"


def read(folder: Path, settings: dict[str, str]) -> tuple[int, str]:
    """Exit code and last line of a process that reads all settings in the folder."""
    path = os.environ["PATH"]  # noqa: TID251 - the process started here needs one
    environment = {"PATH": path, "PYTHONPATH": str(ROOT), **settings}
    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, (done.stderr.strip().splitlines() or [""])[-1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "SLACK_BOT_TOKEN is missing, SLACK_APP_TOKEN is missing; see .env.example."),
        (TOKENS | {"SLACK_BOT_TOKEN": "secret"}, "SLACK_BOT_TOKEN is malformed (must start with xoxb-); see .env.example."),
        (TOKENS | {"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN is missing; see .env.example."),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_MODE": "http"}, "SLACK_SIGNING_SECRET is missing; see .env.example."),
        (TOKENS | {"SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_ID is malformed (needs SLACK_MODE=http); see .env.example."),
        (TOKENS | {"SLACK_CLIENT_ID": "1.2", "SLACK_MODE": "http"}, "SLACK_BOT_TOKEN is malformed (must be empty beside SLACK_CLIENT_ID: each workspace has a token of its own); see .env.example."),
        (TOKENS | {"SLACK_MODE": "secret"}, "SLACK_MODE is malformed (Input should be 'socket' or 'http'); see .env.example."),
        (TOKENS | {"BROKER_URL": "amqp://secret@x"}, "BROKER_URL is malformed (must start with memory:// or redis://); see .env.example."),
        (TOKENS | {"WORKER_THREADS": "0"}, "WORKER_THREADS is malformed (Input should be greater than or equal to 1); see .env.example."),
        (TOKENS | {"RETRIEVAL_ANSWER_THRESHOLD": "7"}, "RETRIEVAL_ANSWER_THRESHOLD is malformed (Input should be less than or equal to 1); see .env.example."),
    ],
)  # fmt: skip
def test_a_faulty_setting_is_named_in_one_sentence(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    code, line = read(tmp_path, settings)
    assert code == 1
    assert line == f"rag.errors.ConfigError: {said}"
    assert "secret" not in line


def test_the_file_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-file\nSLACK_APP_TOKEN=wrong\n")
    assert read(tmp_path, {})[1].endswith(
        "SLACK_APP_TOKEN is malformed (must start with xapp-); see .env.example."
    )
    assert read(tmp_path, {"SLACK_APP_TOKEN": "xapp-1"}) == (0, "")


def test_by_http_the_signing_secret_is_enough_without_an_app_level_token(tmp_path: Path) -> None:
    settings = {"SLACK_MODE": "http", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "shh"}
    assert read(tmp_path, settings) == (0, "")


def test_the_sentence_is_all_that_a_command_prints(tmp_path: Path) -> None:
    path = os.environ["PATH"]  # noqa: TID251 - the process started here needs one
    for command in (["-m", "bot"], ["-m", "workers"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={"PATH": path, "DATA_DIR": str(tmp_path), "BROKER_URL": "amqp://x", **TOKENS},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.strip().splitlines() == [
            "BROKER_URL is malformed (must start with memory:// or redis://); see .env.example."
        ]
