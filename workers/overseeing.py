"""What admins see on the home tab and nobody else does. Whether somebody is one was asked before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ingestion.catalogue import SourceStatus
from ingestion.runs import Run
from workers.channel_admin import ChannelAdmin
from workers.channels import Changed
from workers.failures import Failures, failures
from workers.insights import Insights
from workers.source_admin import SourceAdmin
from workers.standing import Look, Standing, standing

_DAYS = 7


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
    insights: Callable[[], Insights]
    looks: Mapping[str, Look]
    slack_team_id: str | None = None

    def now(self) -> Overview:
        """Raises DatabaseUnavailable; a part that does not work is told of."""
        sources, latest = self.sources.overview()
        return Overview(
            standing(self.looks),
            sources,
            latest,
            self.insights(),
            failures(self.engine, days=_DAYS, team_id=self.slack_team_id),
            self.channels.all(),
            {one.source.id: one.source.name for one in sources},
        )
