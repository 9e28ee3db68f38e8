"""User: a person or a bot, as users.info describes them."""

from dataclasses import dataclass

from sandbox.shapes import Json


@dataclass
class User:
    """One member of a team, or a stranger from another team who shares a channel with it."""

    id: str
    name: str
    real_name: str
    team_id: str
    title: str = ""
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    bot_id: str | None = None
    app_id: str | None = None

    @property
    def is_bot(self) -> bool:
        return self.bot_id is not None

    def to_slack(self) -> Json:
        """The `user` object of users.info and users.list. Deleted users come with fewer fields."""
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": self.profile(),
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1763700000,
        }
        if self.is_stranger:
            user["is_stranger"] = True
        return user if self.deleted else user | self._standing()

    def profile(self) -> Json:
        profile: Json = {
            "title": self.title,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "team": self.team_id,
        }
        if self.is_bot:
            return profile | {"bot_id": self.bot_id, "api_app_id": self.app_id, "always_active": True}
        return profile | {"email": f"{self.name}@fernway.example"}

    def profile_in_events(self) -> Json:
        """The short `user_profile` that events carry for people of another team."""
        return {
            "name": self.name,
            "real_name": self.real_name,
            "display_name": self.name,
            "team": self.team_id,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
        }

    def _standing(self) -> Json:
        return {
            "real_name": self.real_name,
            "tz": "Europe/Lisbon",
            "tz_label": "Western European Time",
            "tz_offset": 0,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_email_confirmed": not self.is_bot,
        }
