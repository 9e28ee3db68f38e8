"""Workspace: everything a Slack workspace holds. State only; nobody is told of changes here."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.apps import App
from sandbox.channels import Channel
from sandbox.errors import SlackError
from sandbox.files import UploadedFile
from sandbox.ids import Clock, Ids
from sandbox.messages import Message
from sandbox.people import User
from sandbox.shapes import Json
from sandbox.views import View


@dataclass(frozen=True)
class UserGroup:
    """A group of people that can be mentioned as one, such as @people-team."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]


@dataclass
class Workspace:
    """One team with its users, apps, channels and files. Refusals carry Slack's error names."""

    team_id: str
    team_name: str
    domain: str
    clock: Clock = field(default_factory=Clock)
    ids: Ids = field(default_factory=Ids)
    users: dict[str, User] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, UploadedFile] = field(default_factory=dict)
    usergroups: dict[str, UserGroup] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    homes: dict[tuple[str, str], View] = field(default_factory=dict)
    sessions: dict[tuple[str, str], Json] = field(default_factory=dict)
    suggested_prompts: dict[str, Json] = field(default_factory=dict)

    def user(self, id_or_name: str) -> User:
        """A user by id or by name. Raises SlackError user_not_found."""
        found = self.users.get(id_or_name) or self.user_named(id_or_name)
        if found is None:
            raise SlackError("user_not_found")
        return found

    def user_named(self, name: str) -> User | None:
        wanted = name.removeprefix("@").lower()
        return next((user for user in self.users.values() if user.name == wanted), None)

    def channel(self, id_or_name: str) -> Channel:
        """A channel by id or by name. Raises SlackError channel_not_found."""
        found = self.channels.get(id_or_name) or self.channel_named(id_or_name)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def channel_named(self, name: str) -> Channel | None:
        wanted = name.removeprefix("#").lower()
        named = (channel for channel in self.channels.values() if channel.kind in ("public", "private"))
        return next((channel for channel in named if channel.name == wanted), None)

    def channel_for(self, user_id: str, id_or_name: str | None) -> Channel:
        """A channel that `user_id` can know of. Raises channel_not_found for private ones of others."""
        channel = self.channel(id_or_name or "")
        if not channel.visible_to(user_id):
            raise SlackError("channel_not_found")
        return channel

    def direct(self, users: Sequence[str]) -> tuple[Channel, bool]:
        """The direct or group message of exactly these users, and whether it was there before."""
        wanted = set(users)
        for channel in self.channels.values():
            if channel.kind in ("im", "mpim") and set(channel.members) == wanted:
                return channel, True
        return self._open_direct(list(dict.fromkeys(users))), False

    def app_of_bot(self, user_id: str) -> App | None:
        return next((app for app in self.apps.values() if app.bot_user_id == user_id), None)

    def apps_in(self, channel: Channel) -> list[App]:
        """The apps whose bot users are members of a channel."""
        return [app for app in self.apps.values() if app.bot_user_id in channel.members]

    def store(self, message: Message) -> Message:
        """Put a message into its channel. Raises SlackError thread_not_found for a lost thread."""
        channel = self.channels[message.channel_id]
        if message.thread_ts is not None:
            head = channel.messages.get(message.thread_ts)
            if head is None or head.ephemeral_to:
                raise SlackError("thread_not_found")
            message.thread_ts = head.thread
        channel.add(message)
        return message

    def _open_direct(self, members: list[str]) -> Channel:
        direct = len(members) <= 2  # noqa: PLR2004 - oneself alone, or two
        channel = Channel(
            id=self.ids.new("D" if direct else "G"),
            name="" if direct else "mpdm-" + "--".join(self.users[member].name for member in members) + "-1",
            kind="im" if direct else "mpim",
            created=int(self.clock.now()),
            creator=members[0],
            team_id=self.team_id,
            members=members,
        )
        self.channels[channel.id] = channel
        return channel
