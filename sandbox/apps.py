"""App: an installed Slack app with its bot user, its two tokens and what its manifest asks for."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.shapes import Json


@dataclass
class App:
    """One app, as it is in one workspace; the id, the client id and its secret are the same in all. Where `events`, `scopes` or `commands` is None, everything is allowed."""

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    client_id: str = ""
    client_secret: str = ""
    events: frozenset[str] | None = None
    scopes: frozenset[str] | None = None
    commands: frozenset[str] | None = None
    escaped_commands: frozenset[str] = frozenset()
    menus: Json = field(default_factory=lambda: {"commands": [], "shortcuts": []})
    """What people can choose: its slash commands and shortcuts, as the manifest describes them."""
    is_installed: bool = True

    def listens_to(self, event_name: str) -> bool:
        """Whether the manifest subscribes an event ("app_mention", "message.channels" …)."""
        return self.events is None or event_name in self.events

    def knows_command(self, command: str) -> bool:
        return self.commands is None or command in self.commands

    def may(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def apply_manifest(self, path: Path) -> None:
        """Hold the app to its manifest.json: only these events, scopes and commands."""
        manifest: Json = json.loads(path.read_text(encoding="utf-8"))
        subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
        features = manifest.get("features", {})
        commands = features.get("slash_commands", [])
        self.menus = {"commands": commands, "shortcuts": features.get("shortcuts", [])}
        self.events = frozenset(subscriptions.get("bot_events", []))
        self.scopes = frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))
        self.commands = frozenset(command["command"] for command in commands)
        self.escaped_commands = frozenset(
            command["command"] for command in commands if command.get("should_escape")
        )

    def profile(self, team_id: str) -> Json:
        """The `bot_profile` that stands on every message of the app."""
        return {
            "id": self.bot_id,
            "app_id": self.id,
            "user_id": self.bot_user_id,
            "name": self.name,
            "deleted": False,
            "updated": 1763700000,
            "team_id": team_id,
        }
