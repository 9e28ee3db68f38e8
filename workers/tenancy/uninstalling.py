"""The app was taken out of a workspace, one of several: all that is kept of it goes.

Slack's word is acknowledged when the removal of each source is asked for, questions are emptied and the token is forgotten, the token
last: as long as it is there, Slack's word is taken again. Workers then take the sources out of the index, for which no token is needed.
What Slack said while nobody listened is found out by asking it, now and again, whether a token is still good.
"""

import logging
from collections.abc import Callable
from time import monotonic

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import Engine, delete, select

from ingestion.catalogue import Catalogue, sources
from ingestion.run_table import UNFINISHED, runs
from ingestion.runs import Runs
from ingestion.sources.slack_answers import code_of
from rag.database import transaction
from rag.errors import SlackUnavailable
from workers.privacy.purging import BY, Purging
from workers.tenancy.installations import Installations, installations

log = logging.getLogger(__name__)

_GONE = frozenset({"account_inactive", "token_revoked"})
_ASKED_EVERY_SECONDS = 6 * 3600.0


class Uninstalling:
    """Of any workspace that has us installed."""

    def __init__(self, engine: Engine, kept: Installations) -> None:
        self._engine = engine
        self._kept = kept

    def uninstall(self, team_id: str) -> None:
        """Doing it twice changes nothing. Raises DatabaseUnavailable: then it must not be acknowledged."""
        if self._kept.of(team_id) is None:
            return
        asked_for = Runs(self._engine, team_id)
        for source in Catalogue(self._engine, team_id).sources():
            asked_for.request(source.id, "remove", BY)
        Purging(self._engine, team_id).purge(team_id)
        self._kept.delete_bot(enterprise_id=None, team_id=team_id)


class Leftovers:
    """What a workspace leaves behind when its sources are gone: the record of its runs, which names them."""

    def __init__(self, engine: Engine, *, own: str) -> None:
        self._engine = engine
        self._own = own

    def sweep(self) -> int:
        """How many runs were deleted, of teams (but our `own`) that are not installed, have no source, and nothing under way."""
        served = select(installations.c.team_id).union(select(sources.c.team_id))
        at_work = select(runs.c.team_id).where(runs.c.state.in_((*UNFINISHED, "postponed")))
        left = (
            runs.c.team_id != self._own,
            runs.c.team_id.not_in(served),
            runs.c.team_id.not_in(at_work),
        )
        with transaction(self._engine) as connection:
            return connection.execute(delete(runs).where(*left)).rowcount


class StillInstalled:
    """Asks Slack about one workspace, every six hours from when we began to serve it."""

    def __init__(self, client: WebClient, team_id: str, gone: Callable[[str], None]) -> None:
        self._client = client
        self._team_id = team_id
        self._gone = gone
        self._asked_at = monotonic()

    def sweep(self) -> None:
        """Raises DatabaseUnavailable."""
        if monotonic() - self._asked_at < _ASKED_EVERY_SECONDS:
            return
        self._asked_at = monotonic()
        self.ask()

    def ask(self) -> None:
        """Uninstall it where Slack says that the token is good no more; for nothing else that goes wrong."""
        try:
            self._client.auth_test()
        except SlackApiError as error:
            code = code_of(error.response)
            if code in _GONE:
                log.warning("workspace %s has taken the app out (%s)", self._team_id, code)
                self._gone(self._team_id)
        except (SlackClientError, SlackUnavailable, OSError) as error:
            log.info("workspace %s not asked about (%s)", self._team_id, type(error).__name__)
