"""What is shown to one person who looks at us: the sources that they may read, what they asked last, what they could ask about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingestion.catalogue import Catalogue, SourceStatus
from workers.access import SlackAccess
from workers.admin.admins import Admins
from workers.admin.overseeing import Overview
from workers.asked import Asked
from workers.ledger import Ledger

_LATEST = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """`sources` by name; `asked` the latest first; `overview` for admins alone."""

    sources: Sequence[SourceStatus]
    asked: Sequence[Asked]
    overview: Overview | None = None


class Home:
    """Looks it up. Raises DatabaseUnavailable, and SlackUnavailable where it cannot be told what somebody may read."""

    def __init__(
        self,
        catalogue: Catalogue,
        ledger: Ledger,
        access: SlackAccess,
        *,
        admins: Admins | None = None,
        overview: Callable[[], Overview] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._ledger = ledger
        self._access = access
        self._admins = admins
        self._overview = overview

    def of(self, team_id: str, user_id: str) -> Shown:
        """What this person may see; of a team as Slack calls it."""
        readers = self._access.person(user_id).readers
        sources = [
            status
            for status in self._catalogue.overview()
            if status.source.state == "active" and status.source.readers & readers
        ]
        asked = self._ledger.latest(team_id, user_id, limit=_LATEST)
        return Shown(sources, asked, self._overview_for(user_id))

    def _overview_for(self, user_id: str) -> Overview | None:
        """Asked each time that somebody looks."""
        if self._admins is None or self._overview is None or not self._admins.may_administer(user_id):
            return None
        return self._overview()

    def newest(self, user_id: str, *, limit: int) -> Sequence[str]:
        """The titles of what changed last of all that this person may read."""
        return self._catalogue.newest(self._access.person(user_id).readers, limit=limit)
