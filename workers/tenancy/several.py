"""The jobs of several workspaces: each is done with the parts of the workspace that it is of, by that one's token.

Whose a question or a run is stands in its row. The index is one for all (every search, write and deletion names a team), so it is
rebuilt by one: the installation's own tenant, which has no workspace. Runs of a workspace that has taken us out are done
without a token: removing takes none.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from slack_sdk import WebClient
from sqlalchemy import Engine, select

from ingestion.catalogue import Catalogue, sources
from ingestion.run_table import UNFINISHED, runs
from ingestion.runs import Run, Runs
from ingestion.scheduling import Schedule
from rag.database import now, transaction
from rag.errors import DatabaseUnavailable, Transient
from rag.settings import Settings
from rag.tenancy import settings_for
from workers.admin.trials import Trials, trials
from workers.ledger import Ledger
from workers.sweeping import Swept
from workers.tasks import Job, Work
from workers.tenancy.installations import Installations, Installed
from workers.tenancy.uninstalling import Leftovers, StillInstalled, Uninstalling
from workers.tenancy.workspaces import Workspaces

log = logging.getLogger(__name__)

_SEEN_TO = 20  # workspaces in one sweep, which questions and runs of all wait for


class Jobs(Work, Protocol):
    """What is done for one workspace (`workers.parts.Workspace`)."""

    @property
    def client(self) -> WebClient: ...


Build = Callable[[Settings, str], Jobs]
"""Of a workspace, by its settings and its id."""


@dataclass(frozen=True, slots=True)
class _Served:
    jobs: Jobs
    swept: tuple[Swept, ...]


class SeveralJobs:
    """`own` is what is done for the tenant of `settings`."""

    def __init__(
        self, settings: Settings, engine: Engine, installations: Installations, own: Jobs, build: Build
    ) -> None:
        gone = Uninstalling(engine, installations).uninstall

        def serve(settings: Settings, installed: Installed) -> _Served:
            jobs = build(settings, installed.team_id)
            asking = StillInstalled(jobs.client, installed.team_id, gone)
            return _Served(jobs, (*jobs.swept, asking))

        def without_token(team_id: str) -> Jobs:
            return build(settings_for(settings, team_id), team_id)

        workspaces = Workspaces(settings, installations, serve)
        own_id = settings.storage.team_id
        self.answering: Job = _Answering(Ledger(engine), workspaces)
        self.syncing: Job = _Syncing(engine, workspaces, {own_id: own}, without_token)
        self.explaining: Job = _Explaining(engine, workspaces)
        self.runs, self.trials = _Runs(engine), _Trials(engine)
        self.schedule = _Schedules(engine, workspaces, own_id)
        self.swept: tuple[Swept, ...] = (_InTurn(workspaces), Leftovers(engine, own=own_id))


class _Answering:
    """Questions by id."""

    def __init__(self, ledger: Ledger, workspaces: Workspaces[_Served]) -> None:
        self._ledger = ledger
        self._workspaces = workspaces

    def run(self, question_id: str) -> None:
        """Never raises: the sweep comes back."""
        try:
            asked = self._ledger.asked(question_id)
            served = self._workspaces.of(asked.team_id) if asked else None
        except DatabaseUnavailable as error:
            log.warning("left to the sweep id=%s (%s)", question_id, error)
            return
        if served is None:
            log.warning("question of a workspace that is not served id=%s", question_id)
            return
        served.jobs.answering.run(question_id)


class _Syncing:
    """Runs by id."""

    def __init__(
        self,
        engine: Engine,
        workspaces: Workspaces[_Served],
        own: dict[str, Jobs],
        without_token: Callable[[str], Jobs],
    ) -> None:
        self._engine = engine
        self._workspaces = workspaces
        self._own = own
        self._without_token = without_token

    def run(self, run_id: str) -> None:
        """Never raises: the sweep comes back."""
        try:
            with transaction(self._engine) as connection:
                team_id = connection.scalar(select(runs.c.team_id).where(runs.c.id == run_id))
            jobs = self._of(team_id) if team_id else None
        except DatabaseUnavailable as error:
            log.warning("left to the sweep run=%s (%s)", run_id, error)
            return
        if jobs is not None:
            jobs.syncing.run(run_id)

    def _of(self, team_id: str) -> Jobs:
        if team_id in self._own:
            return self._own[team_id]
        served = self._workspaces.of(team_id)
        return served.jobs if served else self._without_token(team_id)


class _Explaining:
    """Trials by id."""

    def __init__(self, engine: Engine, workspaces: Workspaces[_Served]) -> None:
        self._engine = engine
        self._workspaces = workspaces

    def run(self, trial_id: str) -> None:
        """Never raises: the sweep comes back."""
        try:
            with transaction(self._engine) as connection:
                team_id = connection.scalar(select(trials.c.team_id).where(trials.c.id == trial_id))
            served = self._workspaces.of(team_id) if team_id else None
        except DatabaseUnavailable as error:
            log.warning("trial left to the sweep id=%s (%s)", trial_id, error)
            return
        if served is not None:
            served.jobs.explaining.run(trial_id)


class _Trials:
    """Those of all teams."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def due(self) -> list[str]:
        """Raises DatabaseUnavailable."""
        return [trial_id for team_id in self._teams() for trial_id in Trials(self._engine, team_id).due()]

    def free_all(self) -> None:
        """Raises DatabaseUnavailable."""
        for team_id in self._teams():
            Trials(self._engine, team_id).free_all()

    def _teams(self) -> list[str]:
        unfinished = select(trials.c.team_id).where(trials.c.finished.is_(False))
        with transaction(self._engine) as connection:
            return [*connection.scalars(unfinished.distinct())]


class _Runs:
    """Those of all teams."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def waiting(self) -> list[Run]:
        """Raises DatabaseUnavailable."""
        return [run for team_id in self._teams() for run in Runs(self._engine, team_id).waiting()]

    def free_all(self) -> None:
        """Raises DatabaseUnavailable."""
        for team_id in self._teams():
            Runs(self._engine, team_id).free_all()

    def _teams(self) -> list[str]:
        """That have something to do. A cancelled run may still be held."""
        unfinished = runs.c.state.in_((*UNFINISHED, "postponed")) | (runs.c.lease_until > now())
        with transaction(self._engine) as connection:
            return [*connection.scalars(select(runs.c.team_id).where(unfinished).distinct())]


class _Schedules:
    """Those of all workspaces that are served, and of the installation's own tenant."""

    def __init__(self, engine: Engine, workspaces: Workspaces[_Served], own: str) -> None:
        self._engine = engine
        self._workspaces = workspaces
        self._own = own

    def request_due(self) -> None:
        """Raises DatabaseUnavailable."""
        with transaction(self._engine) as connection:
            due = [*connection.scalars(select(sources.c.team_id).where(sources.c.due_at <= now()).distinct())]
        for team_id in due:
            if team_id == self._own or self._workspaces.of(team_id):
                Schedule(Catalogue(self._engine, team_id), Runs(self._engine, team_id)).request_due()


class _InTurn:
    """What is seen to in each workspace; where there are many, in some of them at a time."""

    def __init__(self, workspaces: Workspaces[_Served]) -> None:
        self._workspaces = workspaces
        self._next = 0

    def sweep(self) -> None:
        """What one workspace fails at does not keep the others. Raises DatabaseUnavailable."""
        served = self._workspaces.all()
        start = self._next if self._next < len(served) else 0
        self._next = start + _SEEN_TO
        for one in (part for each in served[start : self._next] for part in each.swept):
            try:
                one.sweep()
            except Transient as error:
                log.warning("%s left to the next sweep (%s)", type(one).__name__, type(error).__name__)
