"""How people are called, for lists that name many: a mention would notify each of them."""

import logging
from collections.abc import Collection
from typing import Any

from slack_sdk import WebClient

from ingestion.sources.slack_answers import name_of
from rag.errors import ReplyImpossible, SlackUnavailable
from workers.slack.errors import slack_errors

log = logging.getLogger(__name__)

_MOST = 10  # calls: Slack waits three seconds


def names_of(client: WebClient, user_ids: Collection[str]) -> dict[str, str]:
    """Names by id, of those that could be told."""
    found = {}
    for user_id in sorted(one for one in user_ids if one[:1] in {"U", "W"})[:_MOST]:
        try:
            with slack_errors():
                answer: Any = client.users_info(user=user_id)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.info("a person's name is not known (%s)", error)
            continue
        found[user_id] = name_of(answer["user"])
    return found
