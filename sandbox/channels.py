"""Channel: a public or private channel, a group message or a direct message, with its messages."""

from dataclasses import dataclass, field
from typing import Literal

from sandbox.errors import SlackError
from sandbox.messages import Message
from sandbox.shapes import Json

Kind = Literal["public", "private", "mpim", "im"]

# How events name the kinds, and how `types` of conversations.list does.
EVENT_TYPES = {"public": "channel", "private": "group", "mpim": "mpim", "im": "im"}
LIST_TYPES = {"public": "public_channel", "private": "private_channel", "mpim": "mpim", "im": "im"}


@dataclass
class Channel:
    """A conversation. `members` in order of joining; `messages` by timestamp, `replies` by thread, oldest first."""

    id: str
    name: str
    kind: Kind
    created: int
    creator: str
    team_id: str
    members: list[str] = field(default_factory=list)
    is_general: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    connected_team_ids: list[str] = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    replies: dict[str, list[Message]] = field(default_factory=dict)
    pins: list[str] = field(default_factory=list)

    def add(self, message: Message) -> None:
        """Keep a message; as the youngest, since timestamps only increase."""
        self.messages[message.ts] = message
        if message.is_reply:
            self.replies.setdefault(message.thread, []).append(message)

    def add_earlier(self, messages: list[Message]) -> None:
        """Keep messages that are older than others that are there."""
        for message in messages:
            self.add(message)
        self.messages = dict(sorted(self.messages.items(), key=lambda item: float(item[0])))
        for thread in self.replies.values():
            thread.sort(key=lambda message: float(message.ts))

    def remove(self, message: Message) -> None:
        """Forget a message."""
        del self.messages[message.ts]
        if message.is_reply:
            self.replies[message.thread].remove(message)

    def message(self, ts: str | None) -> Message:
        """The message with this timestamp that everybody sees. Raises SlackError message_not_found."""
        message = self.messages.get(ts or "")
        if message is None or message.ephemeral_to:
            raise SlackError("message_not_found")
        return message

    def visible_to(self, user_id: str) -> bool:
        return self.kind == "public" or user_id in self.members

    def top_level(self) -> list[Message]:
        """What the channel itself shows: no replies, unless they were also sent to the channel."""
        return [
            message
            for message in self.messages.values()
            if not message.ephemeral_to and (not message.is_reply or message.subtype == "thread_broadcast")
        ]

    def thread(self, ts: str) -> list[Message]:
        """The thread that the message `ts` heads, head first; of a reply only itself."""
        head = self.message(ts)
        return [head, *(reply for reply in self.replies.get(ts, []) if not reply.ephemeral_to)]

    def present(self, message: Message, *, with_metadata: bool = False) -> Json:
        """A message as conversations.history returns it, with the summary of the thread it heads."""
        shown = message.to_slack(with_metadata=with_metadata)
        if message.is_reply:
            head = self.messages.get(message.thread)
            return shown | {"parent_user_id": head.user if head else "USLACKBOT"}
        replies = [] if message.ephemeral_to else self.thread(message.ts)[1:]
        if not replies:
            return shown
        users = list(dict.fromkeys(reply.user for reply in replies))
        return shown | {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users_count": len(users),
            "latest_reply": replies[-1].ts,
            "reply_users": users,
            "is_locked": False,
            "subscribed": False,
        }

    def to_slack(self, viewer: str) -> Json:
        """The `channel` object of conversations.info, as seen by `viewer`."""
        if self.kind == "im":
            return self._direct(viewer)
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
            "is_general": self.is_general,
            "is_archived": self.is_archived,
            "is_member": viewer in self.members,
            "created": self.created,
            "creator": self.creator,
            "context_team_id": self.team_id,
            "topic": {"value": self.topic, "creator": self.creator, "last_set": self.created},
            "purpose": {"value": self.purpose, "creator": self.creator, "last_set": self.created},
            "previous_names": [],
        } | self._sharing()

    def _direct(self, viewer: str) -> Json:
        others = [member for member in self.members if member != viewer]
        return {
            "id": self.id,
            "created": self.created,
            "is_im": True,
            "is_archived": self.is_archived,
            "is_org_shared": False,
            "context_team_id": self.team_id,
            "user": others[0] if others else viewer,
            "is_user_deleted": False,
            "is_open": True,
        }

    def _sharing(self) -> Json:
        return {
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "pending_connected_team_ids": [],
            "shared_team_ids": [self.team_id, *self.connected_team_ids],
            "connected_team_ids": self.connected_team_ids,
            "conversation_host_id": self.team_id,
        }
