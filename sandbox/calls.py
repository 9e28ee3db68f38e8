"""Call: one Web API call on its way through a method, and what methods need of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.apps import App
from sandbox.arguments import Arguments
from sandbox.channels import Channel
from sandbox.errors import SlackError
from sandbox.people import User
from sandbox.platform import Platform
from sandbox.shapes import Json
from sandbox.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """Who calls (`app`), with what (`arguments`), and on what (`platform`)."""

    platform: Platform
    app: App
    arguments: Arguments

    @property
    def workspace(self) -> Workspace:
        return self.platform.workspace

    @property
    def bot(self) -> User:
        return self.workspace.users[self.app.bot_user_id]

    def channel(self, name: str = "channel") -> Channel:
        """The channel an argument names, if the app can know of it. Raises channel_not_found."""
        return self.workspace.channel_for(self.app.bot_user_id, self.arguments.text(name))

    def joined_channel(self, name: str = "channel") -> Channel:
        """The same, where the app must be a member too. Raises not_in_channel."""
        channel = self.channel(name)
        if self.app.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def writable_channel(self, name: str = "channel") -> Channel:
        """A channel to post to; a user's id means the direct message with them. Raises is_archived."""
        target = self.arguments.text(name) or ""
        if target in self.workspace.users:
            user = self.workspace.user(target)
            return self.workspace.direct([self.app.bot_user_id, user.id])[0]
        if self.channel(name).is_archived:
            raise SlackError("is_archived")
        return self.joined_channel(name)


Method = Callable[[Call], Json]
Methods = Mapping[str, Method]
