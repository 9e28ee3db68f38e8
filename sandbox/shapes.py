"""The one type every payload has: a JSON object as Slack sends and takes it."""

from typing import Any

Json = dict[str, Any]
