"""Who will read an answer: the reader keys that everybody in the conversation holds. Unknown means no.

An answer in a channel is read by all of the channel, so it may rest only on what the least of its readers may see: the
presence of one guest, or of one person from another organisation, leaves public sources and those of the channel itself;
a channel shared with another organisation gets public sources only. A direct message, like a private answer, is
read by its asker alone.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from time import monotonic
from typing import Any, Protocol, TypeVar

from slack_sdk import WebClient

from rag.domain import MEMBERS, PUBLIC, Audience, channel_readers
from workers.asked import Incoming
from workers.slack.errors import slack_errors
from workers.slack.pages import pages

_FRESH_SECONDS = 60.0  # a change of membership takes effect within this time

Value = TypeVar("Value")


class Access(Protocol):
    def audience(self, incoming: Incoming) -> Audience:
        """Who will read the answer to this question. Raises SlackUnavailable when it cannot be told."""


class SlackAccess:
    """Asks Slack at answer time, and remembers for a minute."""

    def __init__(self, client: WebClient, *, team_id: str) -> None:
        self._client = client
        self._team_id = team_id
        self._remembered = _Remembered(_FRESH_SECONDS)

    def audience(self, incoming: Incoming) -> Audience:
        if incoming.is_private:
            return self.person(incoming.user_id)
        if self._channel(incoming.channel_id).get("is_im"):
            readers = self._person(incoming.user_id) | {channel_readers(incoming.channel_id)}
            return Audience(self._team_id, readers)
        return self.channel(incoming.channel_id)

    def channel(self, channel_id: str) -> Audience:
        """What all of a channel may read; not of direct messages. Raises SlackUnavailable when it cannot be told."""
        channel = self._channel(channel_id)
        key = ("members", channel_id)
        return Audience(self._team_id, self._remembered.get(key, lambda: self._readers_of_channel(channel)))

    def person(self, user_id: str) -> Audience:
        """What one person may read. Raises SlackUnavailable when it cannot be told."""
        return Audience(self._team_id, self._person(user_id))

    def _person(self, user_id: str) -> frozenset[str]:
        return self._remembered.get(("direct", user_id), lambda: self._readers_of_person(user_id))

    def _channel(self, channel_id: str) -> dict[str, Any]:
        return self._remembered.get(
            ("channel", channel_id),
            lambda: dict(self._call("conversations.info", channel=channel_id)["channel"]),
        )

    def _readers_of_person(self, user_id: str) -> frozenset[str]:
        if user_id not in self._full_members():
            # A guest's channels are still the guest's to read.
            return frozenset({PUBLIC, *self._channels_of(user_id)})
        return frozenset({PUBLIC, MEMBERS, *self._channels_of(user_id)})

    def _readers_of_channel(self, channel: dict[str, Any]) -> frozenset[str]:
        if (
            channel.get("is_ext_shared")
            or channel.get("is_pending_ext_shared")
            or channel.get("is_org_shared")
        ):
            return frozenset({PUBLIC})
        readers = {PUBLIC, channel_readers(channel["id"])}
        people = set(pages(self._client, "conversations.members", "members", channel=channel["id"]))
        if people and people <= self._full_members() | self._bots():
            readers.add(MEMBERS)
        return frozenset(readers)

    def _channels_of(self, user_id: str) -> Iterator[str]:
        kinds = "public_channel,private_channel"
        for channel in pages(self._client, "users.conversations", "channels", user=user_id, types=kinds):
            yield channel_readers(channel["id"])

    def _full_members(self) -> frozenset[str]:
        own = self._remembered.get(("team",), lambda: str(self._call("auth.test")["team_id"]))
        return frozenset(user["id"] for user in self._users() if is_full_member(user, own))

    def _bots(self) -> frozenset[str]:
        return frozenset(user["id"] for user in self._users() if user.get("is_bot"))

    def _users(self) -> list[dict[str, Any]]:
        return self._remembered.get(("users",), lambda: list(pages(self._client, "users.list", "members")))

    def _call(self, method: str, **arguments: Any) -> Any:
        with slack_errors():
            return self._client.api_call(method, params=arguments)


def is_full_member(user: Mapping[str, Any], own_team_id: str) -> bool:
    """A person of the workspace itself: not a guest, not from elsewhere, not deactivated, not a bot."""
    barred = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    return user.get("team_id") == own_team_id and not any(user.get(flag) for flag in barred)


class _Remembered:
    """Values for a while. Two threads may work out the same value at once; neither sees a stale one."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._values: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, work_out: Callable[[], Value]) -> Value:
        known = self._values.get(key)
        if known is not None and monotonic() - known[0] < self._seconds:
            value: Value = known[1]
            return value
        fresh = work_out()
        self._values[key] = (monotonic(), fresh)
        return fresh
