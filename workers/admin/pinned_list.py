"""The list of sources that stands pinned in the admin channel, and is kept as things are.

    (nothing) ── an admin says list ──▶ wanted ── sweep: chat.postMessage, pins.add ──▶ there ── sweep: chat.update ──▶ there
                                          ▲                                                │
                                          └──────────── somebody deleted it ───────────────┘

Whoever sweeps first takes the next change, at most once a minute; nobody calls Slack while the list reads as it did. A process
that dies between posting and writing that down leaves a list behind that nobody updates: the one pinned is the true one.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import Boolean, Column, Engine, Float, Row, String, Table, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from ingestion.sources.slack_answers import code_of
from rag.database import metadata, now, transaction
from rag.errors import ReplyImpossible, SlackUnavailable
from workers.elements import note
from workers.rendering import Rendered
from workers.slack.errors import MessageGone
from workers.slack.messages import change, post

log = logging.getLogger(__name__)

pinned_lists = Table(
    "pinned_lists",
    metadata,
    Column("team_id", String(64), primary_key=True),
    Column("channel_id", String(64), primary_key=True),
    Column("ts", String(64)),  # of the message; null: to be posted
    Column("pinned", Boolean, nullable=False),
    Column("reads", String(64), nullable=False),  # a hash of what it shows
    Column("change_after", Float, nullable=False),
)

_SECONDS = 60.0  # between two changes
_LOOK_SECONDS = 5.0  # between two looks at the sources, in one process

NOTE = "I keep this list as things are. What can be done: mention me with “help”."

Draw = Callable[[], Rendered]
"""The list as it is now."""


class PinnedLists:
    """Which channels have one. All methods raise DatabaseUnavailable."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id

    def want(self, channel_id: str) -> bool:
        """Have the list in this channel from now on; False where it is there, or on its way, already."""
        row = {"team_id": self._team_id, "channel_id": channel_id}
        blank = {"ts": None, "pinned": False, "reads": "", "change_after": 0.0}
        try:
            with transaction(self._engine) as connection:
                connection.execute(insert(pinned_lists).values(row | blank))
        except IntegrityError:
            return False
        return True

    def changeable(self, channel_id: str) -> Row[Any] | None:
        """The list, where it may be changed by now."""
        free = and_(self._is(channel_id), pinned_lists.c.change_after <= now())
        with transaction(self._engine) as connection:
            return connection.execute(select(pinned_lists).where(free)).one_or_none()

    def take(self, row: Row[Any]) -> bool:
        """Whether the change is the caller's to make."""
        free = and_(self._is(row.channel_id), pinned_lists.c.change_after <= now())
        later = update(pinned_lists).where(free).values(change_after=now() + _SECONDS)
        with transaction(self._engine) as connection:
            return connection.execute(later).rowcount > 0

    def note(self, channel_id: str, **values: Any) -> None:
        with transaction(self._engine) as connection:
            connection.execute(update(pinned_lists).where(self._is(channel_id)).values(values))

    def _is(self, channel_id: str) -> Any:
        return and_(pinned_lists.c.team_id == self._team_id, pinned_lists.c.channel_id == channel_id)


class PinnedList:
    """Posts, pins and updates the list of one channel; without a `channel_id` there is none."""

    def __init__(self, lists: PinnedLists, client: WebClient, channel_id: str, draw: Draw) -> None:
        self._lists = lists
        self._client = client
        self._channel_id = channel_id
        self._draw = draw
        self._look_at = 0.0

    def sweep(self) -> None:
        """Bring the message to what is true now. Raises DatabaseUnavailable; the next sweep goes on."""
        if not self._channel_id or monotonic() < self._look_at:
            return
        self._look_at = monotonic() + _LOOK_SECONDS
        row = self._lists.changeable(self._channel_id)
        if row is None:
            return
        message = _with_note(self._draw())
        reads = _hash(message)
        if row.ts and row.pinned and row.reads == reads:
            return
        if self._lists.take(row):
            self._put(row, message, reads)

    def _put(self, row: Row[Any], message: Rendered, reads: str) -> None:
        try:
            ts = row.ts or post(self._client, self._channel_id, message)
            if row.ts:
                change(self._client, self._channel_id, ts, message)
            self._lists.note(self._channel_id, ts=ts, reads=reads)
            if not row.pinned:
                self._lists.note(self._channel_id, pinned=self._pin(ts))
        except MessageGone:
            self._lists.note(self._channel_id, ts=None, pinned=False, reads="")
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("the list of sources was not brought up to date (%s)", error)

    def _pin(self, ts: str) -> bool:
        """Whether there is no more to be done about it: without the scope, the list stands there unpinned."""
        try:
            self._client.pins_add(channel=self._channel_id, timestamp=ts)
        except SlackApiError as error:
            code = code_of(error.response)
            if code != "already_pinned":
                log.warning("the list of sources was not pinned (%s)", code)
            return code in {"already_pinned", "missing_scope", "too_many_pins", "not_pinnable"}
        except OSError as error:
            log.warning("the list of sources was not pinned (%s)", type(error).__name__)
            return False
        return True


def _with_note(message: Rendered) -> Rendered:
    return Rendered(message.text, [*message.blocks, note(NOTE)])


def _hash(message: Rendered) -> str:
    return hashlib.sha256(json.dumps(message.blocks, sort_keys=True).encode()).hexdigest()
