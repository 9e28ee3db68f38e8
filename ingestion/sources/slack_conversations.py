"""A channel as Slack describes it: whether it may be a source, and who may then read it.

Privacy is told by Slack's own flags and never by the id: https://docs.slack.dev/apis/slack-connect
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ingestion.registered import RegisteredSource
from ingestion.sources.slack_notes import Notes
from ingestion.sources.slack_reading import SlackReader
from rag.domain import channel_readers
from rag.errors import ConfigError, SourceGone, SourceUnavailable
from rag.settings import SlackSettings

SLACK_KINDS = frozenset({"slack_channel", "slack_files", "answers"})
"""The kinds of source whose location is a conversation."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel that we may read, and who we are in it. `url` is the workspace's, with a slash at its end."""

    id: str
    name: str
    url: str
    own_user_id: str
    is_archived: bool

    def permalink(self, ts: str) -> str:
        """Where people open the message `ts`."""
        return f"{self.url}archives/{self.id}/p{ts.replace('.', '')}"


def readers_for(
    channel: Mapping[str, Any], asked: Collection[str], *, allow_shared: bool = False
) -> frozenset[str]:
    """Who may read a source on this channel (an answer of conversations.info), whatever is `asked`.

    Raises ConfigError with a sentence where it may not be a source at all.
    """
    if channel.get("is_im") or channel.get("is_mpim"):
        raise ConfigError("Direct and group messages are nobody's documentation: name a channel.")
    if is_shared(channel) and not allow_shared:
        raise ConfigError(
            f"{_named(channel)} is shared with another organisation, and what its people write is theirs. "
            "If both sides agree, add it with --option allow_shared=yes."
        )
    if channel.get("is_private", True):
        return frozenset({channel_readers(channel["id"])})
    return frozenset(asked)


def describe(settings: SlackSettings, channel_id: str) -> dict[str, Any]:
    """The channel, for `readers_for`. Raises ConfigError with a sentence where the bot cannot read it."""
    try:
        channel = dict(SlackReader(settings).call("conversations.info", channel=channel_id)["channel"])
    except SourceGone:
        channel = {}
    if not channel.get("is_member") and not channel.get("is_archived"):
        raise ConfigError(f"The bot is not in the channel {channel_id}: invite it there first.")
    return channel


def enter(slack: SlackReader, registered: RegisteredSource, notes: Notes) -> Conversation:
    """The registered channel, once it is sure that we may read it and that nobody reads it here who may not.

    Raises SourceGone, SourceUnavailable, ConfigError.
    """
    me = own_team(slack, notes)
    channel = present(slack, registered.location)
    if is_shared(channel) and not allows(registered, "allow_shared"):
        raise SourceGone(f"{_named(channel)} is now shared with another organisation.")
    if readers_for(channel, registered.readers, allow_shared=True) != registered.readers:
        notes.found_private()
        raise SourceUnavailable(
            f"{_named(channel)} is private, and is to be read by its members only. The bot sees to it; without the "
            f"bot: python -m ingestion audience '{registered.name}' {channel_readers(channel['id'])}"
        )
    return Conversation(
        id=channel["id"],
        name=channel.get("name") or channel["id"],
        url=str(me["url"]),
        own_user_id=str(me["user_id"]),
        is_archived=bool(channel.get("is_archived")),
    )


def own_team(slack: SlackReader, notes: Notes) -> dict[str, Any]:
    """Who we are (auth.test). Raises ConfigError where the token is not of the workspace that the source was first read from."""
    me = slack.call("auth.test")
    if notes.team(str(me["team_id"])) != me["team_id"]:
        raise ConfigError(
            "SLACK_BOT_TOKEN belongs to another workspace than this source. Nothing was changed."
        )
    return me


def present(slack: SlackReader, channel_id: str) -> dict[str, Any]:
    """The channel as it is now. Raises SourceGone where we are not in it, but for an archived one: Slack puts bots out
    of those, and what was said there stays.
    """
    channel = dict(slack.call("conversations.info", channel=channel_id)["channel"])
    if not channel.get("is_member") and not channel.get("is_archived"):
        raise SourceGone("The bot is no longer in the channel.")
    return channel


@contextmanager
def still_there(slack: SlackReader, channel_id: str) -> Iterator[None]:
    """Calls about what is said in the channel go in here: that they are refused may come of its being archived."""
    try:
        yield
    except SourceGone:
        present(slack, channel_id)
        raise SourceUnavailable("The channel was archived in the middle of it.") from None


def allows(registered: RegisteredSource, option: str) -> bool:
    """Whether a yes-or-no option was given a yes."""
    value = registered.options.get(option, "no").strip().lower()
    if value not in {"yes", "no", "true", "false"}:
        raise ConfigError(f"The option {option} of {registered.name} must be yes or no.")
    return value in {"yes", "true"}


def is_shared(channel: Mapping[str, Any]) -> bool:
    """Whether people of another organisation are in it, or invited."""
    return bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))


def _named(channel: Mapping[str, Any]) -> str:
    return f"#{channel.get('name') or channel.get('id')}"
