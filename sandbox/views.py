"""View: a modal or a home tab that an app has shown to one person."""

from dataclasses import dataclass, field

from sandbox.shapes import Json


@dataclass
class View:
    """One view. `content` is what the app sent; `state` what the person has entered."""

    id: str
    app_id: str
    user: str
    team_id: str
    bot_id: str
    content: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: Json = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        return str(self.content.get("external_id", ""))

    def to_slack(self) -> Json:
        """The `view` object of views.open and of interaction payloads."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "app_id": self.app_id,
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
            "type": self.content["type"],
            "title": self.content.get("title"),
            "close": self.content.get("close"),
            "submit": self.content.get("submit"),
            "blocks": self.content.get("blocks", []),
            "private_metadata": self.content.get("private_metadata", ""),
            "callback_id": self.content.get("callback_id", ""),
            "external_id": self.external_id,
            "state": {"values": self.state},
            "hash": self.hash,
            "clear_on_close": bool(self.content.get("clear_on_close")),
            "notify_on_close": bool(self.content.get("notify_on_close")),
            "root_view_id": self.root_view_id,
            "previous_view_id": self.previous_view_id,
        }
