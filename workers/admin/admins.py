"""Who may administer: the members of one private channel, asked at the moment of each action. Unknown means no."""

import logging
from typing import Any

from slack_sdk import WebClient

from rag.errors import ReplyImpossible, SlackUnavailable
from workers.slack.errors import slack_errors
from workers.slack.pages import pages

log = logging.getLogger(__name__)


class Admins:
    """Asks Slack. Without a `channel_id` nobody may; a channel that is not private any more makes nobody an admin."""

    def __init__(self, client: WebClient, channel_id: str) -> None:
        self._client = client
        self._channel_id = channel_id

    def may_administer(self, user_id: str) -> bool:
        """Whether this person is an admin now."""
        if not self._channel_id:
            return False
        try:
            return self._is_private() and self._has(user_id)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("nobody is taken for an admin (%s)", error)
            return False

    def _is_private(self) -> bool:
        with slack_errors():
            channel: Any = self._client.conversations_info(channel=self._channel_id)["channel"]
        return bool(channel.get("is_private")) and not channel.get("is_ext_shared")

    def _has(self, user_id: str) -> bool:
        members = pages(self._client, "conversations.members", "members", channel=self._channel_id)
        return any(member == user_id for member in members)
