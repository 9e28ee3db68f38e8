"""JSON logs: a line an event, with the ids that belong together, and no content."""

import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workers.operating.logs import JsonFormatter
from workers.slack.pacing import standing_for

ROOT = Path(__file__).parent.parent.parent.parent


class Log:
    def __init__(self) -> None:
        self.written = io.StringIO()
        handler = logging.StreamHandler(self.written)
        handler.setFormatter(JsonFormatter())
        self.logger = logging.Logger("ours")  # noqa: LOG001 - nobody else's
        self.logger.addHandler(handler)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]


@pytest.fixture
def log() -> Log:
    return Log()


def test_pairs_are_fields_and_numbers_are_numbers(log: Log) -> None:
    log.logger.info("question id=%s attempt=%d outcome=%s seconds=%.3f", "ab12", 1, "answered", 0.25)
    (line,) = log.lines()
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "ours",
        "message": "question id=ab12 attempt=1 outcome=answered seconds=0.250",
        "id": "ab12",
        "question": "ab12",
        "attempt": 1,
        "outcome": "answered",
        "seconds": 0.25,
    }


def test_an_id_stays_text_and_what_is_ours_stays_ours(log: Log) -> None:
    log.logger.warning("trying again id=%s (%s) level=none", "1" * 32, "ratelimited")
    (line,) = log.lines()
    assert (line["id"], line["level"]) == ("1" * 32, "warning")


def test_every_line_of_a_question_names_it(log: Log) -> None:
    with standing_for("q1", asked_at=0.0):
        log.logger.info("file of a question not read id=%s", "F01")
        log.logger.info("claims without support: %d removed", 2)
    log.logger.info("connected to Slack")
    first, second, last = log.lines()
    assert (first["question"], first["id"], second["question"]) == ("q1", "F01", "q1")
    assert "question" not in last


def test_an_exception_is_told_by_type_and_place_alone(log: Log) -> None:
    try:
        int("how much does Ines earn?")
    except ValueError:
        log.logger.exception("two\nlines")
    (line,) = log.lines()
    assert line["error"].startswith("ValueError at test_logs.py:")
    assert "Ines" not in log.written.getvalue()


@pytest.mark.parametrize("command", ["bot", "workers"])
def test_the_setting_is_heeded_and_checked(command: str, tmp_path: Path) -> None:
    path = os.environ["PATH"]  # noqa: TID251 - the process started here needs one
    done = subprocess.run(
        [sys.executable, "-m", command],
        cwd=ROOT,
        env={"PATH": path, "DATA_DIR": str(tmp_path), "LOG_FORMAT": "xml"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("LOG_FORMAT is malformed")
