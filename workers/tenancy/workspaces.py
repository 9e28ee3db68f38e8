"""What is served for each workspace that has us installed: built when it is first needed, and anew when its installation changes.

Each workspace's parts are given settings of its own (`settings_for`): its id as the tenant, its token, its admin channel. So whatever
works for one workspace works for each of several, and none of it can name another one.
"""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from rag.errors import ConfigError
from rag.settings import Settings
from rag.tenancy import settings_for
from workers.tenancy.installations import Installations, Installed

log = logging.getLogger(__name__)

Built = TypeVar("Built")


class Workspaces(Generic[Built]):
    """Safe for threads. All methods raise DatabaseUnavailable; `build` may raise ConfigError, which leaves that workspace out."""

    def __init__(
        self,
        settings: Settings,
        installations: Installations,
        build: Callable[[Settings, Installed], Built],
    ) -> None:
        self._settings = settings
        self._installations = installations
        self._build = build
        self._lock = threading.Lock()
        self._built: dict[str, tuple[Installed, Built]] = {}

    def of(self, team_id: str) -> Built | None:
        """None where we are not installed (any more), or where the token cannot be opened."""
        return self._one(team_id, self._installations.of(team_id))

    def all(self) -> list[Built]:
        """By team id."""
        found = self._installations.all()
        with self._lock:
            there = {one.team_id for one in found}
            self._built = {team_id: built for team_id, built in self._built.items() if team_id in there}
        served = (self._one(one.team_id, one) for one in found)
        return [one for one in served if one is not None]

    def _one(self, team_id: str, installed: Installed | None) -> Built | None:
        with self._lock:
            if installed is None:
                self._built.pop(team_id, None)
                return None
            known = self._built.get(team_id)
            if known is not None and known[0] == installed:
                return known[1]
            try:
                built = self._build(self._settings_of(installed), installed)
            except ConfigError as error:
                log.error("workspace %s is not served: %s", team_id, error)  # noqa: TRY400 - a sentence of ours
                return None
            self._built[team_id] = installed, built
            return built

    def _settings_of(self, installed: Installed) -> Settings:
        token = self._installations.token(installed)
        return settings_for(
            self._settings, installed.team_id, token=token, admin_channel=installed.admin_channel
        )
