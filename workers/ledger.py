"""The durable record of every question: why none is lost and none is answered twice.

    (nothing) ── accept ──▶ accepted ── store_answer ──▶ answered ── finish ──▶ finished
                              │  ▲                          │  ▲
                              └──┘ release, lease ran out   └──┘ release, lease ran out

accepted   written before Slack's event is acknowledged, once per (team, channel, ts); no answer yet
answered   the answer's text is stored, the final message is not known to be posted; whoever takes it up posts this text
finished   the final message is in the thread

What was answered unasked may end without a message: it is finished, and no answer is kept.

A question that is edited before its end is accepted anew: whoever holds it loses it. One that is deleted is withdrawn: from
whatever state it becomes answered, and its end is that no message is left.

A job holds a question by a lease: an owner (one for each attempt) and a time after which anybody may take over. Every
write of a job names its owner and does nothing when the lease is no longer its own; `renew` just before the post is the
fence. The queue carries only ids: a lost or doubled message costs nothing, since `due` brings back whatever is
unfinished, unheld and not just enqueued. `attempts` keeps a line for each try. All times are the database's.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    and_,
    case,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from rag.database import now, transaction
from rag.domain import Answer, Citation, Link, Outcome
from workers.tables import answers, attempts, questions


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a question: its id in Slack, and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A question as it came from Slack. `thread_ts` is where the reply goes: the thread, or the message itself; empty where it
    goes to the channel. With a `response_url` the reply goes there, to the asker alone. `unasked`: it was asked of nobody in
    particular.
    """

    team_id: str
    channel_id: str
    ts: str
    thread_ts: str
    user_id: str
    text: str
    response_url: str | None = None
    unasked: bool = False
    files: tuple[File, ...] = ()

    @property
    def is_private(self) -> bool:
        """Whether nobody but the asker reads the answer."""
        return self.response_url is not None

    @property
    def is_written(self) -> bool:
        """Whether `ts` is that of a message: a command, a click and a form leave none."""
        return ":" not in self.ts


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen of the `options` of an answer that asked back: the one at `place`, from 0."""

    asked: Incoming
    answer: Answer
    place: int

    @property
    def text(self) -> str:
        return self.answer.options[self.place]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an incoming question: its id, whether it is new, how many unanswered ones came before it."""

    question_id: str
    new: bool
    ahead: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A question held by `owner`. `attempt` counts the tries so far, this one included, from 1; `asked_at` is in seconds since 1970.

    `unsure`: an earlier try ended in a way that may have left a message of which no ts is known.
    """

    question_id: str
    owner: str
    attempt: int
    incoming: Incoming
    placeholder_ts: str | None
    answer: Answer | None
    withdrawn: bool = False
    stopped: bool = False
    asked_at: float = 0.0
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question somebody asked, and how it ended; `ts` is the message, None where only they see the answer, and `outcome`
    None where there is none yet.
    """

    text: str
    channel_id: str
    ts: str | None
    outcome: Outcome | None


IN_LINE = "in line for Slack"
"""Why a try ended that came too early: whatever it had posted was noted."""

State = Literal["accepted", "answered", "finished"]
Standing = Literal["wanted", "stopped", "lost"]


class Ledger:
    """Reads and writes the record. All methods raise DatabaseUnavailable; each is one transaction.

    With `team_id` (Slack's), what was asked in other workspaces cannot be asked for, nor counted, by whoever knows its id.
    """

    def __init__(self, engine: Engine, team_id: str | None = None) -> None:
        self._engine = engine
        self._own = questions.c.team_id == team_id if team_id else true()

    def accept(self, incoming: Incoming, answer: Answer | None = None) -> Accepted:
        """Write the question down, once, however often it is delivered.

        With `answer` (a hint, a "busy") there is nothing to work out: it only has to be posted.
        """
        question_id = uuid.uuid4().hex
        try:
            with transaction(self._engine) as connection:
                ahead = connection.execute(_count_unanswered(incoming.team_id)).scalar_one()
                connection.execute(
                    insert(questions).values(
                        _row(question_id, incoming, "answered" if answer else "accepted")
                    )
                )
                if answer is not None:
                    _store(connection, question_id, answer)
            return Accepted(question_id, new=True, ahead=ahead)
        except IntegrityError:
            return Accepted(self._known(incoming), new=False, ahead=0)

    def claim(self, question_id: str, *, lease_seconds: float) -> Claimed | None:
        """Take the question for `lease_seconds`; None when it is finished, held by another, or not to be tried yet."""
        owner = uuid.uuid4().hex
        with transaction(self._engine) as connection:
            claimed = connection.execute(
                update(questions)
                .where(questions.c.id == question_id, _free(), questions.c.not_before <= now())
                .values(
                    lease_owner=owner, lease_until=now() + lease_seconds, attempts=questions.c.attempts + 1
                )
                .returning(questions)
            ).one_or_none()
            if claimed is None:
                return None
            unsure = connection.execute(_count_unsure(question_id)).scalar_one() > 0
            connection.execute(
                insert(attempts).values(
                    question_id=question_id, number=claimed.attempts, owner=owner, started_at=now()
                )
            )
            stored = connection.execute(
                select(answers).where(answers.c.question_id == question_id)
            ).one_or_none()
        return Claimed(
            question_id=question_id,
            owner=owner,
            attempt=claimed.attempts,
            incoming=_incoming(claimed),
            placeholder_ts=claimed.placeholder_ts,
            answer=_answer(stored) if stored else None,
            withdrawn=claimed.withdrawn,
            stopped=claimed.stopped,
            asked_at=_asked_at(claimed),
            unsure=unsure,
        )

    def renew(self, claimed: Claimed, *, lease_seconds: float) -> bool:
        """Hold the question for `lease_seconds` from now; False when it is no longer ours. The fence before a post."""
        return self._write(claimed, lease_until=now() + lease_seconds)

    def remember_placeholder(self, claimed: Claimed, ts: str) -> bool:
        """Note the message that the answer will replace; False when the question is no longer ours."""
        return self._write(claimed, placeholder_ts=ts)

    def begin_answer(self, claimed: Claimed) -> int | None:
        """Note that an answer is being worked out; the how-manieth time. None when the question is no longer ours.

        A try that ends before (Slack did not take the placeholder) does not count: nothing was wrong with the question.
        """
        begun = _ours(claimed).values(answer_attempts=questions.c.answer_attempts + 1)
        with transaction(self._engine) as connection:
            count = connection.execute(begun.returning(questions.c.answer_attempts)).scalar_one_or_none()
            return None if count is None else int(count)

    def put_off_answer(self, claimed: Claimed) -> bool:
        """What was begun last does not count: it only came too early. False when the question is no longer ours."""
        return self._write(claimed, answer_attempts=questions.c.answer_attempts - 1)

    def store_answer(self, claimed: Claimed, answer: Answer) -> bool:
        """Store what will be posted, before it is posted; False when the question is no longer ours."""
        with transaction(self._engine) as connection:
            if connection.execute(_ours(claimed).values(state="answered")).rowcount != 1:
                return False
            _store(connection, claimed.question_id, answer)
        return True

    def finish(self, claimed: Claimed, ts: str | None = None) -> bool:
        """The final message is in the thread, with this ts, if it has one."""
        with transaction(self._engine) as connection:
            _end_attempt(connection, claimed, None)
            ended = _ours(claimed).values(
                state="finished",
                finished_at=now(),
                lease_owner=None,
                lease_until=None,
                placeholder_ts=func.coalesce(ts, questions.c.placeholder_ts),
                # Used up; that there was one still says that the answer was private.
                response_url=case((questions.c.response_url.is_(None), None), else_=""),
            )
            return connection.execute(ended).rowcount == 1

    def finish_silently(self, claimed: Claimed) -> bool:
        """Nothing is said; nothing is kept of what might have been."""
        with transaction(self._engine) as connection:
            _end_attempt(connection, claimed, None)
            ended = _ours(claimed).values(
                state="finished", finished_at=now(), lease_owner=None, lease_until=None
            )
            if connection.execute(ended).rowcount != 1:
                return False
            connection.execute(delete(answers).where(answers.c.question_id == claimed.question_id))
        return True

    def unasked_answers(self, team_id: str, channel_id: str) -> int:
        """How many answers to unasked questions of the last hour in a channel are stored: said, or about to be."""
        counted = (
            select(func.count())
            .select_from(questions.join(answers))
            .where(
                questions.c.team_id == team_id,
                questions.c.channel_id == channel_id,
                questions.c.unasked.is_(True),
                questions.c.accepted_at > now() - 3600,
            )
        )
        with transaction(self._engine) as connection:
            return int(connection.execute(counted).scalar_one())

    def release(self, claimed: Claimed, *, error: str, delay_seconds: float) -> bool:
        """Give the question back, to be tried again after `delay_seconds`; `error` names the fault, without content."""
        with transaction(self._engine) as connection:
            _end_attempt(connection, claimed, error)
            given_back = _ours(claimed).values(
                lease_owner=None, lease_until=None, not_before=now() + delay_seconds, enqueued_at=0
            )
            return connection.execute(given_back).rowcount == 1

    def due(self, *, quiet_seconds: float, limit: int) -> list[str]:
        """The ids of unfinished questions that nobody holds, oldest first, marked as enqueued now.

        Those enqueued within the last `quiet_seconds` are left to the queue.
        """
        waiting = (
            select(questions.c.id)
            .where(_free(), questions.c.not_before <= now(), questions.c.enqueued_at <= now() - quiet_seconds)
            .order_by(questions.c.accepted_at)
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            ids = list(connection.execute(waiting).scalars())
            connection.execute(update(questions).where(questions.c.id.in_(ids)).values(enqueued_at=now()))
        return ids

    def reword(self, team_id: str, channel_id: str, ts: str, text: str) -> str | None:
        """The message was edited: a question that is not finished is to be answered as it reads now. Its id if so, else None."""
        anew = {
            **_UNHELD,
            "state": "accepted",
            "text": text,
            "stopped": False,
            "answer_attempts": 0,
            "enqueued_at": now(),
        }
        with transaction(self._engine) as connection:
            reworded = (
                update(questions)
                .where(_message(team_id, channel_id, ts), questions.c.state != "finished")
                .where(questions.c.withdrawn.is_(False), questions.c.text != text)
                .values(anew)
                .returning(questions.c.id)
            )
            question_id = connection.execute(reworded).scalar_one_or_none()
            if question_id is not None:
                connection.execute(delete(answers).where(answers.c.question_id == question_id))
        return question_id

    def withdraw(self, team_id: str, channel_id: str, ts: str) -> str | None:
        """The message was deleted: no answer is to be left. The question's id; None where there is none, or it was withdrawn before."""
        gone = {**_UNHELD, "state": "answered", "withdrawn": True, "enqueued_at": now()}
        withdrawn = (
            update(questions)
            .where(_message(team_id, channel_id, ts), questions.c.withdrawn.is_(False))
            .values(gone)
            .returning(questions.c.id)
        )
        with transaction(self._engine) as connection:
            return connection.execute(withdrawn).scalar_one_or_none()

    def stop(self, team_id: str, channel_id: str, thread_ts: str) -> list[str]:
        """Somebody wants no more of what is written in this thread. The ids of the questions there that have no answer yet.

        Whoever lets a message grow ends it; a question of which nothing is to be seen yet is taken from its worker.
        """
        unanswered = (
            (questions.c.team_id == team_id) & (questions.c.channel_id == channel_id),
            (questions.c.thread_ts == thread_ts) & (questions.c.state == "accepted"),
        )
        taken = {**_UNHELD, "enqueued_at": now()}
        with transaction(self._engine) as connection:
            stopped = update(questions).where(*unanswered).values(stopped=True).returning(questions.c.id)
            ids = list(connection.execute(stopped).scalars())
            unseen = questions.c.id.in_(ids) & questions.c.placeholder_ts.is_(None)
            connection.execute(update(questions).where(unseen).values(taken))
        return ids

    def standing(self, claimed: Claimed) -> Standing:
        """Whether the question is still this attempt's to answer, and wanted."""
        held = select(questions.c.stopped).where(
            questions.c.id == claimed.question_id, questions.c.lease_owner == claimed.owner
        )
        with transaction(self._engine) as connection:
            stopped = connection.execute(held).scalar_one_or_none()
        return "lost" if stopped is None else "stopped" if stopped else "wanted"

    def knows_message(self, team_id: str, channel_id: str, ts: str) -> bool:
        """Whether the message is one in which a question is answered."""
        known = select(questions.c.id).where(
            questions.c.team_id == team_id,
            questions.c.channel_id == channel_id,
            questions.c.placeholder_ts == ts,
        )
        with transaction(self._engine) as connection:
            return connection.execute(known).first() is not None

    def is_withdrawn(self, question_id: str) -> bool:
        """Whether the question's message was deleted, or all that was kept of the question."""
        asked = select(questions.c.withdrawn).where(questions.c.id == question_id)
        with transaction(self._engine) as connection:
            withdrawn = connection.execute(asked).scalar_one_or_none()
        return withdrawn is not False

    def hand_on(self, question_id: str, user_id: str) -> Incoming | None:
        """Note that people are asked in our place. None where the question is somebody else's, or was handed on before."""
        handed_on = (
            update(questions)
            .where(questions.c.id == question_id, questions.c.user_id == user_id, self._own)
            .where(questions.c.asked_people_at.is_(None))
            .values(asked_people_at=now())
            .returning(questions)
        )
        with transaction(self._engine) as connection:
            row = connection.execute(handed_on).one_or_none()
        return _incoming(row) if row else None

    def take_back(self, question_id: str) -> None:
        """Nobody could be asked: it may be tried again."""
        with transaction(self._engine) as connection:
            connection.execute(
                update(questions).where(questions.c.id == question_id, self._own).values(asked_people_at=None)
            )

    def choose(self, question_id: str, user_id: str, place: int) -> Choice | None:
        """Note what the asker chose, the first time; the choice that stands. None where the question is somebody else's, was
        withdrawn, or offers no such thing.
        """
        of_asker = select(questions).where(
            questions.c.id == question_id,
            questions.c.user_id == user_id,
            questions.c.withdrawn.is_(False),
            self._own,
        )
        first = update(answers).where(answers.c.question_id == question_id, answers.c.chosen.is_(None))
        given = select(answers).where(answers.c.question_id == question_id)
        with transaction(self._engine) as connection:
            asked = connection.execute(of_asker).one_or_none()
            stored = connection.execute(given).one_or_none() if asked else None
            if asked is None or stored is None or not 0 <= place < len(stored.options or ()):
                return None
            connection.execute(first.values(chosen=place))
            stands = connection.execute(given).one()
        return Choice(_incoming(asked), _answer(stands), stands.chosen)

    def asked(self, question_id: str) -> Incoming | None:
        """The question with this id."""
        with transaction(self._engine) as connection:
            found = connection.execute(
                select(questions).where(questions.c.id == question_id, self._own)
            ).one_or_none()
        return _incoming(found) if found else None

    def kept(self, question_id: str) -> Incoming | None:
        """The question with this id; None where its message was deleted, or it was erased."""
        there = and_(questions.c.id == question_id, questions.c.withdrawn.is_(False), self._own)
        with transaction(self._engine) as connection:
            found = connection.execute(select(questions).where(there)).one_or_none()
        return _incoming(found) if found else None

    def answer(self, question_id: str, *, team_id: str, channel_id: str, user_id: str) -> Answer | None:
        """The answer that was given in this channel, in private to this person; None where there is none."""
        given = (
            select(answers)
            .select_from(answers.join(questions))
            .where(
                questions.c.id == question_id,
                questions.c.team_id == team_id,
                questions.c.channel_id == channel_id,
                questions.c.withdrawn.is_(False),
                or_(questions.c.response_url.is_(None), questions.c.user_id == user_id),
            )
        )
        with transaction(self._engine) as connection:
            row = connection.execute(given).one_or_none()
        return _answer(row) if row else None

    def latest(self, team_id: str, user_id: str, *, limit: int) -> list[Asked]:
        """What a person asked, the latest first."""
        found = (
            select(questions, answers.c.outcome)
            .select_from(questions.outerjoin(answers))
            .where(
                questions.c.team_id == team_id,
                questions.c.user_id == user_id,
                questions.c.thread_ts != "",  # shared: asked before
                questions.c.unasked.is_(False),
            )
            .order_by(questions.c.accepted_at.desc())
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            return [
                Asked(
                    row.text,
                    row.channel_id,
                    _place(_incoming(row)),
                    Outcome(row.outcome) if row.outcome else None,
                )
                for row in connection.execute(found)
            ]

    def counts(self) -> dict[str, int]:
        """How many questions are in each state."""
        counted = select(questions.c.state, func.count()).where(self._own).group_by(questions.c.state)
        with transaction(self._engine) as connection:
            return {str(row.state): int(row[1]) for row in connection.execute(counted)}

    def _known(self, incoming: Incoming) -> str:
        with transaction(self._engine) as connection:
            known = select(questions.c.id).where(_message(incoming.team_id, incoming.channel_id, incoming.ts))
            return str(connection.execute(known).scalar_one())

    def _write(self, claimed: Claimed, **values: Any) -> bool:
        with transaction(self._engine) as connection:
            return connection.execute(_ours(claimed).values(**values)).rowcount == 1


_UNHELD: dict[str, Any] = {"lease_owner": None, "lease_until": None, "not_before": 0}


def _message(team_id: str, channel_id: str, ts: str) -> Any:
    return and_(questions.c.team_id == team_id, questions.c.channel_id == channel_id, questions.c.ts == ts)


def _row(question_id: str, incoming: Incoming, state: State) -> dict[str, Any]:
    return {
        "id": question_id,
        "team_id": incoming.team_id,
        "channel_id": incoming.channel_id,
        "ts": incoming.ts,
        "thread_ts": incoming.thread_ts,
        "user_id": incoming.user_id,
        "text": incoming.text,
        "response_url": incoming.response_url,
        "unasked": incoming.unasked,
        "files": [[file.id, file.name] for file in incoming.files],
        "withdrawn": False,
        "stopped": False,
        "state": state,
        "attempts": 0,
        "answer_attempts": 0,
        "not_before": 0,
        "enqueued_at": now(),
        "accepted_at": now(),
    }


def _count_unanswered(team_id: str) -> Any:
    return select(func.count()).where(questions.c.team_id == team_id, questions.c.state == "accepted")


def _count_unsure(question_id: str) -> Any:
    """The tries that were cut short, or ended for another reason than that they came too early."""
    in_line = and_(attempts.c.error.is_not(None), attempts.c.error == IN_LINE)
    return select(func.count()).where(attempts.c.question_id == question_id, not_(in_line))


def _free() -> Any:
    """Unfinished, and held by nobody."""
    unheld = or_(questions.c.lease_until.is_(None), questions.c.lease_until < now())
    return and_(questions.c.state != "finished", unheld)


def _ours(claimed: Claimed) -> Any:
    """An update that happens only while the lease is this attempt's and has not run out."""
    return update(questions).where(
        questions.c.id == claimed.question_id,
        questions.c.lease_owner == claimed.owner,
        questions.c.lease_until >= now(),
    )


def _store(connection: Connection, question_id: str, answer: Answer) -> None:
    connection.execute(
        insert(answers).values(
            question_id=question_id,
            outcome=answer.outcome.value,
            text=answer.text,
            citations=[_citation_row(citation) for citation in answer.citations],
            confidence=answer.confidence,
            options=list(answer.options) or None,
            stored_at=now(),
        )
    )


def _end_attempt(connection: Connection, claimed: Claimed, error: str | None) -> None:
    connection.execute(
        update(attempts)
        .where(attempts.c.question_id == claimed.question_id, attempts.c.number == claimed.attempt)
        .values(ended_at=now(), error=error[:200] if error else None)
    )


def _asked_at(row: Row[Any]) -> float:
    """When the message was written; of what came without one, when it was accepted."""
    try:
        return float(row.ts)
    except ValueError:
        return float(row.accepted_at)


def _incoming(row: Row[Any]) -> Incoming:
    return Incoming(
        team_id=row.team_id,
        channel_id=row.channel_id,
        ts=row.ts,
        thread_ts=row.thread_ts,
        user_id=row.user_id,
        text=row.text,
        response_url=row.response_url,
        unasked=row.unasked,
        files=tuple(File(*file) for file in row.files),
    )


def _citation_row(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "document_id": citation.document_id,
        "title": citation.title,
        "heading_path": list(citation.heading_path),
        "url": citation.url,
        "updated_at": citation.updated_at.isoformat() if citation.updated_at else None,
        "author": citation.author,
        "quotes": list(citation.quotes),
        "also": [[link.title, link.url] for link in citation.also],
        "source_id": citation.source_id,
        "unread_since": citation.unread_since.isoformat() if citation.unread_since else None,
        "superseded": citation.superseded,
        "review_at": citation.review_at.isoformat() if citation.review_at else None,
    }


def _citation(row: dict[str, Any]) -> Citation:
    updated_at, unread_since, review_at = row["updated_at"], row.get("unread_since"), row.get("review_at")
    return Citation(
        number=row["number"],
        document_id=row["document_id"],
        title=row["title"],
        heading_path=tuple(row["heading_path"]),
        url=row["url"],
        updated_at=datetime.fromisoformat(updated_at) if updated_at else None,
        author=row["author"],
        quotes=tuple(row["quotes"]),
        also=tuple(Link(title, url) for title, url in row.get("also", ())),
        source_id=row.get("source_id", ""),
        unread_since=datetime.fromisoformat(unread_since) if unread_since else None,
        superseded=row.get("superseded", False),
        review_at=datetime.fromisoformat(review_at) if review_at else None,
    )


def _answer(row: Row[Any]) -> Answer:
    citations = tuple(_citation(citation) for citation in row.citations)
    return Answer(
        row.text,
        Outcome(row.outcome),
        citations,
        confidence=row.confidence,
        options=tuple(row.options or ()),
    )


def _place(incoming: Incoming) -> str | None:
    """Where a question can be read: its message, or else its thread."""
    if incoming.is_private:
        return None
    return incoming.ts if incoming.is_written else incoming.thread_ts
