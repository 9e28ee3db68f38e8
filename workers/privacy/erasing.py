"""One person is forgotten: what they asked, how they rated, where else they are named.

    a question ── old ──▶ gone, with its answer, tries and ratings
               └─ of today, or unfinished ──▶ nobody's: withdrawn, empty ── a day later, finished ──▶ gone (`workers.privacy.retention`)

An empty one is left for a day because Slack may still deliver its event again, which would make it a new question; and so that who is
answering it just now loses it as if its message had been deleted. Verified answers were written for others: they stay, and name
nobody. What Slack itself holds (messages, ours too) is deleted there; the audit keeps the ids of who did what.
"""

import logging
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, String, and_, cast, delete, func, or_, select, true, update

from ingestion.catalogue import sources
from ingestion.remembering import Memory, memory
from ingestion.run_table import runs
from ingestion.runs import Runs
from ingestion.sources.answers import KIND
from ingestion.sources.slack_names import key_of
from ingestion.sources.slack_notes import Change, Notes
from ingestion.verified import verified_answers
from rag.database import now, portions, transaction
from rag.errors import ConfigError
from workers.admin.audit import Audit
from workers.admin.reindexing import reindexings
from workers.admin.trials import trials
from workers.channels import channel_settings
from workers.following import says_stop
from workers.tables import answers, feedback, questions
from workers.tenancy.installations import installations

log = logging.getLogger(__name__)

NOBODY = ""
"""Who asked a question that was erased."""

SOMEBODY = "somebody"
"""The name of who is not named any more."""

DELIVERED_SECONDS = 86_400.0
"""So long Slack may deliver an event again."""

_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>|([UW][A-Z0-9]{2,20})")


def person_of(text: str) -> str:
    """The id of who is meant by an id, or a mention as Slack writes it. Raises ConfigError for a name: two people may share it."""
    meant = _PERSON.fullmatch(text.strip())
    if meant is None:
        raise ConfigError(
            f"{text} is no person's id such as U0123ABCD. In Slack it stands in the menu of their profile: Copy member ID."
        )
    return meant[1] or meant[2]


@dataclass(frozen=True, slots=True)
class Erased:
    """How much there was of a person: `questions` they asked, `ratings` they gave, `verified_answers` that named them, and `names`:
    places that only told who it was (of a run, of a setting, of a message).
    """

    questions: int = 0
    ratings: int = 0
    verified_answers: int = 0
    names: int = 0

    @property
    def is_nothing(self) -> bool:
        return not any(astuple(self))


class Erasing:
    """Over all tables of the installation's tenant `team_id`. Raises DatabaseUnavailable.

    Questions go whatever workspace they were asked in, unless `slack_team_id` names one: where there are several, each is by itself.
    """

    def __init__(self, engine: Engine, team_id: str, *, slack_team_id: str | None = None) -> None:
        self._asked_here = questions.c.team_id == slack_team_id if slack_team_id else true()
        self._engine = engine
        self._team_id = team_id
        self._runs = Runs(engine, team_id)
        self._audit = Audit(engine, team_id)

    def count(self, user_id: str) -> Erased:
        """What `erase` would find."""
        with transaction(self._engine) as connection:

            def number(table: Any, *which: Any) -> int:
                return int(
                    connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one()
                )

            return Erased(
                questions=number(questions, self._asked_by(user_id)),
                ratings=number(feedback, self._rated_by(user_id)),
                verified_answers=number(verified_answers, self._named(user_id)),
                names=sum(number(table, which) for table, which, _ in self._places(user_id)),
            )

    def erase(self, user_id: str, *, by: str, channel_id: str = "") -> Erased:
        """Forget the person, and note in the audit who (`by`, in `channel_id`) wanted it; done twice, there is nothing the second time."""
        with transaction(self._engine) as connection:
            ratings = connection.execute(delete(feedback).where(self._rated_by(user_id))).rowcount
            asked = self._asked_by(user_id)
            number = _emptied(connection, asked)
            number += connection.execute(delete(questions).where(asked)).rowcount
            verified, owned = self._unnamed(connection, user_id)
            names = sum(
                connection.execute(_struck(table, which, column)).rowcount
                for table, which, column in self._places(user_id)
            )
            erased = Erased(number, ratings, verified, names)
        self._audit.note(by, "erase", user_id, channel_id=channel_id, after=asdict(erased))
        self._read_again(owned)
        log.info("erased questions=%d ratings=%d verified=%d names=%d", *astuple(erased))
        return erased

    def _unnamed(self, connection: Connection, user_id: str) -> tuple[int, Sequence[Any]]:
        """How many verified answers named the person; those that did as who answers for them: (source, message ts) each."""
        number = connection.scalar(
            select(func.count()).select_from(verified_answers).where(self._named(user_id))
        )
        own = verified_answers.c.source_id.in_(self._sources())
        owned = connection.execute(
            update(verified_answers)
            .where(own, verified_answers.c.owner == user_id)
            # Another time of saving is another version to the next sync, which takes the name out of the index.
            .values(owner=NOBODY, owner_name=SOMEBODY, saved_at=now())
            .returning(verified_answers.c.id, verified_answers.c.source_id, verified_answers.c.ts)
        ).all()
        connection.execute(
            update(verified_answers)
            .where(own, verified_answers.c.saved_by == user_id)
            .values(saved_by=NOBODY)
        )
        _uncited(connection, {row.id for row in owned})
        return int(number or 0), owned

    def _asked_by(self, user_id: str) -> Any:
        return and_(questions.c.user_id == user_id, self._asked_here)

    def _rated_by(self, user_id: str) -> Any:
        here = feedback.c.question_id.in_(select(questions.c.id).where(self._asked_here))
        return and_(feedback.c.user_id == user_id, here)

    def _named(self, user_id: str) -> Any:
        names = or_(verified_answers.c.owner == user_id, verified_answers.c.saved_by == user_id)
        return verified_answers.c.source_id.in_(self._sources()) & names

    def _places(self, user_id: str) -> list[tuple[Any, Any, str | None]]:
        """Table, rows, and the column that is overwritten, None where the row goes."""
        return [
            (runs, (runs.c.team_id == self._team_id) & (runs.c.requested_by == user_id), "requested_by"),
            (
                channel_settings,
                (channel_settings.c.team_id == self._team_id) & (channel_settings.c.changed_by == user_id),
                "changed_by",
            ),
            (
                installations,
                (installations.c.team_id == self._team_id) & (installations.c.installed_by == user_id),
                "installed_by",
            ),
            (
                trials,
                (trials.c.team_id == self._team_id)
                & or_(trials.c.user_id == user_id, trials.c.reader_id == user_id),
                None,
            ),
            (
                reindexings,
                (reindexings.c.team_id == self._team_id) & (reindexings.c.user_id == user_id),
                "user_id",
            ),
            (memory, memory.c.source_id.in_(self._sources()) & (memory.c.key == key_of(user_id)), None),
        ]

    def _sources(self) -> Any:
        return select(sources.c.id).where(sources.c.team_id == self._team_id)

    def _read_again(self, owned: Sequence[Any]) -> None:
        """Ask for syncs of what has lost a name. Should this be missed, the next sync that is due does it."""
        for row in owned:
            Notes(Memory(self._engine, row.source_id)).changed(Change(row.ts, f"{time.time():.6f}"))
        for source_id in sorted({row.source_id for row in owned}):
            try:
                self._runs.request(source_id, "sync", KIND)
            except ConfigError:
                log.info("source %s is gone already", source_id)


def _emptied(connection: Connection, asked: Any) -> int:
    """Make nobody's what may still be delivered, or be at work."""
    recent = or_(questions.c.state != "finished", questions.c.accepted_at > now() - DELIVERED_SECONDS)
    rows = connection.execute(
        select(questions.c.id, questions.c.text).where(asked, recent).with_for_update()
    ).all()
    ids = [row.id for row in rows]
    # A thread where the bot was told to be quiet stays quiet: that word is nobody's secret.
    stops = [row.id for row in rows if says_stop(row.text)]
    for some in portions(ids):
        connection.execute(delete(answers).where(answers.c.question_id.in_(some)))
        connection.execute(delete(feedback).where(feedback.c.question_id.in_(some)))
        these = questions.c.id.in_(some)
        unfinished = these & (questions.c.state != "finished")
        connection.execute(update(questions).where(unfinished).values(_WITHDRAWN))
        private = these & questions.c.response_url.is_not(None)
        connection.execute(update(questions).where(private).values(response_url=""))
        connection.execute(update(questions).where(these, questions.c.id.not_in(stops)).values(text=""))
        connection.execute(update(questions).where(these).values(user_id=NOBODY, files=[], withdrawn=True))
    return len(ids)


_WITHDRAWN: Mapping[str, Any] = {
    "state": "answered",
    "lease_owner": None,
    "lease_until": None,
    "not_before": 0,
    "enqueued_at": 0,  # the next sweep wakes who takes away what stands in Slack of it
}


def _uncited(connection: Connection, verified_ids: Collection[str]) -> None:
    """Take the name out of the answers that rest on these verified answers."""
    for verified_id in sorted(verified_ids):
        cites = cast(answers.c.citations, String).contains(verified_id, autoescape=True)
        rows = connection.execute(select(answers.c.question_id, answers.c.citations).where(cites)).all()
        for row in rows:
            citations = [
                citation | {"author": SOMEBODY} if citation["document_id"] == verified_id else citation
                for citation in row.citations
            ]
            one = answers.c.question_id == row.question_id
            connection.execute(update(answers).where(one).values(citations=citations))


def _struck(table: Any, which: Any, column: str | None) -> Any:
    return (
        delete(table).where(which)
        if column is None
        else update(table).where(which).values({column: SOMEBODY})
    )
