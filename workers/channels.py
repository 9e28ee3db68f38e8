"""What is set for single channels; what is not set for a channel is as everywhere (`rag.settings.AnswerSettings`).

Kept by the channel's id, so that a rename changes nothing, and under the installation's tenant, like the sources that are named
here. Read at the time of each question: a change holds from the next one on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from sqlalchemy import JSON, Column, Engine, Float, Row, String, Table, delete, insert, select

from ingestion.catalogue import Catalogue
from ingestion.sources.answers import KIND
from rag.database import metadata, now, transaction
from rag.domain import EVERYWHERE, Language, Scope

channel_settings = Table(
    "channel_settings",
    metadata,
    Column("team_id", String(64), primary_key=True),
    Column("channel_id", String(64), primary_key=True),
    Column("follow_ups", String(16)),
    Column("auto_answer", Float),
    Column("people_channel", String(64)),
    Column("sources", JSON(none_as_null=True)),
    Column("language", String(8)),
    Column("follow_up_hours", Float),
    Column("changed_by", String(200), nullable=False),
    Column("changed_at", Float, nullable=False),
)

FollowUps = Literal["questions", "always", "never"]
"""What is answered without a mention in a thread that we answered in. questions: what the person who asked us there asks again;
always: whatever is said there to nobody else.
"""


MOST_HOURS = 720
"""For which a thread is followed."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What holds in one channel; None: as everywhere. `sources` are the ids of those that are searched.

    `auto_answer` is the confidence (0..1) from which on questions are answered that nobody asked us; None: none are.
    `people_channel` is the id of the channel whose people are asked what the documents do not say; empty: nobody is.
    `language` is the one in which everybody is answered there; None: each in their own. For `follow_up_hours` after the last
    question a thread is followed.
    """

    follow_ups: FollowUps | None = None
    auto_answer: float | None = None
    people_channel: str | None = None
    sources: frozenset[str] | None = None
    language: Language | None = None
    follow_up_hours: float | None = None

    def scope(self, verified: Callable[[], frozenset[str]] = frozenset) -> Scope:
        """Where is looked for answers. It only narrows what the audience may read.

        `verified`, asked only where it matters, gives the ids of the sources that hold verified answers: they are looked through
        everywhere.
        """
        return EVERYWHERE if self.sources is None else Scope(source_ids=self.sources | verified())


AS_EVERYWHERE = ChannelSettings()

SettingsOf = Callable[[str], ChannelSettings]
"""The settings of the channel with this id. Raises DatabaseUnavailable."""


def verified_sources(catalogue: Catalogue) -> frozenset[str]:
    """The ids of the sources that hold verified answers. Raises DatabaseUnavailable."""
    return frozenset(one.id for one in catalogue.sources() if one.kind == KIND and one.state == "active")


def as_everywhere(_channel_id: str) -> ChannelSettings:
    """`SettingsOf` where no channel is special."""
    return AS_EVERYWHERE


@dataclass(frozen=True, slots=True)
class Changed:
    """The settings of a channel, and who made them so, when."""

    settings: ChannelSettings
    by: str
    at: datetime


class Channels:
    """Reads and writes the settings of a tenant's channels. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id

    def of(self, channel_id: str) -> ChannelSettings:
        """What holds in the channel now."""
        with transaction(self._engine) as connection:
            row = connection.execute(
                select(channel_settings).where(self._is(), channel_settings.c.channel_id == channel_id)
            ).one_or_none()
        return _settings(row) if row else AS_EVERYWHERE

    def all(self) -> dict[str, Changed]:
        """The channels for which something is set, by id."""
        chosen = select(channel_settings).where(self._is()).order_by(channel_settings.c.channel_id)
        with transaction(self._engine) as connection:
            return {
                row.channel_id: Changed(
                    _settings(row), row.changed_by, datetime.fromtimestamp(row.changed_at, UTC)
                )
                for row in connection.execute(chosen)
            }

    def put(self, channel_id: str, settings: ChannelSettings, *, by: str) -> None:
        """From now on these, and no others, hold in the channel; settings as everywhere leave nothing behind."""
        with transaction(self._engine) as connection:
            connection.execute(
                delete(channel_settings).where(self._is(), channel_settings.c.channel_id == channel_id)
            )
            if settings != AS_EVERYWHERE:
                keys = {"team_id": self._team_id, "channel_id": channel_id}
                made = {"changed_by": by, "changed_at": now()}
                connection.execute(insert(channel_settings).values(keys | _row(settings) | made))

    def _is(self) -> Any:
        return channel_settings.c.team_id == self._team_id


def _row(settings: ChannelSettings) -> dict[str, Any]:
    return {
        "follow_ups": settings.follow_ups,
        "auto_answer": settings.auto_answer,
        "people_channel": settings.people_channel,
        "sources": None if settings.sources is None else sorted(settings.sources),
        "language": settings.language,
        "follow_up_hours": settings.follow_up_hours,
    }


def _settings(row: Row[Any]) -> ChannelSettings:
    return ChannelSettings(
        follow_ups=row.follow_ups,
        auto_answer=row.auto_answer,
        people_channel=row.people_channel,
        sources=None if row.sources is None else frozenset(row.sources),
        language=cast("Language | None", row.language),
        follow_up_hours=row.follow_up_hours,
    )
