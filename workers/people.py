"""Who is asked what the documents do not say: the people of a channel.

Whom the asker's channel names comes first, then whom the source of the nearest page names, then those who are asked everywhere. See
docs/decisions/0023-settings-of-channels.md.
"""

from collections.abc import Callable

from ingestion.catalogue import Catalogue
from rag.domain import Answer
from workers.asked import Incoming
from workers.channels import SettingsOf

PeopleOf = Callable[[Incoming, Answer], str]
"""The id of the channel whose people are asked about a question that got this answer; empty: nobody. Raises DatabaseUnavailable."""


def nobody(_incoming: Incoming, _answer: Answer) -> str:
    """`PeopleOf` where no people are to be asked."""
    return ""


class People:
    """Looks it up at each question. `everywhere` is the channel where nothing else is said, empty for none."""

    def __init__(self, settings_of: SettingsOf, catalogue: Catalogue, *, everywhere: str) -> None:
        self._settings_of = settings_of
        self._catalogue = catalogue
        self._everywhere = everywhere

    def of(self, incoming: Incoming, answer: Answer) -> str:
        """A `PeopleOf`."""
        own = self._settings_of(incoming.channel_id).people_channel
        if own is not None:
            return own
        nearest = self._catalogue.source(answer.citations[0].source_id) if answer.citations else None
        return (nearest.people_channel if nearest else "") or self._everywhere
