"""What all that read the admin channel may see of what was asked, and of what was read. Unknown means no.

Admins are told of a question where it was asked in a channel that they could open: a public one, where all of them are full members of
the workspace; and of what was asked in their own. What somebody asked in private stays between them and the bot.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from slack_sdk import WebClient

from rag.domain import MEMBERS
from rag.errors import ReplyImpossible
from workers.access import SlackAccess
from workers.asked import Incoming
from workers.slack.errors import slack_errors


class AdminSight:
    """Of one channel. All methods raise SlackUnavailable."""

    def __init__(self, client: WebClient, access: SlackAccess, channel_id: str) -> None:
        self.channel_id = channel_id
        self._client = client
        self._access = access

    def readers(self) -> frozenset[str]:
        """The reader keys that everybody in the channel holds."""
        here = Incoming("", self.channel_id, ts="", thread_ts="", user_id="", text="")
        try:
            return self._access.audience(here).readers
        except ReplyImpossible:
            return frozenset()

    def sees(self, channel_id: str) -> bool:
        """Whether what was written in a channel may be shown in the admin channel."""
        if channel_id == self.channel_id:
            return bool(channel_id)
        return MEMBERS in self.readers() and self._is_public(channel_id)

    def seeing(self, *, most_channels: int) -> Callable[[Any], bool]:
        """Whether the words of a question, by its row, may be shown there. Slack is asked once about each channel, and of so many at most."""
        known: dict[str, bool] = {}

        def is_seen(row: Any) -> bool:
            if row.response_url is not None or not row.text.strip():
                return False
            if row.channel_id not in known:
                known[row.channel_id] = len(known) < most_channels and self.sees(row.channel_id)
            return known[row.channel_id]

        return is_seen

    def _is_public(self, channel_id: str) -> bool:
        try:
            with slack_errors():
                channel: Any = self._client.conversations_info(channel=channel_id)["channel"]
        except ReplyImpossible:
            return False
        closed = ("is_private", "is_im", "is_mpim", "is_group")
        return bool(channel.get("is_channel")) and not any(channel.get(flag) for flag in closed)

    @cached_property
    def workspace_url(self) -> str:
        """With a slash at its end."""
        with slack_errors():
            return str(self._client.auth_test()["url"])
