"""Platform: the workspace in motion. Whatever changes it goes through here, and the apps are told.

Both sides use it: the Web API (what apps do) and the control API (what people do).
"""

from pathlib import Path

from sandbox import events
from sandbox.apps import App
from sandbox.bell import Bell
from sandbox.channels import Channel
from sandbox.composer import mentioned_users
from sandbox.deliveries import Deliveries
from sandbox.errors import SlackError
from sandbox.faults import Faults
from sandbox.interactions import actor
from sandbox.journal import Journal
from sandbox.limits import Limits
from sandbox.messages import Message
from sandbox.people import User
from sandbox.response_urls import ResponseUrls
from sandbox.seed import DEFAULT, read_workspace
from sandbox.settings import Settings
from sandbox.shapes import Json
from sandbox.triggers import Triggers
from sandbox.workspace import Workspace


class Platform:
    """One running stand-in for Slack: the workspace, and the machinery around it."""

    def __init__(
        self, *, workspace: Path = DEFAULT, manifest: Path | None = None, settings: Settings | None = None
    ) -> None:
        self._seed = workspace
        self._manifest = manifest
        self._first_settings = settings or Settings()
        self.base_url = "http://127.0.0.1"
        self.bell = Bell()
        self.deliveries = Deliveries(self._first_settings, self.bell)
        self.faults = Faults()
        self._begin()

    def _begin(self) -> None:
        self.workspace: Workspace = read_workspace(self._seed)
        if self._manifest:
            for app in self.workspace.apps.values():
                app.apply_manifest(self._manifest)
        self.clock = self.workspace.clock
        self.journal = Journal()
        self.limits = Limits()
        self.response_urls = ResponseUrls()
        self.triggers = Triggers()
        self.statuses: dict[tuple[str, str], Json] = {}
        self.settings = self._first_settings

    @property
    def settings(self) -> Settings:
        return self.deliveries.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.deliveries.settings = settings

    async def reset(self) -> None:
        """Begin again as at the start; open sockets stay open."""
        await self.deliveries.forget()
        self.faults.clear()
        self._begin()
        self.bell.ring()

    def post(self, message: Message) -> Message:
        """Put a message into its channel, or before one person's eyes, and tell the apps there."""
        message = self.workspace.store(message)
        channel = self.workspace.channels[message.channel_id]
        self.ring(message)
        if message.bot_id:
            self.statuses.pop((channel.id, message.thread), None)
        if message.ephemeral_to:
            return message
        posted = events.message_posted(message, channel, self.workspace.users[message.user])
        self.tell(channel, posted)
        self._tell_mentioned(channel, posted)
        return message

    def edit(self, message: Message, *, by: str, before: Json) -> None:
        """Tell that a message was changed; `before` is the message as it was."""
        ts = self.clock.ts()
        message.edited = {"user": by, "ts": ts}
        self.changed(message, before=before, ts=ts)

    def changed(self, message: Message, *, before: Json, ts: str | None = None) -> None:
        """message_changed, without the mark of an edit (streams grow that way)."""
        self.ring(message)
        if message.ephemeral_to:
            return
        channel = self.workspace.channels[message.channel_id]
        event = events.message_changed(
            channel, message=channel.present(message), previous=before, ts=ts or self.clock.ts()
        )
        self.tell(channel, event)

    def delete(self, message: Message) -> None:
        """Take a message away; the head of a thread leaves a tombstone, as in Slack."""
        channel = self.workspace.channels[message.channel_id]
        before = channel.present(message)
        self.ring(message)
        if before.get("reply_count"):
            message.subtype, message.user = "tombstone", "USLACKBOT"
            message.text, message.blocks = "This message was deleted.", []
            message.files, message.metadata = [], None
            self.changed(message, before=before)
            return
        channel.remove(message)
        if not message.ephemeral_to:
            self.tell(channel, events.message_deleted(channel, previous=before, ts=self.clock.ts()))

    def react(self, message: Message, *, user: User, name: str, remove: bool = False) -> None:
        """Add or remove a reaction. Raises SlackError already_reacted, no_reaction."""
        users = message.reactions.setdefault(name, [])
        if (user.id in users) is not remove:
            raise SlackError("no_reaction" if remove else "already_reacted")
        (users.remove if remove else users.append)(user.id)
        kind = "reaction_removed" if remove else "reaction_added"
        channel = self.workspace.channels[message.channel_id]
        self.ring(message)
        self.tell(channel, events.reaction(kind, message, user=user, name=name, ts=self.clock.ts()))

    def join(self, channel: Channel, user: User) -> None:
        """Make somebody a member, with the line that says so and the event."""
        if user.id in channel.members:
            return
        channel.members.append(user.id)
        self._announce(channel, user, "channel_join", f"<@{user.id}> has joined the channel")
        self.tell(channel, events.membership("member_joined_channel", channel, user, self.clock.ts()))

    def leave(self, channel: Channel, user: User) -> None:
        """Take somebody out of a channel; an app that leaves hears of it too."""
        if user.id not in channel.members:
            raise SlackError("not_in_channel")
        event = events.membership("member_left_channel", channel, user, self.clock.ts())
        self.tell(channel, event)
        self._put_out(channel, user, actor=user)
        self._announce(channel, user, "channel_leave", f"<@{user.id}> has left the channel")

    def archive(self, channel: Channel, *, by: User) -> None:
        """What comes of archiving a channel: bots are put out of it."""
        for app in self.workspace.apps_in(channel):
            self._put_out(channel, self.workspace.users[app.bot_user_id], actor=by)

    def convert_to_private(self, channel: Channel, *, by: User) -> None:
        """What comes of making a channel private: a line in it says so."""
        text = f"<@{by.id}> made this channel *private*."
        self._announce(channel, by, "channel_convert_to_private", text)

    def delete_channel(self, channel: Channel, *, by: User) -> None:
        """Delete a channel with all that was said in it."""
        self.tell(channel, events.channel_deleted(channel, actor=by.id, ts=self.clock.ts()))
        del self.workspace.channels[channel.id]
        self.bell.ring()

    def uninstall(self, app: App) -> None:
        """Take an app out of the workspace: it hears of it, and its tokens are worth nothing any more."""
        self.tell_app(app, events.app_uninstalled(ts=self.clock.ts()))
        self.tell_app(app, events.tokens_revoked(app.bot_user_id, ts=self.clock.ts()))
        app.is_installed = False
        self.bell.ring()

    def ring(self, message: Message) -> None:
        """Wake who watches the channel or the thread of a message."""
        self.bell.ring((message.channel_id, ""), (message.channel_id, message.thread))

    def tell(self, channel: Channel, event: Json) -> None:
        """Deliver an event to every app in a channel that subscribes it."""
        for app in self.workspace.apps_in(channel):
            self.tell_app(app, event, ext_shared=channel.is_ext_shared)

    def tell_app(self, app: App, event: Json, *, ext_shared: bool = False) -> None:
        """Deliver an event to one app, if its manifest subscribes it."""
        if not app.listens_to(events.subscription(event)):
            return
        payload = events.callback(
            event,
            app=app,
            team_id=self.workspace.team_id,
            event_id=self.workspace.ids.new("Ev"),
            time=self.clock.now(),
            ext_shared=ext_shared,
        )
        self.deliveries.send_event(app.id, payload)

    def whisper(self, channel: Channel, *, to: str, text: str) -> None:
        """A line from Slack itself that only one person sees, such as "/ask failed"."""
        self.post(
            Message(
                ts=self.clock.ts(),
                channel_id=channel.id,
                user="USLACKBOT",
                team_id=self.workspace.team_id,
                text=text,
                ephemeral_to=to,
            )
        )

    def actor(self, app: App, user: User) -> Json:
        """Who acts, with a fresh trigger_id: the common part of every interaction payload."""
        team = self.workspace
        trigger_id = self.triggers.new(app.id, user.id, self.clock.now() + self.settings.trigger_seconds)
        return actor(app, user, team_id=team.team_id, team_domain=team.domain, trigger_id=trigger_id)

    def _tell_mentioned(self, channel: Channel, posted: Json) -> None:
        if channel.kind == "im" or posted.get("subtype") not in (None, "file_share", "thread_broadcast"):
            return
        mentioned = mentioned_users(posted["text"])
        for app in self.workspace.apps_in(channel):
            if app.bot_user_id in mentioned and app.bot_user_id != posted["user"]:
                self.tell_app(app, events.app_mentioned(posted), ext_shared=channel.is_ext_shared)

    def _put_out(self, channel: Channel, user: User, *, actor: User) -> None:
        channel.members.remove(user.id)
        if app := self.workspace.app_of_bot(user.id):
            self.tell_app(app, events.left(channel, actor=actor.id, ts=self.clock.ts()))

    def _announce(self, channel: Channel, user: User, subtype: str, text: str) -> None:
        self.post(
            Message(
                ts=self.clock.ts(),
                channel_id=channel.id,
                user=user.id,
                team_id=user.team_id,
                text=text,
                subtype=subtype,
            )
        )
