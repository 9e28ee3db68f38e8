"""The workspaces that the app is installed in, each with its token: a row a workspace, the last installation counts.

Slack's SDK brings a store of its own, which keeps every token that there ever was, of people too, in columns too short for sealed
ones. This one implements the same interface (`slack_sdk.oauth.InstallationStore`) over what is needed. See docs/decisions/0031.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from slack_sdk.oauth import InstallationStore
from slack_sdk.oauth.installation_store import Bot, Installation
from sqlalchemy import Column, Engine, Float, Row, String, Table, Text, delete, insert, select, update

from rag.database import metadata, now, transaction
from rag.errors import ConfigError
from workers.tenancy.sealing import Seal

log = logging.getLogger(__name__)

installations = Table(
    "installations",
    metadata,
    Column("team_id", String(64), primary_key=True),
    Column("team_name", String(200), nullable=False),
    Column("workspace_url", String(500), nullable=False),
    Column("app_id", String(64), nullable=False),
    Column("bot_id", String(64), nullable=False),
    Column("bot_user_id", String(64), nullable=False),
    Column("bot_token", Text, nullable=False),  # sealed
    Column("scopes", Text, nullable=False),
    Column("installed_by", String(64), nullable=False),
    Column("installed_at", Float, nullable=False),
    Column("admin_channel", String(64), nullable=False),  # empty: none yet
)

WORKSPACE_URL = "workspace_url"
"""Of the custom values of an `Installation`."""

_NAME_CHARS, _URL_CHARS = 200, 500


@dataclass(frozen=True, slots=True)
class Installed:
    """A workspace, and who we are there. `installed_at` changes with each installation."""

    team_id: str
    team_name: str
    workspace_url: str
    app_id: str
    bot_id: str
    bot_user_id: str
    sealed_token: str = field(repr=False)
    scopes: str
    installed_by: str
    installed_at: datetime
    admin_channel: str


class Installations(InstallationStore):
    """All methods raise DatabaseUnavailable; those that open a token ConfigError, where it cannot be opened."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal

    def all(self) -> list[Installed]:
        """By team id."""
        with transaction(self._engine) as connection:
            return [
                _installed(row)
                for row in connection.execute(select(installations).order_by(installations.c.team_id))
            ]

    def of(self, team_id: str) -> Installed | None:
        with transaction(self._engine) as connection:
            row = connection.execute(select(installations).where(_is(team_id))).one_or_none()
        return _installed(row) if row else None

    def token(self, installed: Installed) -> str:
        """The bot token of a workspace."""
        return self._seal.opened(installed.team_id, installed.sealed_token)

    def save(self, installation: Installation) -> None:
        """Keep it in the place of an earlier one of the workspace; its admin channel stays. Raises ConfigError without team or token."""
        if not installation.team_id or not installation.bot_token:
            raise ConfigError("Only installations in one workspace, with a bot, can be kept.")
        row = {
            "team_name": (installation.team_name or "")[:_NAME_CHARS],
            "workspace_url": str((installation.custom_values or {}).get(WORKSPACE_URL) or "")[:_URL_CHARS],
            "app_id": installation.app_id or "",
            "bot_id": installation.bot_id or "",
            "bot_user_id": installation.bot_user_id or "",
            "bot_token": self._seal.sealed(installation.team_id, installation.bot_token),
            "scopes": ",".join(installation.bot_scopes or ()),
            "installed_by": installation.user_id or "",
            "installed_at": now(),
        }
        with transaction(self._engine) as connection:
            known = connection.execute(update(installations).where(_is(installation.team_id)).values(row))
            if known.rowcount == 0:
                first = {"team_id": installation.team_id, "admin_channel": ""}
                connection.execute(insert(installations).values(row | first))
        log.info("installed in workspace %s", installation.team_id)

    def save_bot(self, bot: Bot) -> None:
        raise NotImplementedError("an installation is kept as a whole")

    def find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        found = self.find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    def find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 - nobody's own token is kept
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """That of the workspace, with its token; none of a whole organisation is ever kept."""
        installed = self.of(team_id) if team_id and not is_enterprise_install else None
        if installed is None:
            return None
        return Installation(
            app_id=installed.app_id,
            enterprise_id=enterprise_id,
            team_id=installed.team_id,
            team_name=installed.team_name,
            bot_token=self.token(installed),
            bot_id=installed.bot_id,
            bot_user_id=installed.bot_user_id,
            bot_scopes=installed.scopes,
            user_id=installed.installed_by,
            installed_at=installed.installed_at.timestamp(),
            custom_values={WORKSPACE_URL: installed.workspace_url},
        )

    def delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:  # noqa: ARG002 - Slack's interface
        """Forget the workspace's token, and that it was there; doing it twice changes nothing."""
        with transaction(self._engine) as connection:
            gone = connection.execute(delete(installations).where(_is(team_id or ""))).rowcount
        if gone:
            log.info("no longer installed in workspace %s", team_id)

    def delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """As `delete_bot`, but for one person, of whom nothing is kept."""
        if user_id is None:
            self.delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    def administer_from(self, team_id: str, channel_id: str) -> bool:
        """Whether the workspace is there, which from now on is administered from this channel (empty: from none)."""
        changed = update(installations).where(_is(team_id)).values(admin_channel=channel_id)
        with transaction(self._engine) as connection:
            return connection.execute(changed).rowcount == 1

    def reseal(self) -> int:
        """Seal all tokens anew, with the first key; how many."""
        for installed in (found := self.all()):
            anew = self._seal.sealed(installed.team_id, self.token(installed))
            unchanged = installations.c.bot_token == installed.sealed_token
            with transaction(self._engine) as connection:
                connection.execute(
                    update(installations).where(_is(installed.team_id), unchanged).values(bot_token=anew)
                )
        return len(found)


def slack_team_of(engine: Engine, team_id: str) -> str | None:
    """Slack's id of this tenant's workspace, where it is one of several; None where there is one alone, whatever its tenant is called.

    Raises DatabaseUnavailable.
    """
    with transaction(engine) as connection:
        return connection.scalar(select(installations.c.team_id).where(_is(team_id)))


def _is(team_id: str) -> Any:
    return installations.c.team_id == team_id


def _installed(row: Row[Any]) -> Installed:
    return Installed(
        team_id=row.team_id,
        team_name=row.team_name,
        workspace_url=row.workspace_url,
        app_id=row.app_id,
        bot_id=row.bot_id,
        bot_user_id=row.bot_user_id,
        sealed_token=row.bot_token,
        scopes=row.scopes,
        installed_by=row.installed_by,
        installed_at=datetime.fromtimestamp(row.installed_at, UTC),
        admin_channel=row.admin_channel,
    )
