"""What admins see on the home tab and nobody else does. Whether somebody is one was asked before."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from ingestion.catalogue import SourceStatus
from ingestion.runs import Run
from rag.errors import SlackUnavailable
from workers.admin.admin_sight import AdminSight
from workers.admin.channel_admin import ChannelAdmin
from workers.admin.failures import Failures, failures
from workers.admin.insights import Insights, Seen
from workers.admin.source_admin import SourceAdmin
from workers.admin.standing import Look, Standing, standing
from workers.channels import Changed

log = logging.getLogger(__name__)

_DAYS = 7
_MOST_CHANNELS = 10  # that Slack is asked about: somebody waits for it


@dataclass(frozen=True, slots=True)
class Overview:
    """`latest`: the last run of each source, by its id; `channels`: those for which something is set, by id; `names`: of sources."""

    standing: Sequence[Standing]
    sources: Sequence[SourceStatus]
    latest: Mapping[str, Run]
    insights: Insights
    failures: Failures
    channels: Mapping[str, Changed]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overseeing:
    """`looks`: at the parts of the installation, by name. `slack_team_id`: the workspace, where it is one of several."""

    engine: Engine
    sources: SourceAdmin
    channels: ChannelAdmin
    insights: Callable[[Seen], Insights]
    sight: AdminSight
    looks: Mapping[str, Look]
    slack_team_id: str | None = None

    def now(self) -> Overview:
        """Raises DatabaseUnavailable; a part that does not work is told of."""
        sources, latest = self.sources.overview()
        return Overview(
            standing(self.looks),
            sources,
            latest,
            self.insights(self._seen(sources)),
            failures(self.engine, days=_DAYS, team_id=self.slack_team_id),
            self.channels.all(),
            {one.source.id: one.source.name for one in sources},
        )

    def _seen(self, sources: Sequence[SourceStatus]) -> Seen:
        """As in the admin channel: what all that read it may see. Nothing where Slack does not say."""
        try:
            readers = self.sight.readers()
        except SlackUnavailable as error:
            log.warning("no words of what was asked are shown (%s)", error)
            readers = frozenset()
        is_seen = self.sight.seeing(most_channels=_MOST_CHANNELS)

        def question(row: Any) -> bool:
            try:
                return bool(readers) and is_seen(row)
            except SlackUnavailable:
                return False

        open_to_all = {one.source.id for one in sources if one.source.readers & readers}
        return Seen(question, open_to_all.__contains__)
