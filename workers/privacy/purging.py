"""The app was taken out of a workspace: what was asked there is not kept.

Done at once, in one step, when Slack says so: afterwards the token is worth nothing, and the bot may not be started again. What is
left are empty rows of nobody, which the sweep deletes (`workers.privacy.retention`). Sources from Slack, verified answers among them, are
removed by `workers.slack_changes`. Questions are kept under Slack's own id of the workspace, all else under the installation's tenant,
which serves one workspace. The audit stays: whoever may take the app out must not be able to take out what they did before.
"""

import logging
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from ingestion.run_table import runs
from rag.database import transaction
from rag.errors import ConfigError
from workers.admin.audit import Audit
from workers.admin.once import handled
from workers.admin.pinned_list import pinned_lists
from workers.admin.reindexing import reindexings
from workers.admin.trials import trials
from workers.channels import channel_settings
from workers.privacy.erasing import NOBODY, SOMEBODY, person_of
from workers.reporting.report_book import reports
from workers.tables import answers, feedback, questions

log = logging.getLogger(__name__)

BY = "slack"
"""Who wanted it, in the audit."""

_EMPTY: dict[str, Any] = {
    "user_id": NOBODY,
    "text": "",
    "files": [],
    "response_url": None,
    "withdrawn": True,
    "state": "finished",  # nothing can be posted any more
    "lease_owner": None,
    "lease_until": None,
    "accepted_at": 0,  # too old to be delivered again: the next sweep deletes it
}


class Purging:
    """Of the installation whose tenant is `team_id`."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id
        self._audit = Audit(engine, team_id)

    def purge(self, slack_team_id: str) -> int:
        """Forget what was asked in the workspace, and what its people set; how many questions. Doing it twice changes nothing.

        Raises DatabaseUnavailable: then it must not be acknowledged.
        """
        own = (questions.c.team_id == slack_team_id) & (questions.c.user_id != NOBODY)
        ids = select(questions.c.id).where(questions.c.team_id == slack_team_id)
        with transaction(self._engine) as connection:
            connection.execute(delete(feedback).where(feedback.c.question_id.in_(ids)))
            connection.execute(delete(answers).where(answers.c.question_id.in_(ids)))
            number = connection.execute(update(questions).where(own).values(_EMPTY)).rowcount
            set_here = channel_settings.c.team_id == self._team_id
            channels = connection.execute(delete(channel_settings).where(set_here)).rowcount
            for table in (handled, pinned_lists, reindexings, reports, trials):
                connection.execute(delete(table).where(table.c.team_id == self._team_id))
            self._unnamed(connection)
        if number or channels:
            self._audit.note(BY, "purge", slack_team_id, after={"questions": number, "channels": channels})
        log.info("workspace purged questions=%d channels=%d", number, channels)
        return number

    def _unnamed(self, connection: Connection) -> None:
        """Runs tell no more who in Slack asked for them."""
        own = runs.c.team_id == self._team_id
        names = connection.scalars(select(runs.c.requested_by).where(own).distinct())
        people = [name for name in names if _is_person(name)]
        if people:
            connection.execute(
                update(runs).where(own, runs.c.requested_by.in_(people)).values(requested_by=SOMEBODY)
            )


def _is_person(name: str) -> bool:
    try:
        person_of(name)
    except ConfigError:
        return False
    return True
