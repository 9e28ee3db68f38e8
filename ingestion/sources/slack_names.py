"""Who and what the ids in a message stand for, asked of Slack once and then remembered."""

from typing import Any

from ingestion.remembering import Memory
from ingestion.sources.slack_answers import SOMEBODY, name_of
from ingestion.sources.slack_reading import SlackReader, SlackRefused
from rag.errors import SourceGone

_KEY = "name:"
_UNKNOWN = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


def key_of(id_: str) -> str:
    """Under which key of a source's memory the name of this person or channel is remembered."""
    return _KEY + id_


class Names:
    """Display names by id. Raises what SlackReader raises."""

    def __init__(self, slack: SlackReader, memory: Memory) -> None:
        self._slack = slack
        self._memory = memory
        self._known: dict[str, str] = {}

    def person(self, user_id: str) -> str:
        """How the person is called in Slack."""
        return self._name(user_id, self._ask_for_person)

    def channel(self, channel_id: str) -> str:
        """The name of a public channel; that of a private one is for its members to know."""
        return self._name(channel_id, self._ask_for_channel)

    def forget(self) -> None:
        """Ask anew: people marry, and channels are renamed."""
        self._known.clear()
        self._memory.forget(self._memory.all(_KEY))

    def _name(self, key: str, ask: Any) -> str:
        if key not in self._known:
            remembered = self._memory.get(key_of(key))
            if remembered is None:
                remembered = ask(key)
                self._memory.put({key_of(key): remembered})
            self._known[key] = str(remembered)
        return self._known[key]

    def _ask_for_person(self, user_id: str) -> str:
        try:
            user = self._slack.call("users.info", user=user_id)["user"]
        except SlackRefused as error:
            if error.code in _UNKNOWN:
                return SOMEBODY
            raise
        return name_of(user)

    def _ask_for_channel(self, channel_id: str) -> str:
        try:
            channel = self._slack.call("conversations.info", channel=channel_id)["channel"]
        except SourceGone:
            return "a private channel"
        return "a private channel" if channel.get("is_private", True) else f"#{channel['name']}"
