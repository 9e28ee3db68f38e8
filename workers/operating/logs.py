"""What a process writes to its log: a line an event, ids and counts, no content."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from rag.errors import where
from rag.settings import LogSettings
from workers.slack.pacing import standing

_QUIET = (
    "celery",
    "kombu",
    "httpx",
    "httpx2",
    "openai",
    "slack_bolt",
    "slack_sdk",
    "sentence_transformers",
    "alembic",
)
"""Libraries that tell every step, or at DEBUG even content."""

_PAIR = re.compile(r"\b([a-z_]+)=([^\s()=,]+)")
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")  # an id of thirty-two digits is none


def log_to_stderr(section: LogSettings) -> None:
    """Log our own events from INFO on, those of libraries from WARNING on."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if section.format == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonFormatter())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs every failed call as an error, before we decide what the failure means.
    logging.getLogger("slack_sdk.web.base_client").setLevel(logging.CRITICAL)


class JsonFormatter(logging.Formatter):
    """A JSON object a line: `at` (UTC), `level`, `logger`, `message`, and each `name=value` of the message as a field of its own.

    `question` is the id of the question that is being worked on, whoever writes the line. Of an exception only type and place are
    told: what it says, and the lines of a traceback, may hold content.
    """

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        line: dict[str, Any] = {name: _value(value) for name, value in _PAIR.findall(message)}
        if question := standing().caller or line.get("question") or line.get("id"):
            line["question"] = question
        if record.exc_info and record.exc_info[1]:
            line["error"] = where(record.exc_info[1])
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": message}
        return json.dumps(
            told | {name: value for name, value in line.items() if name not in told}, ensure_ascii=False
        )


def _value(text: str) -> str | float:
    if _NUMBER.fullmatch(text) is None:
        return text
    return float(text) if "." in text else int(text)
