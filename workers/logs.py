"""What a process writes to its log: a line an event, ids and counts, no content."""

import logging

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


def log_to_stderr() -> None:
    """Log our own events from INFO on, those of libraries from WARNING on."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs every failed call as an error, before we decide what the failure means.
    logging.getLogger("slack_sdk.web.base_client").setLevel(logging.CRITICAL)
