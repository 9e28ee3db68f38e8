"""Message: what was said, by whom, where; stored as it was posted."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.files import UploadedFile
from sandbox.shapes import Json
from sandbox.streams import Stream


@dataclass
class Message:
    """One message. `posting` keeps the flags it was posted with (unfurl_links, parse, mrkdwn …)."""

    ts: str
    channel_id: str
    user: str
    team_id: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    bot_profile: Json | None = None
    username: str | None = None
    client_msg_id: str | None = None
    metadata: Json | None = None
    files: list[UploadedFile] = field(default_factory=list)
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str | None = None
    posting: Json = field(default_factory=dict)
    stream: Stream | None = None
    stream_state: str | None = None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def thread(self) -> str:
        """The timestamp of the thread it belongs to, or would start."""
        return self.thread_ts or self.ts

    def to_slack(self, *, with_metadata: bool = False) -> Json:
        """The message object of conversations.history; metadata only where it was asked for."""
        optional: dict[str, Any] = {
            "subtype": self.subtype,
            "client_msg_id": self.client_msg_id,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "username": self.username,
            "bot_profile": self.bot_profile,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "thread_ts": self.thread_ts,
            "files": [file.to_slack() for file in self.files],
            "edited": self.edited,
            "reactions": self._reactions(),
            "streaming_state": self.stream_state,
            "metadata": self.metadata if with_metadata else None,
        }
        message: Json = {
            "type": "message",
            "user": self.user,
            "text": self.text,
            "ts": self.ts,
            "team": self.team_id,
        }
        return message | {name: value for name, value in optional.items() if value}

    def _reactions(self) -> list[Json]:
        return [
            {"name": name, "users": users, "count": len(users)}
            for name, users in self.reactions.items()
            if users
        ]
